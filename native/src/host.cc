#include "host.h"

#include <cstdio>
#include <ctime>

#include "external_references.h"
#include "state.h"

namespace molt {
namespace {

molt_host table;
std::atomic<bool> registered{false};
std::atomic<bool> reachable{false};
node::MultiIsolatePlatform* current_platform = nullptr;

}  // namespace

const molt_host* host() { return reachable.load(std::memory_order_acquire) ? &table : nullptr; }

void forget_host() { reachable.store(false, std::memory_order_release); }

node::MultiIsolatePlatform* platform() { return current_platform; }

void set_platform(node::MultiIsolatePlatform* platform) { current_platform = platform; }

}  // namespace molt

int32_t molt_abi_version(void) { return MOLT_ABI_VERSION; }

int32_t molt_host_register(const molt_host* host) {
  if (host == nullptr || host->abi_version != MOLT_ABI_VERSION) return 1;
  if (molt::registered.exchange(true)) return 1;
  molt::table = *host;
  molt::reachable.store(true, std::memory_order_release);
  return 0;
}

const char* molt_v8_version(void) { return v8::V8::GetVersion(); }

const char* molt_v8_flags_hash(void) {
  // A blob refers to native functions by their position, so their list is part of the stamp.
  static const std::string hash = [] {
    char text[128];
    snprintf(text, sizeof text, "%s-%08x-%016llx", v8::V8::GetVersion(), v8::ScriptCompiler::CachedDataVersionTag(),
             static_cast<unsigned long long>(molt::external_references_hash()));
    return std::string(text);
  }();
  return hash.c_str();
}

void molt_blob_free(molt_blob* blob) {
  if (blob == nullptr) return;
  free(blob->data);
  blob->data = nullptr;
  blob->length = 0;
}

namespace {

int64_t nanoseconds(clockid_t clock) {
  timespec now;
  if (clock_gettime(clock, &now) != 0) return -1;
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t molt_thread_cpu_ns(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

int32_t molt_thread_clock(void) {
  clockid_t clock;
  return pthread_getcpuclockid(pthread_self(), &clock) == 0 ? clock : -1;
}

int64_t molt_clock_ns(int32_t clock_id) { return nanoseconds(clock_id); }
