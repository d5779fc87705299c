// Functions the guest runtime gets from native code: pure computation. What reaches the world is a capability, and the
// host's. Each group is in a file of its own; the whole list
// is part of the external references, so the functions survive startup snapshots.
#ifndef MOLT_INTRINSICS_H
#define MOLT_INTRINSICS_H

#include "v8_headers.h"

namespace molt {

struct Intrinsic {
  const char* name;
  v8::FunctionCallback callback;
  int length;
};

std::span<const Intrinsic> text_intrinsics();     // utf8Encode utf8EncodeInto utf8Decode latin1Decode utf16leDecode
std::span<const Intrinsic> url_intrinsics();      // urlParse urlSet urlCanParse
std::span<const Intrinsic> clone_intrinsics();    // structuredClone
std::span<const Intrinsic> code_intrinsics();     // compileFunction
std::span<const Intrinsic> inspect_intrinsics();  // promiseDetails proxyDetails previewEntries ownNames
std::span<const Intrinsic> stack_intrinsics();    // tellStacks

// Every group.
std::vector<Intrinsic> all_intrinsics();

// The memory of a view or an ArrayBuffer at an address that does not move.
struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

// False when the value is neither.
bool writable_bytes(v8::Local<v8::Value> value, Bytes* out);

}  // namespace molt

#endif
