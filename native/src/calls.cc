// Calls in both directions. call_host is the hottest function of the library: no allocation but for
// many arguments.
#include "calls.h"

#include "lifetime.h"
#include "slots.h"

struct molt_call {
  molt_isolate* isolate;
  const v8::FunctionCallbackInfo<v8::Value>* info;
};

struct molt_buffer {
  std::shared_ptr<v8::BackingStore> store;
};

namespace molt {
namespace {

std::atomic<int64_t> buffers{0};

constexpr int kInlineArguments = 16;

// V8 keeps typed arrays up to this size inside its heap, where they move; they are copied out.
constexpr size_t kOnHeapBytes = 64;

struct Scratch {
  uint8_t bytes[kOnHeapBytes];
};

void describe(v8::Local<v8::Value> value, Scratch* scratch, molt_slot* out) {
  if (to_primitive(value, out)) return;
  if (value->IsString()) {
    v8::Local<v8::String> text = value.As<v8::String>();
    out->kind = MOLT_STRING;
    out->length = text->Length();
    out->flags = text->IsOneByte() ? 1 : 0;
  } else if (value->IsArrayBufferView()) {
    const v8::MemorySpan<uint8_t> contents =
        value.As<v8::ArrayBufferView>()->GetContents(v8::MemorySpan<uint8_t>(scratch->bytes, kOnHeapBytes));
    out->kind = MOLT_BYTES;
    out->data = contents.data();
    out->length = static_cast<int64_t>(contents.size());
  } else if (value->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
    out->kind = MOLT_BYTES;
    out->data = buffer->Data();
    out->length = static_cast<int64_t>(buffer->ByteLength());
  } else {
    out->kind = MOLT_OBJECT;
  }
}

void set_result(molt_isolate* isolate, const molt_slot& slot, v8::ReturnValue<v8::Value> result) {
  switch (slot.kind) {
    case MOLT_UNDEFINED:
      return;
    case MOLT_BOOL:
      return result.Set(slot.number != 0);
    case MOLT_INT32:
      return result.Set(static_cast<int32_t>(slot.number));
    case MOLT_NUMBER:
      return result.Set(slot.number);
    case MOLT_NULL:
      return result.SetNull();
    default:
      if (v8::Local<v8::Value> value = to_value(isolate, slot); !value.IsEmpty()) result.Set(value);
  }
}

v8::Local<v8::Value> argument(molt_call* call, int32_t index) {
  if (call == nullptr || index < 0 || index >= call->info->Length()) return {};
  return (*call->info)[index];
}

v8::Local<v8::String> text_argument(molt_call* call, int32_t index) {
  v8::Local<v8::Value> value = argument(call, index);
  return !value.IsEmpty() && value->IsString() ? value.As<v8::String>() : v8::Local<v8::String>();
}

void schedule(molt_isolate* isolate, v8::Local<v8::Value> value) { isolate->scheduled.Reset(isolate->v8, value); }

v8::Local<v8::Function> function_of(const Entry& entry, molt_value* handle) {
  if (foreign(entry.isolate, handle)) return {};
  v8::Local<v8::Value> value = handle->value.Get(entry.v8);
  return value->IsFunction() ? value.As<v8::Function>() : v8::Local<v8::Function>();
}

// Whether a call from the host may begin; the arguments of one that may not are discarded.
int32_t begin_call(molt_context* context, const molt_slot* args, int32_t count, molt_slot* result) {
  if (result != nullptr) *result = {};
  int32_t status = count < 0 || (count > 0 && args == nullptr) ? MOLT_INVALID : check(context);
  if (status == MOLT_OK && context->owner->terminating.load(std::memory_order_relaxed)) status = MOLT_TERMINATED;
  if (status != MOLT_OK) discard(args, count);
  return status;
}

}  // namespace

int64_t live_buffers() { return buffers.load(std::memory_order_relaxed); }

bool rethrow_scheduled(molt_isolate* isolate) {
  const bool thrown = !isolate->scheduled.IsEmpty();
  if (thrown) {
    v8::Local<v8::Value> value = isolate->scheduled.Get(isolate->v8);
    isolate->scheduled.Reset();
    isolate->v8->ThrowException(value);
  }
  // A try-catch of a nested call swallows a termination; the frames below must still end.
  if (isolate->terminating.load(std::memory_order_relaxed)) isolate->v8->TerminateExecution();
  return thrown;
}

bool rethrow(molt_isolate* isolate) {
  return rethrow_scheduled(isolate) || isolate->terminating.load(std::memory_order_relaxed);
}

void call_host(const v8::FunctionCallbackInfo<v8::Value>& info) {
  molt_isolate* isolate = molt_isolate::of(info.GetIsolate());
  const molt_host* table = host();
  if (table == nullptr) return throw_error(info.GetIsolate(), MOLT_ERROR, "The host is gone");

  const int count = info.Length();
  molt_slot few[kInlineArguments];
  Scratch few_scratch[kInlineArguments];
  std::unique_ptr<molt_slot[]> many;
  std::unique_ptr<Scratch[]> many_scratch;
  molt_slot* slots = few;
  Scratch* scratch = few_scratch;
  if (count > kInlineArguments) {
    many = std::make_unique<molt_slot[]>(static_cast<size_t>(count));
    many_scratch = std::make_unique<Scratch[]>(static_cast<size_t>(count));
    slots = many.get();
    scratch = many_scratch.get();
  }
  for (int i = 0; i < count; i++) describe(info[i], &scratch[i], &slots[i]);

  molt_call call{isolate, &info};
  molt_slot result{};
  table->call(isolate->cookie, info.Data().As<v8::Int32>()->Value(), &call, slots, count, &result);
  if (rethrow(isolate)) return discard(&result, 1);
  set_result(isolate, result, info.GetReturnValue());
}

}  // namespace molt

