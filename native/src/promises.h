#ifndef MOLT_PROMISES_H
#define MOLT_PROMISES_H

#include "state.h"

namespace molt {

void install_promise_callbacks(v8::Isolate* isolate);

// Reactions of molt_promise_watch; their data is the cookie.
void on_watched_fulfilled(const v8::FunctionCallbackInfo<v8::Value>& info);
void on_watched_rejected(const v8::FunctionCallbackInfo<v8::Value>& info);

}  // namespace molt

#endif
