#ifndef MOLT_MODULES_H
#define MOLT_MODULES_H

#include "state.h"

namespace molt {

// import() and import.meta.
void install_module_callbacks(v8::Isolate* isolate);

// Steps of every synthetic module; referred to by blobs.
v8::MaybeLocal<v8::Value> evaluate_synthetic(v8::Local<v8::Context> context, v8::Local<v8::Module> module);

}  // namespace molt

#endif
