#include "limits.h"

#include <algorithm>
#include <cstdio>

namespace molt {
namespace {

constexpr size_t kMegabyte = 1024 * 1024;
constexpr size_t kDefaultHeadroom = 16 * kMegabyte;

// V8 ends the process over one allocation that does not fit, and its largest object is 1 GiB. So the limit rises
// by more than that until JavaScript has unwound; what is really used stays small, as it stops at its next loop
// iteration or call.
constexpr size_t kEmergency = 1280 * kMegabyte;

// Built-in functions that do not stop get this much more each time; past these many raises V8 ends the process.
constexpr size_t kLastResort = 128 * kMegabyte;
constexpr int kMaxRaises = 8;

// Each refusal costs full collections, most of them on other threads, which no CPU limit sees: a guest that
// catches this many and goes on is over its memory.
constexpr int kMaxRefused = 8;

void stop(molt_isolate* isolate, molt_limit limit) {
  int32_t none = MOLT_LIMIT_NONE;
  isolate->limit_hit.compare_exchange_strong(none, limit);
  isolate->terminating.store(true);
  isolate->v8->TerminateExecution();
}

size_t near_heap_limit(void* data, size_t current_limit, size_t initial_limit) {
  auto* isolate = static_cast<molt_isolate*>(data);
  // V8 also asks before the last attempt at an ArrayBuffer the allocator refused. That is the guest's
  // RangeError, not a full heap.
  if (isolate->allocator->take_last_resort()) {
    if (++isolate->refused > kMaxRefused) stop(isolate, MOLT_LIMIT_EXTERNAL);
    return current_limit;
  }
  stop(isolate, MOLT_LIMIT_HEAP);
  isolate->limit_count.fetch_add(1);
  isolate->initial_heap_limit = initial_limit;
  if (isolate->heap_raises >= kMaxRaises) return current_limit;
  return current_limit + (isolate->heap_raises++ == 0 ? kEmergency : kLastResort);
}

// Bytes outside the JavaScript heap. V8 accounts adopted and resizable buffers, the allocator also what has
// left V8 (retained buffers); WebAssembly memory is in neither.
size_t external_bytes(molt_isolate* isolate, v8::HeapStatistics& statistics) {
  return std::max(statistics.external_memory(), isolate->allocator->held()) + isolate->allocator->wasm();
}

bool is_over(molt_isolate* isolate, int64_t icu) {
  if (isolate->total_limit == 0 && isolate->external_limit == 0) return false;
  v8::HeapStatistics statistics;
  isolate->v8->GetHeapStatistics(&statistics);
  const auto external = static_cast<int64_t>(external_bytes(isolate, statistics)) + icu;
  const auto total = static_cast<int64_t>(statistics.used_heap_size()) + external;
  return (isolate->total_limit != 0 && total > isolate->total_limit) ||
         (isolate->external_limit != 0 && external > isolate->external_limit);
}

// V8 gives Intl objects back to ICU after a collection, and does not collect for their sake: most may be garbage. A
// collection tells, which is worth it each time they have grown by a step.
void check_memory(molt_isolate* isolate) {
  if (!is_over(isolate, isolate->icu)) return;
  if (!is_over(isolate, 0)) {
    isolate->icu_live = std::min(isolate->icu_live, isolate->icu);
    if (isolate->icu - isolate->icu_live < kIcuStep) return;
    isolate->v8->LowMemoryNotification();
    isolate->icu_live = isolate->icu;
    if (!is_over(isolate, isolate->icu)) return;
  }
  stop(isolate, MOLT_LIMIT_EXTERNAL);
}

// Without Intl objects: those that are garbage are not given back yet.
void on_full_collection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  auto* isolate = static_cast<molt_isolate*>(data);
  if (is_over(isolate, 0)) stop(isolate, MOLT_LIMIT_EXTERNAL);
}

}  // namespace

void lower_heap_limit(molt_isolate* isolate) {
  isolate->heap_raises = 0;
  const size_t headroom = isolate->heap_headroom > 0 ? static_cast<size_t>(isolate->heap_headroom) : kDefaultHeadroom;
  isolate->v8->RemoveNearHeapLimitCallback(near_heap_limit, isolate->initial_heap_limit + headroom);
  isolate->v8->AddNearHeapLimitCallback(near_heap_limit, isolate);
}

