#ifndef MOLT_CALLS_H
#define MOLT_CALLS_H

#include "state.h"

namespace molt {

// The one V8 callback behind every host function; its data is the function's id.
void call_host(const v8::FunctionCallbackInfo<v8::Value>& info);

// After the host ran inside JavaScript: throws what it scheduled, and carries on a termination.
// True when JavaScript must not continue with a result.
bool rethrow(molt_isolate* isolate);

// The same, but true only when an exception is pending: a termination is, once JavaScript reaches its next
// safe point. V8 aborts on a callback that returns nothing without an exception.
bool rethrow_scheduled(molt_isolate* isolate);

}  // namespace molt

#endif
