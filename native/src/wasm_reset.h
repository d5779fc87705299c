// WebAssembly memory that goes back to an image after each use, at the price of what was written.
//
// Three ways, the first that the kernel allows:
//   kScan  the memory's pages are write-protected asynchronously (userfaultfd) and PAGEMAP_SCAN names the ones
//          that were written. Those stay open and are copied back each time: a guest writes the same few pages
//          again and again, and a copy costs less than a fault. Every so often all are protected anew.
//   kCopy  everything is copied; for small memories.
//   kMap   the image is mapped privately over the memory and the private pages are dropped.
//
// Looking costs time for each page that has an entry in a page table. So under kScan stretches of 2 MiB that the
// image leaves zero have no page table until something is written in them, and others are one huge page each where
// the kernel gives one; either becomes a stretch of small pages with its first write.
#ifndef MOLT_WASM_RESET_H
#define MOLT_WASM_RESET_H

#include <cstddef>
#include <cstdint>

namespace molt {

// V8 gives these pages back: no reset may touch them any more.
void forget_memory(uintptr_t address, size_t length);

}  // namespace molt

#endif
