#include "promises.h"

#include "calls.h"
#include "slots.h"

namespace molt {
namespace {

// A guest that makes more unhandled rejections in one turn is not told of each.
constexpr size_t kMaxRejections = 10'000;

void on_rejection(v8::PromiseRejectMessage message) {
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  molt_isolate* isolate = molt_isolate::of(v8);
  v8::Local<v8::Promise> promise = message.GetPromise();
  switch (message.GetEvent()) {
    case v8::kPromiseRejectWithNoHandler: {
      if (isolate->rejections.size() >= kMaxRejections) break;
      v8::Local<v8::Value> reason = message.GetValue();
      if (reason.IsEmpty()) reason = v8::Undefined(v8);
      isolate->rejections.push_back({v8::Global<v8::Promise>(v8, promise), v8::Global<v8::Value>(v8, reason)});
      break;
    }
    case v8::kPromiseHandlerAddedAfterReject:
      // A handler that comes late mostly belongs to a recent rejection.
      for (size_t i = isolate->rejections.size(); i-- > 0;) {
        if (isolate->rejections[i].promise != promise) continue;
        isolate->rejections.erase(isolate->rejections.begin() + static_cast<ptrdiff_t>(i));
        break;
      }
      break;
    default:
      break;
  }
}

void settled(const v8::FunctionCallbackInfo<v8::Value>& info, int32_t rejected) {
  molt_isolate* isolate = molt_isolate::of(info.GetIsolate());
  const molt_host* table = host();
  if (table == nullptr) return;
  molt_slot value;
  to_result(isolate, info[0], &value);
  table->promise_settled(isolate->cookie, info.Data().As<v8::BigInt>()->Int64Value(), rejected, &value);
  rethrow(isolate);
}

v8::Local<v8::Promise> promise_of(v8::Isolate* v8, molt_value* handle) {
  v8::Local<v8::Value> value = handle->value.Get(v8);
  return value->IsPromise() ? value.As<v8::Promise>() : v8::Local<v8::Promise>();
}

}  // namespace

void install_promise_callbacks(v8::Isolate* isolate) { isolate->SetPromiseRejectCallback(on_rejection); }

void on_watched_fulfilled(const v8::FunctionCallbackInfo<v8::Value>& info) { settled(info, 0); }
void on_watched_rejected(const v8::FunctionCallbackInfo<v8::Value>& info) { settled(info, 1); }

}  // namespace molt

using molt::check;
using molt::Entry;

int32_t molt_resolver_new(molt_context* context, molt_value** resolver, molt_value** promise) {
  if (resolver == nullptr || promise == nullptr) return MOLT_INVALID;
  *resolver = *promise = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::Promise::Resolver> local;
  if (!v8::Promise::Resolver::New(entry.context).ToLocal(&local)) return entry.fail();
  *resolver = molt::new_value(entry.isolate, local);
  *promise = molt::new_value(entry.isolate, local->GetPromise());
  return MOLT_OK;
}

