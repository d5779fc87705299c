// The short way into an instance: integers in, one integer out.
#include "state.h"

using molt::check;
using molt::Entry;

int32_t molt_wasm_memory(molt_context* context, molt_value* memory, uint8_t** data, int64_t* length) {
  if (data == nullptr || length == nullptr) return MOLT_INVALID;
  *data = nullptr;
  *length = 0;
  int32_t status = check(context);
  if (status == MOLT_OK) status = check(memory);
  if (status != MOLT_OK) return status;
  if (context->owner != memory->owner) return MOLT_INVALID;
  // V8 makes the buffer of a memory that grew only now, in the context that asks.
  Entry entry(context);
  v8::Local<v8::Value> value = memory->value.Get(entry.v8);
  if (!value->IsWasmMemoryObject()) return MOLT_INVALID;
  v8::Local<v8::ArrayBuffer> buffer = value.As<v8::WasmMemoryObject>()->Buffer();
  *data = static_cast<uint8_t*>(buffer->Data());
  *length = static_cast<int64_t>(buffer->ByteLength());
  return MOLT_OK;
}

int32_t molt_wasm_invoke(molt_context* context, molt_value* function, const int32_t* args, int32_t count, int32_t* result) {
  constexpr int32_t kMost = 8;
  if (count < 0 || count > kMost || (count > 0 && args == nullptr) || result == nullptr) return MOLT_INVALID;
  *result = 0;
  int32_t status = check(context);
  if (status == MOLT_OK) status = check(function);
  if (status != MOLT_OK) return status;
  if (context->owner != function->owner) return MOLT_INVALID;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::Value> callee = function->value.Get(entry.v8);
  if (!callee->IsFunction()) return MOLT_INVALID;
  v8::Local<v8::Value> values[kMost];
  for (int32_t i = 0; i < count; i++) values[i] = v8::Integer::New(entry.v8, args[i]);
  v8::Local<v8::Value> value;
  if (!callee.As<v8::Function>()->Call(entry.v8, entry.context, v8::Undefined(entry.v8), count, values).ToLocal(&value)) {
    return entry.fail();
  }
  if (value->IsInt32()) {
    *result = value.As<v8::Int32>()->Value();
  } else if (!value->IsUndefined()) {
    return MOLT_INVALID;
  }
  return MOLT_OK;
}
