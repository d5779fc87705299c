// The two halves of disposing an isolate, shared with making a blob of it.
#ifndef MOLT_LIFETIME_H
#define MOLT_LIFETIME_H

#include "state.h"

namespace molt {

// Takes the calling thread out of the isolate, lets no one in any more, and waits for the others to leave.
// False when someone else closed it before.
bool close(molt_isolate* isolate);

// Ends V8's isolate after close. Resets the handles unless that is done.
void tear_down(molt_isolate* isolate);

// Live molt_buffer objects of the process.
int64_t live_buffers();

}  // namespace molt

#endif
