#include "slots.h"

namespace molt {
namespace {

// Property names repeat, so they go into V8's table of unique strings, where look-ups are pointer comparisons.
v8::Local<v8::Value> to_key(molt_isolate* isolate, const molt_slot* slot) {
  if (slot->kind == MOLT_LATIN1 && slot->length > 0 && slot->length <= 256 && slot->data != nullptr) {
    return v8::String::NewFromOneByte(isolate->v8, static_cast<const uint8_t*>(slot->data),
                                      v8::NewStringType::kInternalized, static_cast<int>(slot->length))
        .ToLocalChecked();
  }
  return to_value(isolate, *slot);
}

int32_t type_of(v8::Local<v8::Value> value) {
  if (value->IsUndefined()) return MOLT_T_UNDEFINED;
  if (value->IsNull()) return MOLT_T_NULL;
  if (value->IsBoolean()) return MOLT_T_BOOLEAN;
  if (value->IsNumber()) return MOLT_T_NUMBER;
  if (value->IsBigInt()) return MOLT_T_BIGINT;
  if (value->IsString()) return MOLT_T_STRING;
  if (value->IsSymbol()) return MOLT_T_SYMBOL;
  if (value->IsFunction()) return MOLT_T_FUNCTION;
  if (value->IsArray()) return MOLT_T_ARRAY;
  if (value->IsPromise()) return MOLT_T_PROMISE;
  if (value->IsArrayBuffer()) return MOLT_T_ARRAY_BUFFER;
  if (value->IsArrayBufferView()) return MOLT_T_ARRAY_BUFFER_VIEW;
  if (value->IsNativeError()) return MOLT_T_ERROR;
  if (value->IsDate()) return MOLT_T_DATE;
  if (value->IsMap()) return MOLT_T_MAP;
  if (value->IsSet()) return MOLT_T_SET;
  if (value->IsWasmModuleObject()) return MOLT_T_WASM_MODULE;
  if (value->IsModuleNamespaceObject()) return MOLT_T_NAMESPACE;
  return MOLT_T_OBJECT;
}

// A handle of the context's isolate that holds an object, else empty.
v8::Local<v8::Object> object_of(const Entry& entry, molt_value* handle) {
  if (foreign(entry.isolate, handle)) return {};
  v8::Local<v8::Value> value = handle->value.Get(entry.v8);
  return value->IsObject() ? value.As<v8::Object>() : v8::Local<v8::Object>();
}

}  // namespace
}  // namespace molt

using molt::check;
using molt::Entry;