using molt::check;
using molt::Entry;

int32_t molt_function_call(molt_context* context, molt_value* function, molt_value* receiver, const molt_slot* args,
                           int32_t count, molt_slot* result) {
  if (int32_t status = molt::begin_call(context, args, count, result); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::Function> callee = molt::function_of(entry, function);
  if (callee.IsEmpty() || (receiver != nullptr && molt::foreign(entry.isolate, receiver))) {
    molt::discard(args, count);
    return MOLT_INVALID;
  }
  v8::Local<v8::Value> self = v8::Undefined(entry.v8);
  if (receiver != nullptr) self = receiver->value.Get(entry.v8);
  molt::Arguments arguments(entry.v8);
  v8::Local<v8::Value> value;
  if (!arguments.decode(entry.isolate, args, count) ||
      !callee->Call(entry.v8, entry.context, self, arguments.size(), arguments.data()).ToLocal(&value)) {
    return entry.fail();
  }
  if (result != nullptr) molt::to_result(entry.isolate, value, result);
  return MOLT_OK;
}

int32_t molt_function_construct(molt_context* context, molt_value* function, const molt_slot* args, int32_t count,
                                molt_slot* result) {
  if (int32_t status = molt::begin_call(context, args, count, result); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::Function> callee = molt::function_of(entry, function);
  if (callee.IsEmpty()) {
    molt::discard(args, count);
    return MOLT_INVALID;
  }
  molt::Arguments arguments(entry.v8);
  v8::Local<v8::Object> value;
  if (!arguments.decode(entry.isolate, args, count) ||
      !callee->NewInstance(entry.context, arguments.size(), arguments.data()).ToLocal(&value)) {
    return entry.fail();
  }
  if (result != nullptr) molt::to_result(entry.isolate, value, result);
  return MOLT_OK;
}

int32_t molt_host_function(molt_context* context, int32_t id, const molt_slot* name, int32_t length, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::String> label = molt::to_string(entry.isolate, name);
  v8::Local<v8::Function> function;
  if (label.IsEmpty() || !v8::Function::New(entry.context, molt::call_host, v8::Int32::New(entry.v8, id),
                                            length < 0 ? 0 : length, v8::ConstructorBehavior::kThrow)
                              .ToLocal(&function)) {
    return entry.fail();
  }
  function->SetName(label);
  *out = molt::new_value(entry.isolate, function);
  return MOLT_OK;
}

int64_t molt_call_string_latin1(molt_call* call, int32_t index, uint8_t* data, int64_t capacity) {
  v8::Local<v8::String> text = molt::text_argument(call, index);
  if (text.IsEmpty() || data == nullptr || capacity <= 0) return 0;
  const int64_t length = capacity < text->Length() ? capacity : text->Length();
  text->WriteOneByteV2(call->isolate->v8, 0, static_cast<uint32_t>(length), data);
  return length;
}

int64_t molt_call_string_utf16(molt_call* call, int32_t index, uint16_t* data, int64_t capacity) {
  v8::Local<v8::String> text = molt::text_argument(call, index);
  if (text.IsEmpty() || data == nullptr || capacity <= 0) return 0;
  const int64_t length = capacity < text->Length() ? capacity : text->Length();
  text->WriteV2(call->isolate->v8, 0, static_cast<uint32_t>(length), data);
  return length;
}

int64_t molt_call_string_utf8_length(molt_call* call, int32_t index) {
  v8::Local<v8::String> text = molt::text_argument(call, index);
  return text.IsEmpty() ? 0 : static_cast<int64_t>(text->Utf8LengthV2(call->isolate->v8));
}

int64_t molt_call_string_utf8(molt_call* call, int32_t index, uint8_t* data, int64_t capacity) {
  v8::Local<v8::String> text = molt::text_argument(call, index);
  if (text.IsEmpty() || data == nullptr || capacity <= 0) return 0;
  return static_cast<int64_t>(text->WriteUtf8V2(call->isolate->v8, reinterpret_cast<char*>(data),
                                                static_cast<size_t>(capacity),
                                                v8::String::WriteFlags::kReplaceInvalidUtf8));
}

molt_value* molt_call_handle(molt_call* call, int32_t index) {
  v8::Local<v8::Value> value = molt::argument(call, index);
  return value.IsEmpty() ? nullptr : molt::new_value(call->isolate, value);
}

molt_buffer* molt_call_buffer(molt_call* call, int32_t index, const void** data, int64_t* length) {
  v8::Local<v8::Value> value = molt::argument(call, index);
  if (value.IsEmpty() || data == nullptr || length == nullptr) return nullptr;
  size_t offset = 0;
  size_t size = 0;
  v8::Local<v8::ArrayBuffer> buffer;
  if (value->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    buffer = view->Buffer();
    offset = view->ByteOffset();
    size = view->ByteLength();
  } else if (value->IsArrayBuffer()) {
    buffer = value.As<v8::ArrayBuffer>();
    size = buffer->ByteLength();
  } else {
    return nullptr;
  }
  auto* retained = new molt_buffer{buffer->GetBackingStore()};
  molt::buffers.fetch_add(1, std::memory_order_relaxed);
  *data = size == 0 ? nullptr : static_cast<const uint8_t*>(retained->store->Data()) + offset;
  *length = static_cast<int64_t>(size);
  return retained;
}

void molt_buffer_release(molt_buffer* buffer) {
  if (buffer == nullptr) return;
  delete buffer;
  molt::buffers.fetch_sub(1, std::memory_order_relaxed);
}

void molt_throw(molt_isolate* isolate, int32_t error_kind, const molt_slot* message) {
  if (check(isolate) != MOLT_OK || !isolate->v8->InContext()) return;
  v8::HandleScope handles(isolate->v8);
  v8::TryCatch try_catch(isolate->v8);
  v8::Local<v8::String> text = molt::to_string(isolate, message);
  molt::schedule(isolate, text.IsEmpty() ? try_catch.Exception() : molt::make_error(isolate->v8, error_kind, text));
}

void molt_throw_value(molt_isolate* isolate, const molt_slot* value) {
  if (value == nullptr || check(isolate) != MOLT_OK || !isolate->v8->InContext()) return molt::discard(value, 1);
  v8::HandleScope handles(isolate->v8);
  v8::TryCatch try_catch(isolate->v8);
  v8::Local<v8::Value> thrown = molt::to_value(isolate, *value);
  molt::schedule(isolate, thrown.IsEmpty() ? try_catch.Exception() : thrown);
}
