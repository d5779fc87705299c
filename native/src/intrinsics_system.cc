// Randomness and clocks.
#include <cerrno>
#include <ctime>
#include <sys/random.h>

#include "intrinsics.h"
#include "slots.h"

namespace molt {
namespace {

// From the kernel's generator; false only when the kernel has none.
bool fill_random(uint8_t* data, size_t length) {
  while (length != 0) {
    const ssize_t got = getrandom(data, length, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    data += got;
    length -= static_cast<size_t>(got);
  }
  return true;
}

double milliseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// getRandomValues(view): view
void get_random_values(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Bytes bytes;
  if (!info[0]->IsArrayBufferView() || !writable_bytes(info[0], &bytes)) {
    return throw_error(info.GetIsolate(), MOLT_TYPE_ERROR, "A typed array is expected");
  }
  if (!fill_random(bytes.data, bytes.length)) {
    return throw_error(info.GetIsolate(), MOLT_ERROR, "The system gives no random values");
  }
  info.GetReturnValue().Set(info[0]);
}

// randomUUID(): string, version 4 (RFC 9562, 5.4)
void random_uuid(const v8::FunctionCallbackInfo<v8::Value>& info) {
  static constexpr char kHex[] = "0123456789abcdef";
  uint8_t bytes[16];
  if (!fill_random(bytes, sizeof bytes)) {
    return throw_error(info.GetIsolate(), MOLT_ERROR, "The system gives no random values");
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  uint8_t text[36];
  size_t at = 0;
  for (size_t i = 0; i < sizeof bytes; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = static_cast<uint8_t>(kHex[bytes[i] >> 4]);
    text[at++] = static_cast<uint8_t>(kHex[bytes[i] & 15]);
  }
  info.GetReturnValue().Set(
      v8::String::NewFromOneByte(info.GetIsolate(), text, v8::NewStringType::kNormal, sizeof text).ToLocalChecked());
}

// now(): number, monotonic milliseconds
void now(const v8::FunctionCallbackInfo<v8::Value>& info) { info.GetReturnValue().Set(milliseconds(CLOCK_MONOTONIC)); }

// wallClock(): number, milliseconds since the epoch
void wall_clock(const v8::FunctionCallbackInfo<v8::Value>& info) {
  info.GetReturnValue().Set(milliseconds(CLOCK_REALTIME));
}

constexpr Intrinsic kIntrinsics[] = {
    {"getRandomValues", get_random_values, 1},
    {"randomUUID", random_uuid, 0},
    {"now", now, 0},
    {"wallClock", wall_clock, 0},
};

}  // namespace

std::span<const Intrinsic> system_intrinsics() { return kIntrinsics; }

}  // namespace molt
