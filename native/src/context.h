#ifndef MOLT_CONTEXT_H
#define MOLT_CONTEXT_H

#include "state.h"

namespace molt {

void install_context_callbacks(v8::Isolate* isolate);

// The cookie given to molt_context_new; 0 for a context that has none.
int64_t context_cookie(v8::Local<v8::Context> context);

// Takes out of a context what must not be in a blob.
void strip_context(v8::Local<v8::Context> context);

}  // namespace molt

#endif
