// Structured serialization (HTML, 2.7) by V8's serializer.
#ifndef MOLT_CLONE_H
#define MOLT_CLONE_H

#include "v8_headers.h"

namespace molt {

class CloneWriter final : public v8::ValueSerializer::Delegate {
 public:
  // modules: where compiled WebAssembly modules go; null = they cannot be cloned.
  CloneWriter(v8::Isolate* isolate, std::vector<v8::CompiledWasmModule>* modules)
      : isolate_(isolate), modules_(modules) {}

  void ThrowDataCloneError(v8::Local<v8::String> message) override;
  v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate* isolate, v8::Local<v8::WasmModuleObject> module) override;

 private:
  v8::Isolate* const isolate_;
  std::vector<v8::CompiledWasmModule>* const modules_;
};

class CloneReader final : public v8::ValueDeserializer::Delegate {
 public:
  explicit CloneReader(const std::vector<v8::CompiledWasmModule>* modules) : modules_(modules) {}

  v8::MaybeLocal<v8::WasmModuleObject> GetWasmModuleFromId(v8::Isolate* isolate, uint32_t id) override;

 private:
  const std::vector<v8::CompiledWasmModule>* const modules_;
};

// Throws an Error whose name is DataCloneError.
void throw_clone_error(v8::Isolate* isolate, v8::Local<v8::String> message);

}  // namespace molt

#endif