void set_constraints(v8::ResourceConstraints* constraints, int64_t heap_limit) {
  if (heap_limit > 0) constraints->ConfigureDefaultsFromHeapSize(0, static_cast<size_t>(heap_limit));
}

void install_limits(molt_isolate* isolate) {
  v8::Isolate* v8 = isolate->v8;
  v8->AddNearHeapLimitCallback(near_heap_limit, isolate);
  v8->AddGCEpilogueCallback(on_full_collection, isolate, v8::kGCTypeMarkSweepCompact);
}

void on_fatal_error(const char* location, const char* message) {
  location = location != nullptr ? location : "";
  message = message != nullptr ? message : "";
  if (const molt_host* table = host()) table->fatal(location, message);
  fprintf(stderr, "fatal: %s: %s\n", location, message);
  abort();
}

void on_out_of_memory(const char* location, const v8::OOMDetails& details) {
  on_fatal_error(location, details.is_heap_oom ? "JavaScript heap out of memory" : "out of memory");
}

}  // namespace molt

void molt_isolate_terminate(molt_isolate* isolate) {
  if (isolate == nullptr || !isolate->begin_use()) return;
  isolate->terminating.store(true);
  isolate->v8->TerminateExecution();
  isolate->end_use();
}

void molt_isolate_cancel_terminate(molt_isolate* isolate) {
  if (isolate == nullptr || !isolate->begin_use()) return;
  isolate->terminating.store(false);
  isolate->v8->CancelTerminateExecution();
  if (molt::current == isolate && isolate->heap_raises != 0) molt::lower_heap_limit(isolate);
  isolate->end_use();
}

int32_t molt_isolate_is_terminating(molt_isolate* isolate) { return isolate != nullptr && isolate->terminating.load(); }

void molt_isolate_request_memory_check(molt_isolate* isolate) {
  if (isolate == nullptr || !isolate->begin_use()) return;
  isolate->v8->RequestInterrupt([](v8::Isolate*, void* data) { molt::check_memory(static_cast<molt_isolate*>(data)); },
                                isolate);
  isolate->end_use();
}

int32_t molt_isolate_check_memory(molt_isolate* isolate) {
  if (molt::check(isolate) != MOLT_OK) return molt_isolate_limit_hit(isolate);
  molt::check_memory(isolate);
  return isolate->limit_hit.load();
}

int32_t molt_isolate_limit_hit(molt_isolate* isolate) {
  return isolate == nullptr ? MOLT_LIMIT_NONE : isolate->limit_hit.load();
}

int32_t molt_isolate_limit_count(molt_isolate* isolate) { return isolate == nullptr ? 0 : isolate->limit_count.load(); }

void molt_isolate_statistics(molt_isolate* isolate, molt_heap_statistics* out) {
  if (out == nullptr) return;
  *out = {};
  if (molt::check(isolate) != MOLT_OK) return;
  v8::HeapStatistics statistics;
  isolate->v8->GetHeapStatistics(&statistics);
  out->used_heap = static_cast<int64_t>(statistics.used_heap_size());
  out->total_heap = static_cast<int64_t>(statistics.total_heap_size());
  out->physical_heap = static_cast<int64_t>(statistics.total_physical_size());
  out->heap_limit = static_cast<int64_t>(statistics.heap_size_limit());
  out->external = static_cast<int64_t>(molt::external_bytes(isolate, statistics)) + isolate->icu;
  out->array_buffers = static_cast<int64_t>(isolate->allocator->held());
  out->malloced = static_cast<int64_t>(statistics.malloced_memory());
  out->native_contexts = static_cast<int64_t>(statistics.number_of_native_contexts());
  out->handles = isolate->live.load() - 1;
}

void molt_isolate_low_memory(molt_isolate* isolate) {
  if (molt::check(isolate) == MOLT_OK) isolate->v8->LowMemoryNotification();
}
