// Structured serialization (HTML, 2.7) by V8's serializer.
#ifndef MOLT_CLONE_H
#define MOLT_CLONE_H

#include "v8_headers.h"

namespace molt {

// Clones of platform objects, which are made while the value is written, in the order in which they are read.
using PlatformClones = std::vector<v8::Global<v8::Object>>;

class CloneWriter final : public v8::ValueSerializer::Delegate {
 public:
  // modules: where compiled WebAssembly modules go; null = they cannot be cloned.
  CloneWriter(v8::Isolate* isolate, std::vector<v8::CompiledWasmModule>* modules)
      : isolate_(isolate), modules_(modules) {}

  // clone_platform(object) returns the clone of an object of the web platform, undefined for any other, or throws.
  void set_platform(v8::Local<v8::Function> clone_platform, PlatformClones* clones);

  void ThrowDataCloneError(v8::Local<v8::String> message) override;
  v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate* isolate, v8::Local<v8::WasmModuleObject> module) override;
  bool HasCustomHostObject(v8::Isolate* isolate) override;
  v8::Maybe<bool> IsHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override;
  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override;

 private:
  v8::Isolate* const isolate_;
  std::vector<v8::CompiledWasmModule>* const modules_;
  v8::Local<v8::Function> clone_platform_;
  v8::Local<v8::Value> object_prototype_;
  PlatformClones* clones_ = nullptr;
  // The newest of clones_ was not written yet.
  bool has_clone_ = false;
};

class CloneReader final : public v8::ValueDeserializer::Delegate {
 public:
  explicit CloneReader(const std::vector<v8::CompiledWasmModule>* modules, const PlatformClones* clones = nullptr)
      : modules_(modules), clones_(clones) {}

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override;
  v8::MaybeLocal<v8::WasmModuleObject> GetWasmModuleFromId(v8::Isolate* isolate, uint32_t id) override;

 private:
  const std::vector<v8::CompiledWasmModule>* const modules_;
  const PlatformClones* const clones_;
  size_t clones_read_ = 0;
};

// Throws an Error whose name is DataCloneError.
void throw_clone_error(v8::Isolate* isolate, v8::Local<v8::String> message);

}  // namespace molt

#endif
