#include "intrinsics.h"

#include "slots.h"

namespace molt {

std::vector<Intrinsic> all_intrinsics() {
  std::vector<Intrinsic> all;
  for (const auto& group :
       {text_intrinsics(), url_intrinsics(), clone_intrinsics(), code_intrinsics(), inspect_intrinsics(), stack_intrinsics()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

bool writable_bytes(v8::Local<v8::Value> value, Bytes* out) {
  if (value->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    *out = {static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset(), view->ByteLength()};
    return true;
  }
  if (value->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
    *out = {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()};
    return true;
  }
  return false;
}

namespace {

// asyncGet and asyncSet are V8's own builtins: no call leaves JavaScript.
bool add_async_context(v8::Local<v8::Context> context, v8::Local<v8::Object> target) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Object> extras = context->GetExtrasBindingObject();
  constexpr std::pair<const char*, const char*> kNames[] = {{"asyncGet", "getContinuationPreservedEmbedderData"},
                                                            {"asyncSet", "setContinuationPreservedEmbedderData"}};
  for (const auto& [name, builtin] : kNames) {
    v8::Local<v8::Value> function;
    if (!extras->Get(context, literal(isolate, builtin)).ToLocal(&function) ||
        target->CreateDataProperty(context, literal(isolate, name), function).IsNothing()) {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace molt

int32_t molt_intrinsics(molt_context* context, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  molt::Entry entry(context);
  v8::Local<v8::Object> object = v8::Object::New(entry.v8);
  for (const molt::Intrinsic& intrinsic : molt::all_intrinsics()) {
    v8::Local<v8::String> name = molt::literal(entry.v8, intrinsic.name);
    v8::Local<v8::Function> function;
    if (!v8::Function::New(entry.context, intrinsic.callback, {}, intrinsic.length, v8::ConstructorBehavior::kThrow)
             .ToLocal(&function)) {
      return entry.fail();
    }
    function->SetName(name);
    if (object->CreateDataProperty(entry.context, name, function).IsNothing()) return entry.fail();
  }
  if (!molt::add_async_context(entry.context, object)) return entry.fail();
  *out = molt::new_value(entry.isolate, object);
  return MOLT_OK;
}
