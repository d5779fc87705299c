#include "clone.h"

#include "intrinsics.h"
#include "slots.h"

namespace molt {

void throw_clone_error(v8::Isolate* isolate, v8::Local<v8::String> message) {
  v8::Local<v8::Value> error = v8::Exception::Error(message);
  error.As<v8::Object>()
      ->DefineOwnProperty(isolate->GetCurrentContext(), literal(isolate, "name"), literal(isolate, "DataCloneError"),
                          v8::DontEnum)
      .Check();
  isolate->ThrowException(error);
}

void CloneWriter::ThrowDataCloneError(v8::Local<v8::String> message) { throw_clone_error(isolate_, message); }

v8::Maybe<uint32_t> CloneWriter::GetWasmModuleTransferId(v8::Isolate* isolate,
                                                         v8::Local<v8::WasmModuleObject> module) {
  if (modules_ == nullptr) {
    throw_clone_error(isolate, literal(isolate, "A WebAssembly.Module could not be cloned"));
    return v8::Nothing<uint32_t>();
  }
  modules_->push_back(module->GetCompiledModule());
  return v8::Just(static_cast<uint32_t>(modules_->size() - 1));
}

void CloneWriter::set_platform(v8::Local<v8::Function> clone_platform, PlatformClones* clones) {
  clone_platform_ = clone_platform;
  object_prototype_ = v8::Object::New(isolate_)->GetPrototypeV2();
  clones_ = clones;
}

bool CloneWriter::HasCustomHostObject(v8::Isolate*) { return clones_ != nullptr; }

v8::Maybe<bool> CloneWriter::IsHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) {
  if (object->InternalFieldCount() > 0) return v8::Just(true);
  // Nearly all objects are plain ones, which need no call into the guest runtime.
  const v8::Local<v8::Value> prototype = object->GetPrototypeV2();
  if (prototype->IsNull() || prototype == object_prototype_) return v8::Just(false);
  v8::Local<v8::Value> argument = object;
  v8::Local<v8::Value> clone;
  if (!clone_platform_->Call(isolate, isolate->GetCurrentContext(), v8::Undefined(isolate), 1, &argument).ToLocal(&clone)) {
    return v8::Nothing<bool>();
  }
  has_clone_ = clone->IsObject();
  if (has_clone_) clones_->emplace_back(isolate, clone.As<v8::Object>());
  return v8::Just(has_clone_);
}

v8::Maybe<bool> CloneWriter::WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object>) {
  if (!has_clone_) {
    throw_clone_error(isolate, literal(isolate, "An object could not be cloned"));
    return v8::Nothing<bool>();
  }
  has_clone_ = false;
  return v8::Just(true);
}

v8::MaybeLocal<v8::Object> CloneReader::ReadHostObject(v8::Isolate* isolate) {
  if (clones_ == nullptr || clones_read_ == clones_->size()) {
    throw_clone_error(isolate, literal(isolate, "An object could not be read"));
    return {};
  }
  return (*clones_)[clones_read_++].Get(isolate);
}

v8::MaybeLocal<v8::WasmModuleObject> CloneReader::GetWasmModuleFromId(v8::Isolate* isolate, uint32_t id) {
  if (modules_ == nullptr || id >= modules_->size()) {
    throw_clone_error(isolate, literal(isolate, "A WebAssembly.Module could not be read"));
    return {};
  }
  return v8::WasmModuleObject::FromCompiledModule(isolate, (*modules_)[id]);
}

namespace {

struct Free {
  void operator()(uint8_t* data) const { free(data); }
};

// structuredClone(value, transfer: ArrayBuffer[], clonePlatform: (object) => object | undefined): any
void structured_clone(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::LocalVector<v8::ArrayBuffer> transfer(isolate);
  if (!info[1]->IsUndefined()) {
    if (!info[1]->IsArray()) return throw_error(isolate, MOLT_TYPE_ERROR, "transfer must be an array");
    v8::Local<v8::Array> list = info[1].As<v8::Array>();
    for (uint32_t i = 0; i < list->Length(); i++) {
      v8::Local<v8::Value> item;
      if (!list->Get(context, i).ToLocal(&item)) return;
      bool usable = item->IsArrayBuffer() && item.As<v8::ArrayBuffer>()->IsDetachable() &&
                    !item.As<v8::ArrayBuffer>()->WasDetached();
      for (v8::Local<v8::ArrayBuffer> other : transfer) usable = usable && other != item;
      if (!usable) return throw_clone_error(isolate, literal(isolate, "An object could not be transferred"));
      transfer.push_back(item.As<v8::ArrayBuffer>());
    }
  }

  std::vector<v8::CompiledWasmModule> modules;
  CloneWriter writer(isolate, &modules);
  PlatformClones clones;
  if (info[2]->IsFunction()) writer.set_platform(info[2].As<v8::Function>(), &clones);
  v8::ValueSerializer serializer(isolate, &writer);
  for (uint32_t i = 0; i < transfer.size(); i++) serializer.TransferArrayBuffer(i, transfer[i]);
  serializer.WriteHeader();
  if (serializer.WriteValue(context, info[0]).IsNothing()) return;
  const auto [bytes, length] = serializer.Release();
  const std::unique_ptr<uint8_t, Free> owned(bytes);

  CloneReader reader(&modules, &clones);
  v8::ValueDeserializer deserializer(isolate, bytes, length, &reader);
  for (uint32_t i = 0; i < transfer.size(); i++) {
    std::shared_ptr<v8::BackingStore> store = transfer[i]->GetBackingStore();
    if (transfer[i]->Detach(v8::Local<v8::Value>()).IsNothing()) return;
    deserializer.TransferArrayBuffer(i, v8::ArrayBuffer::New(isolate, std::move(store)));
  }
  v8::Local<v8::Value> copy;
  if (deserializer.ReadHeader(context).IsNothing() || !deserializer.ReadValue(context).ToLocal(&copy)) return;
  info.GetReturnValue().Set(copy);
}

constexpr Intrinsic kIntrinsics[] = {{"structuredClone", structured_clone, 3}};

}  // namespace

std::span<const Intrinsic> clone_intrinsics() { return kIntrinsics; }

}  // namespace molt

int32_t molt_serialize(molt_context* context, molt_value* value, molt_blob* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  if (molt::foreign(context->owner, value)) return MOLT_INVALID;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  molt::Entry entry(context);
  molt::CloneWriter writer(entry.v8, nullptr);
  v8::ValueSerializer serializer(entry.v8, &writer);
  serializer.WriteHeader();
  if (serializer.WriteValue(entry.context, value->value.Get(entry.v8)).IsNothing()) return entry.fail();
  const auto [bytes, length] = serializer.Release();
  out->data = bytes;
  out->length = static_cast<int64_t>(length);
  return MOLT_OK;
}

int32_t molt_deserialize(molt_context* context, const uint8_t* data, int64_t length, molt_slot* out) {
  if (out == nullptr || data == nullptr || length < 0) return MOLT_INVALID;
  *out = {};
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  molt::Entry entry(context);
  molt::CloneReader reader(nullptr);
  v8::ValueDeserializer deserializer(entry.v8, data, static_cast<size_t>(length), &reader);
  v8::Local<v8::Value> value;
  if (deserializer.ReadHeader(entry.context).IsNothing() || !deserializer.ReadValue(entry.context).ToLocal(&value)) {
    return entry.fail();
  }
  molt::to_result(entry.isolate, value, out);
  return MOLT_OK;
}
