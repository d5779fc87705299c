#include "slots.h"

namespace molt {
namespace {

v8::Local<v8::Value> refuse(molt_isolate* isolate, int32_t kind, std::string_view message) {
  throw_error(isolate->v8, kind, message);
  return {};
}

template <typename Create>
v8::Local<v8::Value> text(molt_isolate* isolate, const molt_slot& slot, Create create) {
  if (slot.length == 0) return v8::String::Empty(isolate->v8);
  v8::Local<v8::String> string;
  if (slot.data == nullptr || slot.length < 0 || slot.length > INT32_MAX ||
      !create(static_cast<int>(slot.length)).ToLocal(&string)) {
    return refuse(isolate, MOLT_RANGE_ERROR, "Invalid string length");
  }
  return string;
}

v8::Local<v8::Value> copied_bytes(molt_isolate* isolate, const molt_slot& slot) {
  const auto length = static_cast<size_t>(slot.length);
  if (slot.length < 0 || (slot.data == nullptr && length != 0)) {
    return refuse(isolate, MOLT_RANGE_ERROR, "Invalid array buffer length");
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate->v8, length, v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    return refuse(isolate, MOLT_RANGE_ERROR, "Array buffer allocation failed");
  }
  if (length != 0) memcpy(buffer->Data(), slot.data, length);
  return v8::Uint8Array::New(buffer, 0, length);
}

void give_back(int64_t cookie) {
  if (const molt_host* table = host()) table->buffer_released(cookie);
}

v8::Local<v8::Value> adopted_bytes(molt_isolate* isolate, const molt_slot& slot) {
  if (slot.length <= 0 || slot.data == nullptr) {
    // V8 calls no deleter for empty memory.
    give_back(slot.cookie);
    if (slot.length != 0) return refuse(isolate, MOLT_RANGE_ERROR, "Invalid array buffer length");
    return v8::Uint8Array::New(v8::ArrayBuffer::New(isolate->v8, 0), 0, 0);
  }
  const auto length = static_cast<size_t>(slot.length);
  auto store = v8::ArrayBuffer::NewBackingStore(
      const_cast<void*>(slot.data), length,
      [](void*, size_t, void* cookie) { give_back(static_cast<int64_t>(reinterpret_cast<intptr_t>(cookie))); },
      reinterpret_cast<void*>(static_cast<intptr_t>(slot.cookie)));
  return v8::Uint8Array::New(v8::ArrayBuffer::New(isolate->v8, std::move(store)), 0, length);
}

// The host's memory as a string; V8 disposes of it with its last string over it.
class AdoptedText final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit AdoptedText(const molt_slot& slot)
      : data_(static_cast<const char*>(slot.data)), length_(static_cast<size_t>(slot.length)), cookie_(slot.cookie) {}
  ~AdoptedText() override { give_back(cookie_); }

  const char* data() const override { return data_; }
  size_t length() const override { return length_; }

 private:
  const char* const data_;
  const size_t length_;
  const int64_t cookie_;
};

v8::Local<v8::Value> adopted_text(molt_isolate* isolate, const molt_slot& slot) {
  if (slot.length <= 0 || slot.data == nullptr || slot.length > v8::String::kMaxLength) {
    give_back(slot.cookie);
    if (slot.length != 0) return refuse(isolate, MOLT_RANGE_ERROR, "Invalid string length");
    return v8::String::Empty(isolate->v8);
  }
  auto* resource = new AdoptedText(slot);
  v8::Local<v8::String> string;
  if (v8::String::NewExternalOneByte(isolate->v8, resource).ToLocal(&string)) return string;
  delete resource;
  return {};
}

}  // namespace

