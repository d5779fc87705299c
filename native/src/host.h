// The host's function table, as registered by molt_host_register.
#ifndef MOLT_HOST_H
#define MOLT_HOST_H

#include <node.h>

#include "../include/molt.h"

namespace molt {

// The registered table, or null before registration and after the host has gone away.
// Callbacks that V8 makes on its own threads may come at any time, so every caller asks.
const molt_host* host();

// From now on nothing calls into the host.
void forget_host();

// The platform node started V8 with; null when the library was not loaded through boot.cjs.
node::MultiIsolatePlatform* platform();
void set_platform(node::MultiIsolatePlatform* platform);

}  // namespace molt

#endif