int32_t molt_value_from(molt_context* context, const molt_slot* slot, molt_value** out) {
  if (out != nullptr) *out = nullptr;
  if (int32_t status = out == nullptr || slot == nullptr ? MOLT_INVALID : check(context); status != MOLT_OK) {
    molt::discard(slot, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::Value> value = molt::to_value(entry.isolate, *slot);
  if (value.IsEmpty()) return entry.fail();
  *out = molt::new_value(entry.isolate, value);
  return MOLT_OK;
}

int32_t molt_value_read(molt_value* value, molt_slot* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(value); status != MOLT_OK) return status;
  v8::HandleScope handles(value->owner->v8);
  v8::Local<v8::Value> local = value->value.Get(value->owner->v8);
  if (molt::to_primitive(local, out)) return MOLT_OK;
  if (local->IsString()) {
    v8::Local<v8::String> text = local.As<v8::String>();
    out->kind = MOLT_STRING;
    out->length = text->Length();
    out->flags = text->IsOneByte() ? 1 : 0;
  } else if (local->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = local.As<v8::ArrayBufferView>();
    out->kind = MOLT_BYTES;
    // Asking for the buffer moves small contents off V8's heap, to an address that stays.
    out->data = static_cast<uint8_t*>(view->Buffer()->Data()) + view->ByteOffset();
    out->length = static_cast<int64_t>(view->ByteLength());
  } else if (local->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = local.As<v8::ArrayBuffer>();
    out->kind = MOLT_BYTES;
    out->data = buffer->Data();
    out->length = static_cast<int64_t>(buffer->ByteLength());
  } else {
    out->kind = MOLT_OBJECT;
  }
  return MOLT_OK;
}

int32_t molt_value_typeof(molt_value* value) {
  if (check(value) != MOLT_OK) return MOLT_T_UNDEFINED;
  v8::HandleScope handles(value->owner->v8);
  return molt::type_of(value->value.Get(value->owner->v8));
}

int64_t molt_value_string(molt_value* value, uint16_t* data, int64_t capacity) {
  if (check(value) != MOLT_OK) return -1;
  v8::Isolate* v8 = value->owner->v8;
  v8::HandleScope handles(v8);
  v8::Local<v8::Value> local = value->value.Get(v8);
  if (!local->IsString()) return -1;
  v8::Local<v8::String> text = local.As<v8::String>();
  const int64_t length = text->Length();
  if (data != nullptr && capacity > 0) {
    text->WriteV2(v8, 0, static_cast<uint32_t>(capacity < length ? capacity : length), data);
  }
  return length;
}

int32_t molt_value_to_string(molt_context* context, molt_value* value, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  if (molt::foreign(context->owner, value)) return MOLT_INVALID;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::String> text;
  if (!value->value.Get(entry.v8)->ToString(entry.context).ToLocal(&text)) return entry.fail();
  *out = molt::new_value(entry.isolate, text);
  return MOLT_OK;
}

int32_t molt_value_strict_equals(molt_value* a, molt_value* b) {
  if (check(a) != MOLT_OK || molt::foreign(a->owner, b)) return 0;
  v8::HandleScope handles(a->owner->v8);
  return a->value.Get(a->owner->v8)->StrictEquals(b->value.Get(b->owner->v8)) ? 1 : 0;
}

int32_t molt_object_new(molt_context* context, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  *out = molt::new_value(entry.isolate, v8::Object::New(entry.v8));
  return MOLT_OK;
}

int32_t molt_object_get(molt_context* context, molt_value* object, const molt_slot* key, molt_slot* out) {
  if (out == nullptr || key == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(context); status != MOLT_OK) return status;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::Object> target = molt::object_of(entry, object);
  if (target.IsEmpty()) return MOLT_INVALID;
  v8::Local<v8::Value> name = molt::to_key(entry.isolate, key);
  v8::Local<v8::Value> value;
  if (name.IsEmpty() || !target->Get(entry.context, name).ToLocal(&value)) return entry.fail();
  molt::to_result(entry.isolate, value, out);
  return MOLT_OK;
}

int32_t molt_object_set(molt_context* context, molt_value* object, const molt_slot* key, const molt_slot* value) {
  int32_t status = key == nullptr || value == nullptr ? MOLT_INVALID : check(context);
  if (status == MOLT_OK && context->owner->terminating.load(std::memory_order_relaxed)) status = MOLT_TERMINATED;
  if (status != MOLT_OK) {
    molt::discard(value, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::Object> target = molt::object_of(entry, object);
  if (target.IsEmpty()) {
    molt::discard(value, 1);
    return MOLT_INVALID;
  }
  v8::Local<v8::Value> content = molt::to_value(entry.isolate, *value);
  if (content.IsEmpty()) return entry.fail();
  v8::Local<v8::Value> name = molt::to_key(entry.isolate, key);
  if (name.IsEmpty() || target->Set(entry.context, name, content).IsNothing()) return entry.fail();
  return MOLT_OK;
}

int32_t molt_object_keys(molt_context* context, molt_value* object, molt_slot* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(context); status != MOLT_OK) return status;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::Object> target = molt::object_of(entry, object);
  if (target.IsEmpty()) return MOLT_INVALID;
  v8::Local<v8::Array> keys;
  constexpr auto kFilter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
  if (!target->GetOwnPropertyNames(entry.context, kFilter, v8::KeyConversionMode::kConvertToString).ToLocal(&keys)) {
    return entry.fail();
  }
  molt::to_result(entry.isolate, keys, out);
  return MOLT_OK;
}

int32_t molt_json_parse(molt_context* context, const molt_slot* text, molt_slot* out) {
  if (out != nullptr) *out = {};
  if (int32_t status = out == nullptr || text == nullptr ? MOLT_INVALID : check(context); status != MOLT_OK) {
    molt::discard(text, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::String> source = molt::to_string(entry.isolate, text);
  v8::Local<v8::Value> value;
  if (source.IsEmpty() || !v8::JSON::Parse(entry.context, source).ToLocal(&value)) return entry.fail();
  molt::to_result(entry.isolate, value, out);
  return MOLT_OK;
}

int32_t molt_json_stringify(molt_context* context, const molt_slot* value, molt_slot* out) {
  if (out != nullptr) *out = {};
  int32_t status = out == nullptr || value == nullptr ? MOLT_INVALID : check(context);
  if (status == MOLT_OK && context->owner->terminating.load(std::memory_order_relaxed)) status = MOLT_TERMINATED;
  if (status != MOLT_OK) {
    molt::discard(value, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::Value> subject = molt::to_value(entry.isolate, *value);
  if (subject.IsEmpty()) return entry.fail();
  // JSON has no text for these; JSON.stringify answers undefined.
  if (subject->IsUndefined() || subject->IsFunction() || subject->IsSymbol()) return MOLT_OK;
  v8::Local<v8::String> text;
  if (!v8::JSON::Stringify(entry.context, subject).ToLocal(&text)) return entry.fail();
  molt::to_result(entry.isolate, text, out);
  return MOLT_OK;
}
