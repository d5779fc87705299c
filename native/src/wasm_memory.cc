#include "wasm_memory.h"

#include <cstdio>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

#include "state.h"
#include "wasm_reset.h"

namespace molt {
namespace {

using Permission = v8::PageAllocator::Permission;

// Address space and the kernel's mappings are shared by all isolates of the process.
constexpr int kMaxMemories = 128;

struct Reservation {
  size_t length;
  uintptr_t opened_at;  // 0 as long as nothing is open
  size_t opened;
  std::shared_ptr<CountingAllocator> payer;
};

std::mutex mutex;
std::map<uintptr_t, Reservation> reservations;
std::atomic<size_t> reservation_count{0};

using Allocate = void* (*)(void* self, void* address, size_t length, size_t alignment, Permission permission);
using Free = bool (*)(void* self, void* address, size_t length);
using Permit = bool (*)(void* self, void* address, size_t length, Permission permission);

Allocate original_allocate;
Free original_free;
Permit original_permit;

void* on_allocate(void* self, void* address, size_t length, size_t alignment, Permission permission) {
  molt_isolate* isolate = current;
  if (isolate == nullptr || permission != v8::PageAllocator::kNoAccess) {
    return original_allocate(self, address, length, alignment, permission);
  }
  if (!isolate->allocator->add_memory(kMaxMemories)) return nullptr;
  void* pages = original_allocate(self, address, length, alignment, permission);
  if (pages == nullptr) {
    isolate->allocator->remove_memory(0);
    return nullptr;
  }
  std::lock_guard lock(mutex);
  reservations[reinterpret_cast<uintptr_t>(pages)] = {length, 0, 0, isolate->allocator};
  reservation_count.store(reservations.size(), std::memory_order_release);
  return pages;
}

bool on_free(void* self, void* address, size_t length) {
  if (reservation_count.load(std::memory_order_acquire) != 0) {
    std::lock_guard lock(mutex);
    if (const auto found = reservations.find(reinterpret_cast<uintptr_t>(address)); found != reservations.end()) {
      found->second.payer->remove_memory(found->second.opened);
      forget_memory(found->first, found->second.length);
      reservations.erase(found);
      reservation_count.store(reservations.size(), std::memory_order_release);
    }
  }
  return original_free(self, address, length);
}

// Accounts for the part of a reservation that is about to be opened; false when the isolate may not have it.
bool open(uintptr_t address, size_t length) {
  std::lock_guard lock(mutex);
  auto found = reservations.upper_bound(address);
  if (found == reservations.begin()) return true;
  --found;
  Reservation& reservation = found->second;
  if (address - found->first >= reservation.length) return true;
  if (reservation.opened_at == 0) reservation.opened_at = address;
  const size_t wanted = address + length - reservation.opened_at;
  if (wanted <= reservation.opened) return true;
  if (!reservation.payer->grow_memory(wanted - reservation.opened, reservation.opened == 0)) return false;
  reservation.opened = wanted;
  return true;
}

bool on_permit(void* self, void* address, size_t length, Permission permission) {
  if (permission == v8::PageAllocator::kReadWrite && reservation_count.load(std::memory_order_acquire) != 0 &&
      !open(reinterpret_cast<uintptr_t>(address), length)) {
    return false;
  }
  return original_permit(self, address, length, permission);
}

struct Hook {
  const char* symbol;
  void* replacement;
  void** slot = nullptr;
};

bool replace(void** first, void** last, Hook* hooks, size_t count) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t start = reinterpret_cast<uintptr_t>(first) & ~(page - 1);
  const size_t length = reinterpret_cast<uintptr_t>(last) - start;
  if (mprotect(reinterpret_cast<void*>(start), length, PROT_READ | PROT_WRITE) != 0) return false;
  for (size_t i = 0; i < count; i++) *hooks[i].slot = hooks[i].replacement;
  mprotect(reinterpret_cast<void*>(start), length, PROT_READ);
  return true;
}

}  // namespace

bool watch_wasm_memory() {
  // Two words precede the functions; the class has fewer than this many.
  constexpr size_t kHeader = 2;
  constexpr size_t kSlots = 20;
  auto** table = static_cast<void**>(dlsym(RTLD_DEFAULT, "_ZTVN2v84base13PageAllocatorE"));
  if (table == nullptr) return false;
  Hook hooks[] = {
      {"_ZN2v84base13PageAllocator13AllocatePagesEPvmmNS_13PageAllocator10PermissionE",
       reinterpret_cast<void*>(on_allocate)},
      {"_ZN2v84base13PageAllocator9FreePagesEPvm", reinterpret_cast<void*>(on_free)},
      {"_ZN2v84base13PageAllocator14SetPermissionsEPvmNS_13PageAllocator10PermissionE",
       reinterpret_cast<void*>(on_permit)},
  };
  void** const first = table + kHeader;
  void** const last = first + kSlots;
  for (Hook& hook : hooks) {
    void* function = dlsym(RTLD_DEFAULT, hook.symbol);
    for (void** slot = first; function != nullptr && slot < last && hook.slot == nullptr; slot++) {
      if (*slot == function) hook.slot = slot;
    }
    if (hook.slot == nullptr) return false;
  }
  original_allocate = reinterpret_cast<Allocate>(*hooks[0].slot);
  original_free = reinterpret_cast<Free>(*hooks[1].slot);
  original_permit = reinterpret_cast<Permit>(*hooks[2].slot);
  return replace(first, last, hooks, std::size(hooks));
}

}  // namespace molt
