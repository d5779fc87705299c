// What one isolate holds outside its heap: ArrayBuffer memory, which V8 takes from here, and WebAssembly memory,
// which is reported here (wasm_memory.h). Counted, and refused past a limit. Shared with the backing stores
// that outlive the isolate.
#ifndef MOLT_ALLOCATOR_H
#define MOLT_ALLOCATOR_H

#include <atomic>
#include <cstdlib>

#include <v8.h>

namespace molt {

class CountingAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  // limit in bytes, for both kinds together; 0 = unlimited.
  explicit CountingAllocator(size_t limit) : limit_(limit) {}

  void* Allocate(size_t length) override { return take(length, [](size_t size) { return calloc(1, size); }); }
  void* AllocateUninitialized(size_t length) override { return take(length, [](size_t size) { return malloc(size); }); }

  void Free(void* data, size_t length) override {
    free(data);
    held_.fetch_sub(length, std::memory_order_relaxed);
  }

  // A WebAssembly memory comes into being, with nothing in it; false past `most` of them or at the limit.
  bool add_memory(int most) {
    if (memories_.fetch_add(1, std::memory_order_relaxed) < most && fits()) return true;
    memories_.fetch_sub(1, std::memory_order_relaxed);
    refusals_++;
    return false;
  }

  // initial: the part a memory starts with, for which V8 tries again; growing it is tried once.
  bool grow_memory(size_t delta, bool initial) {
    wasm_.fetch_add(delta, std::memory_order_relaxed);
    if (fits()) {
      if (initial) refusals_ = 0;
      return true;
    }
    wasm_.fetch_sub(delta, std::memory_order_relaxed);
    if (initial) refusals_++;
    return false;
  }

  void remove_memory(size_t length) {
    wasm_.fetch_sub(length, std::memory_order_relaxed);
    memories_.fetch_sub(1, std::memory_order_relaxed);
  }

  // Whether V8's next attempt is its last at memory that was refused. For the isolate's thread.
  bool take_last_resort() {
    const bool last = refusals_ >= kRefusalsBeforeLastResort;
    refusals_ = last ? -1 : 0;  // the attempt that follows is refused, too
    return last;
  }

  size_t held() const { return held_.load(std::memory_order_relaxed); }
  size_t wasm() const { return wasm_.load(std::memory_order_relaxed); }

 private:
  bool fits() const { return limit_ == 0 || held() + wasm() <= limit_; }

  template <typename Source>
  void* take(size_t length, Source source) {
    held_.fetch_add(length, std::memory_order_relaxed);
    // V8 answers a refusal with a collection, a second try, and then a RangeError.
    void* data = fits() ? source(length) : nullptr;
    if (data == nullptr) {
      held_.fetch_sub(length, std::memory_order_relaxed);
      refusals_++;
    } else {
      refusals_ = 0;
    }
    return data;
  }

  // V8 tries (at least) three times with a collection after each, then once more after a last resort.
  static constexpr int kRefusalsBeforeLastResort = 3;

  const size_t limit_;
  int refusals_ = 0;
  std::atomic<int> memories_{0};
  std::atomic<size_t> held_{0};
  std::atomic<size_t> wasm_{0};
};

}  // namespace molt

#endif
