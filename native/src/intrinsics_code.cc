// Code the guest runtime generates for itself: codecs of schemas. What guests may compile is the context's matter; they never
// reach this function.
#include "intrinsics.h"
#include "slots.h"

namespace molt {
namespace {

// compileFunction(parameterNames: string[], body: string): function
void compile_function(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (!info[0]->IsArray() || !info[1]->IsString()) {
    return throw_error(isolate, MOLT_TYPE_ERROR, "An array of names and a body are expected");
  }
  v8::Local<v8::Array> given = info[0].As<v8::Array>();
  v8::LocalVector<v8::String> names(isolate);
  for (uint32_t i = 0; i < given->Length(); i++) {
    v8::Local<v8::Value> name;
    if (!given->Get(context, i).ToLocal(&name)) return;
    if (!name->IsString()) return throw_error(isolate, MOLT_TYPE_ERROR, "An array of names and a body are expected");
    names.push_back(name.As<v8::String>());
  }
  v8::ScriptOrigin origin(literal(isolate, "molt:generated"));
  v8::ScriptCompiler::Source source(info[1].As<v8::String>(), origin);
  v8::Local<v8::Function> function;
  if (v8::ScriptCompiler::CompileFunction(context, &source, names.size(), names.data()).ToLocal(&function)) {
    info.GetReturnValue().Set(function);
  }
}

constexpr Intrinsic kIntrinsics[] = {{"compileFunction", compile_function, 2}};

}  // namespace

std::span<const Intrinsic> code_intrinsics() { return kIntrinsics; }

}  // namespace molt
