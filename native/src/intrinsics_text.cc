// Text coding (https://encoding.spec.whatwg.org/). simdutf is node's copy, reached by its exported symbols.
#include "intrinsics.h"
#include "slots.h"

namespace simdutf {

bool validate_ascii(const char* data, size_t length) noexcept;
bool validate_utf8(const char* data, size_t length) noexcept;
bool validate_utf16le(const char16_t* data, size_t length) noexcept;
void to_well_formed_utf16le(const char16_t* data, size_t length, char16_t* out) noexcept;
size_t utf8_length_from_latin1(const char* data, size_t length) noexcept;
size_t convert_latin1_to_utf8(const char* data, size_t length, char* out) noexcept;

}  // namespace simdutf

namespace molt {
namespace {

constexpr size_t kOnHeapBytes = 64;

// The bytes of a view or ArrayBuffer for reading; small ones are copied to scratch.
bool readable_bytes(v8::Local<v8::Value> value, uint8_t* scratch, Bytes* out) {
  if (value->IsArrayBufferView()) {
    const v8::MemorySpan<uint8_t> contents =
        value.As<v8::ArrayBufferView>()->GetContents(v8::MemorySpan<uint8_t>(scratch, kOnHeapBytes));
    *out = {contents.data(), contents.size()};
    return true;
  }
  return writable_bytes(value, out);
}

bool argument_bytes(const v8::FunctionCallbackInfo<v8::Value>& info, uint8_t* scratch, Bytes* out) {
  if (readable_bytes(info[0], scratch, out)) return true;
  throw_error(info.GetIsolate(), MOLT_TYPE_ERROR, "An ArrayBuffer or a view is expected");
  return false;
}

void give(const v8::FunctionCallbackInfo<v8::Value>& info, v8::MaybeLocal<v8::String> text) {
  v8::Local<v8::String> string;
  if (text.ToLocal(&string)) return info.GetReturnValue().Set(string);
  throw_error(info.GetIsolate(), MOLT_RANGE_ERROR, "Invalid string length");
}

// Whether V8's string functions can take the length at all.
bool fits(const v8::FunctionCallbackInfo<v8::Value>& info, size_t units) {
  if (units <= static_cast<size_t>(v8::String::kMaxLength)) return true;
  throw_error(info.GetIsolate(), MOLT_RANGE_ERROR, "Invalid string length");
  return false;
}

v8::MaybeLocal<v8::String> one_byte(v8::Isolate* isolate, const Bytes& bytes) {
  return v8::String::NewFromOneByte(isolate, bytes.data, v8::NewStringType::kNormal, static_cast<int>(bytes.length));
}

// utf8Encode(s: string): Uint8Array
void utf8_encode(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString()) return throw_error(isolate, MOLT_TYPE_ERROR, "A string is expected");
  v8::Local<v8::String> text = info[0].As<v8::String>();
  const size_t length = text->Utf8LengthV2(isolate);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(isolate, length, v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    return throw_error(isolate, MOLT_RANGE_ERROR, "Array buffer allocation failed");
  }
  if (length != 0) {
    text->WriteUtf8V2(isolate, static_cast<char*>(buffer->Data()), length, v8::String::WriteFlags::kReplaceInvalidUtf8);
  }
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, length));
}

// utf8EncodeInto(s: string, dest: Uint8Array, out: Uint32Array): void; out = [units read, bytes written]
void utf8_encode_into(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  Bytes target;
  Bytes out;
  if (!info[0]->IsString() || !info[1]->IsUint8Array() || !info[2]->IsUint32Array() ||
      !writable_bytes(info[1], &target) || !writable_bytes(info[2], &out) || out.length < 2 * sizeof(uint32_t)) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "A string, a Uint8Array and a Uint32Array(2) are expected");
  }
  size_t read = 0;
  size_t written = 0;
  if (target.length != 0) {
    written = info[0].As<v8::String>()->WriteUtf8V2(isolate, reinterpret_cast<char*>(target.data), target.length,
                                                    v8::String::WriteFlags::kReplaceInvalidUtf8, &read);
  }
  const uint32_t result[2] = {static_cast<uint32_t>(read), static_cast<uint32_t>(written)};
  memcpy(out.data, result, sizeof result);
}

// utf8Decode(view, fatal: boolean): string
void utf8_decode(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  uint8_t scratch[kOnHeapBytes];
  Bytes bytes;
  if (!argument_bytes(info, scratch, &bytes)) return;
  if (bytes.length == 0) return info.GetReturnValue().SetEmptyString();
  if (bytes.length > INT32_MAX) return (void)fits(info, bytes.length);
  const char* data = reinterpret_cast<const char*>(bytes.data);
  if (simdutf::validate_ascii(data, bytes.length)) {
    if (fits(info, bytes.length)) give(info, one_byte(isolate, bytes));
    return;
  }
  if (info[1]->IsTrue() && !simdutf::validate_utf8(data, bytes.length)) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "The encoded data was not valid for encoding utf-8");
  }
  give(info, v8::String::NewFromUtf8(isolate, data, v8::NewStringType::kNormal, static_cast<int>(bytes.length)));
}

// latin1Decode(view): string
void latin1_decode(const v8::FunctionCallbackInfo<v8::Value>& info) {
  uint8_t scratch[kOnHeapBytes];
  Bytes bytes;
  if (!argument_bytes(info, scratch, &bytes)) return;
  if (bytes.length == 0) return info.GetReturnValue().SetEmptyString();
  if (fits(info, bytes.length)) give(info, one_byte(info.GetIsolate(), bytes));
}

// utf16leDecode(view, fatal: boolean): string
void utf16le_decode(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  uint8_t scratch[kOnHeapBytes];
  Bytes bytes;
  if (!argument_bytes(info, scratch, &bytes)) return;
  if (bytes.length == 0) return info.GetReturnValue().SetEmptyString();
  const size_t units = bytes.length / 2;
  const bool partial = bytes.length % 2 != 0;
  if (!fits(info, units + 1)) return;
  // A copy: the view may start at an odd address, and surrogates are mended in place.
  const std::unique_ptr<char16_t[]> text(new (std::nothrow) char16_t[units + 1]);
  if (text == nullptr) return throw_error(isolate, MOLT_RANGE_ERROR, "Out of memory");
  memcpy(text.get(), bytes.data, units * 2);
  if (info[1]->IsTrue()) {
    if (partial || !simdutf::validate_utf16le(text.get(), units)) {
      return throw_error(isolate, MOLT_TYPE_ERROR, "The encoded data was not valid for encoding utf-16le");
    }
  } else {
    simdutf::to_well_formed_utf16le(text.get(), units, text.get());
    text[units] = u'\uFFFD';
  }
  give(info, v8::String::NewFromTwoByte(isolate, reinterpret_cast<const uint16_t*>(text.get()),
                                        v8::NewStringType::kNormal, static_cast<int>(units + (partial ? 1 : 0))));
}

constexpr Intrinsic kIntrinsics[] = {
    {"utf8Encode", utf8_encode, 1},     {"utf8EncodeInto", utf8_encode_into, 3}, {"utf8Decode", utf8_decode, 2},
    {"latin1Decode", latin1_decode, 1}, {"utf16leDecode", utf16le_decode, 2},
};

}  // namespace

std::span<const Intrinsic> text_intrinsics() { return kIntrinsics; }

}  // namespace molt