int32_t molt_resolver_settle(molt_context* context, molt_value* resolver, int32_t reject, const molt_slot* value) {
  int32_t status = value == nullptr ? MOLT_INVALID : check(context);
  if (status == MOLT_OK && molt::foreign(context->owner, resolver)) status = MOLT_INVALID;
  if (status == MOLT_OK && context->owner->terminating.load(std::memory_order_relaxed)) status = MOLT_TERMINATED;
  if (status != MOLT_OK) {
    molt::discard(value, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::Value> target = resolver->value.Get(entry.v8);
  if (!target->IsPromise()) {
    molt::discard(value, 1);
    return MOLT_INVALID;
  }
  v8::Local<v8::Value> result = molt::to_value(entry.isolate, *value);
  if (result.IsEmpty()) return entry.fail();
  // In V8 a resolver is its promise.
  auto local = target.As<v8::Promise::Resolver>();
  const v8::Maybe<bool> done = reject != 0 ? local->Reject(entry.context, result) : local->Resolve(entry.context, result);
  return done.IsNothing() ? entry.fail() : MOLT_OK;
}

int32_t molt_promise_state(molt_value* promise, molt_slot* result) {
  if (result != nullptr) *result = {};
  if (check(promise) != MOLT_OK) return -1;
  v8::Isolate* v8 = promise->owner->v8;
  v8::HandleScope handles(v8);
  v8::Local<v8::Promise> local = molt::promise_of(v8, promise);
  if (local.IsEmpty()) return -1;
  const v8::Promise::PromiseState state = local->State();
  if (state != v8::Promise::kPending && result != nullptr) molt::to_result(promise->owner, local->Result(), result);
  return state;
}

int32_t molt_promise_watch(molt_context* context, molt_value* promise, int64_t cookie) {
  if (int32_t status = check(context); status != MOLT_OK) return status;
  if (molt::foreign(context->owner, promise)) return MOLT_INVALID;
  if (context->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(context);
  v8::Local<v8::Promise> local = molt::promise_of(entry.v8, promise);
  if (local.IsEmpty()) return MOLT_INVALID;
  v8::Local<v8::BigInt> data = v8::BigInt::New(entry.v8, cookie);
  v8::Local<v8::Function> fulfilled;
  v8::Local<v8::Function> rejected;
  constexpr auto kThrow = v8::ConstructorBehavior::kThrow;
  if (!v8::Function::New(entry.context, molt::on_watched_fulfilled, data, 1, kThrow).ToLocal(&fulfilled) ||
      !v8::Function::New(entry.context, molt::on_watched_rejected, data, 1, kThrow).ToLocal(&rejected) ||
      local->Then(entry.context, fulfilled, rejected).IsEmpty()) {
    return entry.fail();
  }
  return MOLT_OK;
}

int32_t molt_rejection_next(molt_isolate* isolate, molt_value** promise, molt_value** reason) {
  if (promise == nullptr || reason == nullptr) return 0;
  *promise = *reason = nullptr;
  if (check(isolate) != MOLT_OK || isolate->rejections.empty()) return 0;
  v8::HandleScope handles(isolate->v8);
  molt::Rejection next = std::move(isolate->rejections.front());
  isolate->rejections.pop_front();
  *promise = molt::new_value(isolate, next.promise.Get(isolate->v8));
  *reason = molt::new_value(isolate, next.reason.Get(isolate->v8));
  return 1;
}

int32_t molt_async_context_get(molt_isolate* isolate, molt_slot* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(isolate); status != MOLT_OK) return status;
  v8::HandleScope handles(isolate->v8);
  v8::Local<v8::Data> data = isolate->v8->GetContinuationPreservedEmbedderDataV2();
  if (!data.IsEmpty() && data->IsValue()) molt::to_result(isolate, data.As<v8::Value>(), out);
  return MOLT_OK;
}

int32_t molt_async_context_set(molt_isolate* isolate, const molt_slot* value) {
  int32_t status = value == nullptr ? MOLT_INVALID : check(isolate);
  // Only what needs no context to be made: a primitive or a handle.
  if (status == MOLT_OK && (value->kind == MOLT_BYTES || value->kind == MOLT_ADOPT)) status = MOLT_INVALID;
  if (status == MOLT_OK && value->kind == MOLT_HANDLE && molt::foreign(isolate, value->value)) status = MOLT_INVALID;
  if (status != MOLT_OK) {
    molt::discard(value, 1);
    return status;
  }
  v8::HandleScope handles(isolate->v8);
  v8::TryCatch try_catch(isolate->v8);
  v8::Local<v8::Value> data = molt::to_value(isolate, *value);
  if (data.IsEmpty()) return MOLT_INVALID;
  isolate->v8->SetContinuationPreservedEmbedderDataV2(data);
  return MOLT_OK;
}
