// Memory limits: how each is seen, and what is done about it.
//
//   JavaScript heap        V8 calls back near the limit: terminate, raise the limit by the headroom
//   ArrayBuffer memory     the counting allocator refuses; the guest gets a RangeError
//   WebAssembly memory     counted at the page allocator; growing past the limit fails in the guest
//   heap + all of the above   memory checks, on request of the host
#ifndef MOLT_LIMITS_H
#define MOLT_LIMITS_H

#include "state.h"

namespace molt {

void set_constraints(v8::ResourceConstraints* constraints, int64_t heap_limit);
void install_limits(molt_isolate* isolate);
void on_fatal_error(const char* location, const char* message);
void on_out_of_memory(const char* location, const v8::OOMDetails& details);

}  // namespace molt

#endif
