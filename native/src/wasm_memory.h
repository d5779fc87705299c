// WebAssembly memory per isolate, and growable shared buffers.
//
// V8 takes them from the process's page allocator, not from the isolate's ArrayBuffer allocator, and shows them
// in no heap statistic. Each is one inaccessible reservation of which V8 opens a growing part, so watching the
// page allocator tells exactly what each has: the thread that reserves is inside the isolate that pays. Inside
// an isolate V8 reserves inaccessible pages for nothing else but resizable ArrayBuffers, which it also accounts
// itself: those count twice.
//
// The allocator is V8's own object. Its virtual table is changed at three places, found by the exported
// addresses of the functions they hold; when the engine is not laid out like that nothing is changed.
#ifndef MOLT_WASM_MEMORY_H
#define MOLT_WASM_MEMORY_H

namespace molt {

// Once, before the first isolate. False when WebAssembly memory stays uncounted.
bool watch_wasm_memory();

}  // namespace molt

#endif
