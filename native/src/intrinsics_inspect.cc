// What the console needs to show a value without running guest code.
#include "intrinsics.h"
#include "slots.h"

namespace molt {
namespace {

void give(const v8::FunctionCallbackInfo<v8::Value>& info, v8::Local<v8::Value> first, v8::Local<v8::Value> second) {
  v8::Local<v8::Value> pair[] = {first, second};
  info.GetReturnValue().Set(v8::Array::New(info.GetIsolate(), pair, 2));
}

// promiseDetails(p): [0 pending | 1 fulfilled | 2 rejected, value]
void promise_details(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsPromise()) return throw_error(isolate, MOLT_TYPE_ERROR, "A promise is expected");
  v8::Local<v8::Promise> promise = info[0].As<v8::Promise>();
  const v8::Promise::PromiseState state = promise->State();
  v8::Local<v8::Value> value = v8::Undefined(isolate);
  if (state != v8::Promise::kPending) value = promise->Result();
  give(info, v8::Int32::New(isolate, state), value);
}

// proxyDetails(p): [target, handler] | undefined; both null once revoked
void proxy_details(const v8::FunctionCallbackInfo<v8::Value>& info) {
  if (!info[0]->IsProxy()) return;
  v8::Local<v8::Proxy> proxy = info[0].As<v8::Proxy>();
  give(info, proxy->GetTarget(), proxy->GetHandler());
}

// previewEntries(v): any[] | undefined; keys and values of a Map alternate
void preview_entries(const v8::FunctionCallbackInfo<v8::Value>& info) {
  if (!info[0]->IsObject()) return;
  bool is_key_value = false;
  v8::Local<v8::Array> entries;
  if (info[0].As<v8::Object>()->PreviewEntries(&is_key_value).ToLocal(&entries)) info.GetReturnValue().Set(entries);
}

// ownNames(o): (string | symbol)[]; the own keys that are no indices, of which a buffer may have millions
void own_names(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsObject()) return throw_error(isolate, MOLT_TYPE_ERROR, "An object is expected");
  v8::Local<v8::Array> names;
  if (info[0]
          .As<v8::Object>()
          ->GetPropertyNames(isolate->GetCurrentContext(), v8::KeyCollectionMode::kOwnOnly, v8::ALL_PROPERTIES,
                             v8::IndexFilter::kSkipIndices)
          .ToLocal(&names)) {
    info.GetReturnValue().Set(names);
  }
}

constexpr Intrinsic kIntrinsics[] = {
    {"promiseDetails", promise_details, 1},
    {"proxyDetails", proxy_details, 1},
    {"previewEntries", preview_entries, 1},
    {"ownNames", own_names, 1},
};

}  // namespace

std::span<const Intrinsic> inspect_intrinsics() { return kIntrinsics; }

}  // namespace molt
