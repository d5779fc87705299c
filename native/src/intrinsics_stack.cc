// How the stacks of errors are told.
#include "intrinsics.h"
#include "slots.h"

namespace molt {
namespace {

v8::MaybeLocal<v8::Value> tell_stack(v8::Local<v8::Context> context, v8::Local<v8::Value> error, v8::Local<v8::Array> sites) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  molt_isolate* owner = molt_isolate::of(isolate);
  if (owner->stack_teller.IsEmpty()) return v8::Undefined(isolate);  // the isolate is on its way out
  v8::Local<v8::Value> arguments[] = {error, sites, v8::Boolean::New(isolate, owner->telling_stack)};
  const bool outer = std::exchange(owner->telling_stack, true);
  v8::MaybeLocal<v8::Value> told = owner->stack_teller.Get(isolate)->Call(context, v8::Undefined(isolate), 3, arguments);
  owner->telling_stack = outer;  // here, and not in the function, because a terminate ends that anywhere
  return told;
}

// tellStacks(teller: (error, sites, isNested) => value): what `stack` of an error is from now on
void tell_stacks(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsFunction()) return throw_error(isolate, MOLT_TYPE_ERROR, "A function is expected");
  molt_isolate::of(isolate)->stack_teller.Reset(isolate, info[0].As<v8::Function>());
  isolate->SetPrepareStackTraceCallback(tell_stack);
}

constexpr Intrinsic kIntrinsics[] = {{"tellStacks", tell_stacks, 1}};

}  // namespace

std::span<const Intrinsic> stack_intrinsics() { return kIntrinsics; }

}  // namespace molt
