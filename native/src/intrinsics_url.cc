// URLs (https://url.spec.whatwg.org/) by ada: node's copy, reached by its exported C interface.
#include "intrinsics.h"
#include "slots.h"

extern "C" {

struct ada_string {
  const char* data;
  size_t length;
};

struct ada_url_components {
  uint32_t protocol_end;
  uint32_t username_end;
  uint32_t host_start;
  uint32_t host_end;
  uint32_t port;
  uint32_t pathname_start;
  uint32_t search_start;
  uint32_t hash_start;
};

typedef void* ada_url;

ada_url ada_parse(const char* input, size_t length);
ada_url ada_parse_with_base(const char* input, size_t input_length, const char* base, size_t base_length);
bool ada_can_parse(const char* input, size_t length);
bool ada_can_parse_with_base(const char* input, size_t input_length, const char* base, size_t base_length);
void ada_free(ada_url result);
bool ada_is_valid(ada_url result);
ada_string ada_get_href(ada_url result);
const ada_url_components* ada_get_components(ada_url result);
uint8_t ada_get_scheme_type(ada_url result);
bool ada_set_href(ada_url result, const char* input, size_t length);
bool ada_set_protocol(ada_url result, const char* input, size_t length);
bool ada_set_username(ada_url result, const char* input, size_t length);
bool ada_set_password(ada_url result, const char* input, size_t length);
bool ada_set_host(ada_url result, const char* input, size_t length);
bool ada_set_hostname(ada_url result, const char* input, size_t length);
bool ada_set_port(ada_url result, const char* input, size_t length);
bool ada_set_pathname(ada_url result, const char* input, size_t length);
void ada_set_search(ada_url result, const char* input, size_t length);
void ada_set_hash(ada_url result, const char* input, size_t length);

}  // extern "C"

namespace molt {
namespace {

// A string as UTF-8; lone surrogates become U+FFFD, as for a USVString.
class Utf8 {
 public:
  Utf8(v8::Isolate* isolate, v8::Local<v8::String> text) {
    // Three bytes per unit are always enough.
    const size_t bound = static_cast<size_t>(text->Length()) * 3;
    if (bound > sizeof few_) {
      many_.reset(new char[bound]);
      data_ = many_.get();
    }
    if (bound != 0) {
      length_ = text->WriteUtf8V2(isolate, data_, bound, v8::String::WriteFlags::kReplaceInvalidUtf8);
    }
  }

  const char* data() const { return data_; }
  size_t length() const { return length_; }

 private:
  char few_[1536];
  std::unique_ptr<char[]> many_;
  char* data_ = few_;
  size_t length_ = 0;
};

struct FreeUrl {
  void operator()(void* url) const { ada_free(url); }
};
using Url = std::unique_ptr<void, FreeUrl>;

constexpr int kComponents = 9;

// The href as result, and the positions of its parts in out.
void give(const v8::FunctionCallbackInfo<v8::Value>& info, const Url& url, v8::Local<v8::Value> out) {
  Bytes target;
  writable_bytes(out, &target);
  const ada_url_components* components = ada_get_components(url.get());
  const uint32_t values[kComponents] = {
      components->protocol_end, components->username_end,   components->host_start,
      components->host_end,     components->port,           components->pathname_start,
      components->search_start, components->hash_start,     ada_get_scheme_type(url.get()),
  };
  memcpy(target.data, values, sizeof values);
  const ada_string href = ada_get_href(url.get());
  v8::Local<v8::String> text;
  if (v8::String::NewFromOneByte(info.GetIsolate(), reinterpret_cast<const uint8_t*>(href.data),
                                 v8::NewStringType::kNormal, static_cast<int>(href.length))
          .ToLocal(&text)) {
    info.GetReturnValue().Set(text);
  }
}

bool is_out(v8::Local<v8::Value> value) {
  return value->IsUint32Array() && value.As<v8::Uint32Array>()->Length() >= kComponents;
}

// urlParse(input: string, base: string | undefined, out: Uint32Array): string | undefined
void url_parse(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !(info[1]->IsUndefined() || info[1]->IsString()) || !is_out(info[2])) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "A string, a base and a Uint32Array(9) are expected");
  }
  const Utf8 input(isolate, info[0].As<v8::String>());
  Url url;
  if (info[1]->IsUndefined()) {
    url.reset(ada_parse(input.data(), input.length()));
  } else {
    const Utf8 base(isolate, info[1].As<v8::String>());
    url.reset(ada_parse_with_base(input.data(), input.length(), base.data(), base.length()));
  }
  if (ada_is_valid(url.get())) give(info, url, info[2]);
}

// urlCanParse(input: string, base: string | undefined): boolean
void url_can_parse(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !(info[1]->IsUndefined() || info[1]->IsString())) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "A string and a base are expected");
  }
  const Utf8 input(isolate, info[0].As<v8::String>());
  if (info[1]->IsUndefined()) return info.GetReturnValue().Set(ada_can_parse(input.data(), input.length()));
  const Utf8 base(isolate, info[1].As<v8::String>());
  info.GetReturnValue().Set(ada_can_parse_with_base(input.data(), input.length(), base.data(), base.length()));
}

// The parts of urlSet, in the order of their numbers.
constexpr bool (*kSetters[])(ada_url, const char*, size_t) = {
    ada_set_href, ada_set_protocol, ada_set_username, ada_set_password, ada_set_host,
    ada_set_hostname, ada_set_port, ada_set_pathname,
    [](ada_url url, const char* data, size_t length) {
      ada_set_search(url, data, length);
      return true;
    },
    [](ada_url url, const char* data, size_t length) {
      ada_set_hash(url, data, length);
      return true;
    },
};

// urlSet(href: string, part: number, value: string, out: Uint32Array): string | undefined
void url_set(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsString() || !info[1]->IsUint32() || info[1].As<v8::Uint32>()->Value() >= std::size(kSetters) ||
      !info[2]->IsString() || !is_out(info[3])) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "A URL, a part, a string and a Uint32Array(9) are expected");
  }
  const Utf8 href(isolate, info[0].As<v8::String>());
  const Url url(ada_parse(href.data(), href.length()));
  if (!ada_is_valid(url.get())) return;
  const Utf8 value(isolate, info[2].As<v8::String>());
  const uint32_t part = info[1].As<v8::Uint32>()->Value();
  const bool set = kSetters[part](url.get(), value.data(), value.length());
  // Only the href setter reports failure (URL, 6.1); the others leave the URL as it is.
  if (set || part != 0) give(info, url, info[3]);
}

constexpr Intrinsic kIntrinsics[] = {
    {"urlParse", url_parse, 3},
    {"urlSet", url_set, 4},
    {"urlCanParse", url_can_parse, 2},
};

}  // namespace

std::span<const Intrinsic> url_intrinsics() { return kIntrinsics; }

}  // namespace molt
