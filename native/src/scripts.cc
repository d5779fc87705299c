#include "scripts.h"

#include "slots.h"

namespace molt {

int32_t copy_cache(const v8::ScriptCompiler::CachedData* cache, molt_blob* out) {
  if (cache == nullptr) return MOLT_INVALID;
  return make_blob({reinterpret_cast<const char*>(cache->data), static_cast<size_t>(cache->length)}, out);
}

namespace {

int32_t run(Entry& entry, v8::Local<v8::String> text, const molt_slot* name, const uint8_t* cache, int64_t cache_length,
            int32_t* cache_rejected, molt_slot* result) {
  v8::Local<v8::String> resource = to_string(entry.isolate, name);
  if (resource.IsEmpty()) return entry.fail();
  Source input(text, resource, false, cache, cache_length);
  v8::Local<v8::Script> script;
  const bool compiled = v8::ScriptCompiler::Compile(entry.context, &input.source, input.options).ToLocal(&script);
  if (cache_rejected != nullptr) *cache_rejected = input.rejected() ? 1 : 0;
  v8::Local<v8::Value> value;
  if (!compiled || !script->Run(entry.context).ToLocal(&value)) return entry.fail();
  if (result != nullptr) to_result(entry.isolate, value, result);
  return MOLT_OK;
}

}  // namespace
}  // namespace molt

using molt::check;
using molt::Entry;
using molt::run;

int32_t molt_script_run(molt_context* context, const molt_slot* source, const molt_slot* name, const uint8_t* cache,
                        int64_t cache_length, int32_t* cache_rejected, molt_slot* result) {
  if (cache_rejected != nullptr) *cache_rejected = 0;
  if (result != nullptr) *result = {};
  if (source == nullptr) return MOLT_INVALID;
  int32_t status = check(context);
  if (status == MOLT_OK && context->owner->terminating.load(std::memory_order_relaxed)) status = MOLT_TERMINATED;
  if (status != MOLT_OK) {
    molt::discard(source, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::String> text = molt::to_string(entry.isolate, source);
  if (text.IsEmpty()) return entry.fail();
  return run(entry, text, name, cache, cache_length, cache_rejected, result);
}

int32_t molt_source_run(molt_context* context, int32_t index, const molt_slot* name, molt_slot* result) {
  if (result != nullptr) *result = {};
  if (int32_t status = check(context); status != MOLT_OK) return status;
  if (index < 0 || static_cast<size_t>(index) >= context->owner->sources.size()) return MOLT_INVALID;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::String> text;
  if (!v8::String::NewExternalOneByte(entry.v8, &context->owner->sources[static_cast<size_t>(index)]).ToLocal(&text)) {
    return entry.fail();
  }
  return run(entry, text, name, nullptr, 0, nullptr, result);
}

int32_t molt_function_compile(molt_context* context, const molt_slot* source, const molt_slot* name,
                              const molt_slot* params, int32_t count, molt_value** out) {
  if (out == nullptr || source == nullptr || count < 0 || (count > 0 && params == nullptr)) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::String> text = molt::to_string(entry.isolate, source);
  if (text.IsEmpty()) return entry.fail();
  v8::Local<v8::String> resource = molt::to_string(entry.isolate, name);
  if (resource.IsEmpty()) return entry.fail();
  v8::LocalVector<v8::String> names(entry.v8);
  for (int32_t i = 0; i < count; i++) {
    v8::Local<v8::String> param = molt::to_string(entry.isolate, &params[i]);
    if (param.IsEmpty()) return entry.fail();
    names.push_back(param);
  }
  molt::Source input(text, resource, false, nullptr, 0);
  v8::Local<v8::Function> function;
  if (!v8::ScriptCompiler::CompileFunction(entry.context, &input.source, names.size(), names.data()).ToLocal(&function)) {
    return entry.fail();
  }
  *out = molt::new_value(entry.isolate, function);
  (*out)->compiled_function = true;
  return MOLT_OK;
}

int32_t molt_function_code_cache(molt_value* function, molt_blob* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(function); status != MOLT_OK) return status;
  if (!function->compiled_function) return MOLT_INVALID;
  v8::Isolate* v8 = function->owner->v8;
  v8::HandleScope handles(v8);
  const std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
      v8::ScriptCompiler::CreateCodeCacheForFunction(function->value.Get(v8).As<v8::Function>()));
  return molt::copy_cache(cache.get(), out);
}

int32_t molt_wasm_compile(molt_context* context, const uint8_t* data, int64_t length, molt_value** out) {
  if (out == nullptr || data == nullptr || length < 0) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  entry.isolate->wasm_allowed++;
  v8::Local<v8::WasmModuleObject> module;
  const bool compiled =
      v8::WasmModuleObject::Compile(entry.v8, v8::MemorySpan<const uint8_t>(data, static_cast<size_t>(length)))
          .ToLocal(&module);
  entry.isolate->wasm_allowed--;
  if (!compiled) return entry.fail();
  *out = molt::new_value(entry.isolate, module);
  return MOLT_OK;
}
