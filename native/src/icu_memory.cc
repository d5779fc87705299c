#include "icu_memory.h"

#include <malloc.h>

#include <cstdlib>

#include "state.h"

// ICU of the pinned node; its symbols carry its major version.
extern "C" __attribute__((visibility("default"))) void u_setMemoryFunctions_78(
    const void* context, void* (*allocate)(const void*, size_t), void* (*reallocate)(const void*, void*, size_t),
    void (*release)(const void*, void*), int* status);

namespace molt {
namespace {

void count(void* memory, int sign) {
  molt_isolate* isolate = current;
  if (memory == nullptr || isolate == nullptr) return;
  isolate->icu += sign * static_cast<int64_t>(malloc_usable_size(memory));
  if (isolate->icu > isolate->icu_look) {
    isolate->icu_look = isolate->icu + kIcuStep;
    molt_isolate_request_memory_check(isolate);
  }
}

void* allocate(const void*, size_t size) {
  void* memory = malloc(size);
  count(memory, 1);
  return memory;
}

void* reallocate(const void*, void* memory, size_t size) {
  count(memory, -1);
  void* moved = realloc(memory, size);
  count(moved != nullptr ? moved : memory, 1);
  return moved;
}

void release(const void*, void* memory) {
  count(memory, -1);
  free(memory);
}

}  // namespace

void count_icu_memory() {
  int status = 0;
  u_setMemoryFunctions_78(nullptr, allocate, reallocate, release, &status);
}

}  // namespace molt
