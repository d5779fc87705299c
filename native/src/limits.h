// Memory limits: how each is seen, and what is done about it.
//
//   JavaScript heap        V8 calls back near the limit: terminate, and raise the limit until that is done
//   ArrayBuffer memory     the counting allocator refuses; the guest gets a RangeError
//   WebAssembly memory     counted at the page allocator; growing past the limit fails in the guest
//   Intl objects           counted at ICU's allocations; seen by memory checks
//   heap + all of the above   memory checks, on request of the host
#ifndef MOLT_LIMITS_H
#define MOLT_LIMITS_H

#include "state.h"

namespace molt {

void set_constraints(v8::ResourceConstraints* constraints, int64_t heap_limit);
void install_limits(molt_isolate* isolate);

// After the heap limit was raised and JavaScript has unwound: down to the initial limit and the headroom, or to what
// is in use. By the thread inside.
void lower_heap_limit(molt_isolate* isolate);

void on_fatal_error(const char* location, const char* message);
void on_out_of_memory(const char* location, const v8::OOMDetails& details);

}  // namespace molt

#endif
