#ifndef MOLT_SCRIPTS_H
#define MOLT_SCRIPTS_H

#include "state.h"

namespace molt {

// Source text with its origin and, if given, a code cache.
struct Source {
  Source(v8::Local<v8::String> text, v8::Local<v8::String> name, bool is_module, const uint8_t* cache,
         int64_t cache_length)
      : source(text,
               v8::ScriptOrigin(name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false, is_module),
               usable(cache, cache_length) ? new v8::ScriptCompiler::CachedData(cache, static_cast<int>(cache_length))
                                           : nullptr),
        options(usable(cache, cache_length) ? v8::ScriptCompiler::kConsumeCodeCache
                                            : v8::ScriptCompiler::kNoCompileOptions) {}

  bool rejected() const { return source.GetCachedData() != nullptr && source.GetCachedData()->rejected; }

  static bool usable(const uint8_t* cache, int64_t length) {
    return cache != nullptr && length > 0 && length <= INT32_MAX;
  }

  v8::ScriptCompiler::Source source;
  v8::ScriptCompiler::CompileOptions options;
};

int32_t copy_cache(const v8::ScriptCompiler::CachedData* cache, molt_blob* out);

}  // namespace molt

#endif
