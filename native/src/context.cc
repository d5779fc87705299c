#include "context.h"

#include "slots.h"

namespace molt {
namespace {

// Embedder data of a context; 0 is V8's.
enum Field { kCookie = 1, kFlags = 2 };
enum Flags { kAllowStrings = 1, kAllowWasm = 2 };

v8::Local<v8::Value> field(v8::Local<v8::Context> context, int index) {
  if (context->GetNumberOfEmbedderDataFields() <= static_cast<uint32_t>(index)) return {};
  v8::Local<v8::Data> data = context->GetEmbedderDataV2(index);
  return data.IsEmpty() || !data->IsValue() ? v8::Local<v8::Value>() : data.As<v8::Value>();
}

void set_flags(v8::Isolate* isolate, v8::Local<v8::Context> context, int32_t flags) {
  context->AllowCodeGenerationFromStrings((flags & kAllowStrings) != 0);
  context->SetEmbedderDataV2(kFlags, v8::Int32::New(isolate, flags));
  context->SetErrorMessageForWasmCodeGeneration(
      literal(isolate, "WebAssembly compilation from bytes is not allowed in a worker; import the .wasm file"));
}

bool allow_wasm(v8::Local<v8::Context> context, v8::Local<v8::String>) {
  if (molt_isolate::of(v8::Isolate::GetCurrent())->wasm_allowed > 0) return true;
  v8::Local<v8::Value> flags = field(context, kFlags);
  return !flags.IsEmpty() && flags->IsInt32() && (flags.As<v8::Int32>()->Value() & kAllowWasm) != 0;
}

}  // namespace

void install_context_callbacks(v8::Isolate* isolate) { isolate->SetAllowWasmCodeGenerationCallback(allow_wasm); }

int64_t context_cookie(v8::Local<v8::Context> context) {
  v8::Local<v8::Value> cookie = field(context, kCookie);
  return cookie.IsEmpty() || !cookie->IsBigInt() ? 0 : cookie.As<v8::BigInt>()->Int64Value();
}

void strip_context(v8::Local<v8::Context> context) {
  v8::Local<v8::Value> undefined = v8::Undefined(v8::Isolate::GetCurrent());
  context->SetEmbedderDataV2(kCookie, undefined);
  context->SetEmbedderDataV2(kFlags, undefined);
}

}  // namespace molt

int32_t molt_context_new(molt_isolate* isolate, int64_t cookie, int32_t flags, molt_context** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = molt::check(isolate); status != MOLT_OK) return status;
  v8::HandleScope handles(isolate->v8);
  v8::TryCatch try_catch(isolate->v8);
  v8::Local<v8::Context> context = v8::Context::New(isolate->v8);
  if (context.IsEmpty()) return try_catch.HasTerminated() ? MOLT_TERMINATED : MOLT_INVALID;
  context->SetEmbedderDataV2(molt::kCookie, v8::BigInt::New(isolate->v8, cookie));
  molt::set_flags(isolate->v8, context, flags);
  auto* handle = new molt_context(isolate, isolate->v8, context);
  isolate->add(handle);
  *out = handle;
  return MOLT_OK;
}

void molt_context_set_flags(molt_context* context, int32_t flags) {
  if (molt::check(context) != MOLT_OK) return;
  molt::Entry entry(context);
  molt::set_flags(entry.v8, entry.context, flags);
}

int32_t molt_context_global(molt_context* context, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  molt::Entry entry(context);
  *out = molt::new_value(entry.isolate, entry.context->Global());
  return MOLT_OK;
}

int32_t molt_context_data(molt_context* context, int32_t index, molt_slot* out) {
  if (out == nullptr || index < 0) return MOLT_INVALID;
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  molt::Entry entry(context);
  v8::Local<v8::Value> value;
  if (!entry.context->GetDataFromSnapshotOnce<v8::Value>(static_cast<size_t>(index)).ToLocal(&value)) {
    return MOLT_INVALID;
  }
  molt::to_result(entry.isolate, value, out);
  return MOLT_OK;
}