v8::Local<v8::Value> to_value(molt_isolate* isolate, const molt_slot& slot) {
  v8::Isolate* v8 = isolate->v8;
  constexpr auto kNormal = v8::NewStringType::kNormal;
  switch (slot.kind) {
    case MOLT_UNDEFINED:
      return v8::Undefined(v8);
    case MOLT_NULL:
      return v8::Null(v8);
    case MOLT_BOOL:
      return v8::Boolean::New(v8, slot.number != 0);
    case MOLT_INT32:
      return v8::Int32::New(v8, static_cast<int32_t>(slot.number));
    case MOLT_NUMBER:
      return v8::Number::New(v8, slot.number);
    case MOLT_BIGINT:
      return v8::BigInt::New(v8, slot.integer);
    case MOLT_LATIN1:
      return text(isolate, slot, [&](int length) {
        return v8::String::NewFromOneByte(v8, static_cast<const uint8_t*>(slot.data), kNormal, length);
      });
    case MOLT_UTF16:
      return text(isolate, slot, [&](int length) {
        return v8::String::NewFromTwoByte(v8, static_cast<const uint16_t*>(slot.data), kNormal, length);
      });
    case MOLT_UTF8:
      return text(isolate, slot, [&](int length) {
        return v8::String::NewFromUtf8(v8, static_cast<const char*>(slot.data), kNormal, length);
      });
    case MOLT_BYTES:
      return copied_bytes(isolate, slot);
    case MOLT_ADOPT:
      return adopted_bytes(isolate, slot);
    case MOLT_ADOPT_LATIN1:
      return adopted_text(isolate, slot);
    case MOLT_HANDLE:
      if (foreign(isolate, slot.value)) return refuse(isolate, MOLT_TYPE_ERROR, "The handle is not of this isolate");
      return slot.value->value.Get(v8);
    default:
      return refuse(isolate, MOLT_TYPE_ERROR, "Unknown kind of value");
  }
}

v8::Local<v8::String> to_string(molt_isolate* isolate, const molt_slot* slot) {
  if (slot == nullptr) return v8::String::Empty(isolate->v8);
  v8::Local<v8::Value> value = to_value(isolate, *slot);
  if (value.IsEmpty()) return {};
  if (!value->IsString()) {
    throw_error(isolate->v8, MOLT_TYPE_ERROR, "A string is expected");
    return {};
  }
  return value.As<v8::String>();
}

bool to_primitive(v8::Local<v8::Value> value, molt_slot* out) {
  *out = {};
  if (value->IsUndefined()) {
    out->kind = MOLT_UNDEFINED;
  } else if (value->IsInt32()) {
    out->kind = MOLT_INT32;
    out->number = value.As<v8::Int32>()->Value();
  } else if (value->IsNumber()) {
    out->kind = MOLT_NUMBER;
    out->number = value.As<v8::Number>()->Value();
  } else if (value->IsBoolean()) {
    out->kind = MOLT_BOOL;
    out->number = value->IsTrue() ? 1 : 0;
  } else if (value->IsNull()) {
    out->kind = MOLT_NULL;
  } else if (value->IsBigInt()) {
    out->kind = MOLT_BIGINT;
    out->integer = value.As<v8::BigInt>()->Int64Value();
  } else {
    return false;
  }
  return true;
}

void to_result(molt_isolate* isolate, v8::Local<v8::Value> value, molt_slot* out) {
  if (to_primitive(value, out)) return;
  out->kind = MOLT_HANDLE;
  out->value = new_value(isolate, value);
}

void discard(const molt_slot* slots, int32_t count) {
  for (int32_t i = 0; slots != nullptr && i < count; i++) {
    if (slots[i].kind == MOLT_ADOPT || slots[i].kind == MOLT_ADOPT_LATIN1) give_back(slots[i].cookie);
  }
}

bool Arguments::decode(molt_isolate* isolate, const molt_slot* slots, int32_t count) {
  count_ = count;
  if (count > kInline) many_.resize(static_cast<size_t>(count));
  v8::Local<v8::Value>* values = data();
  for (int32_t i = 0; i < count; i++) {
    values[i] = to_value(isolate, slots[i]);
    if (!values[i].IsEmpty()) continue;
    discard(slots + i + 1, count - i - 1);
    return false;
  }
  return true;
}

}  // namespace molt
