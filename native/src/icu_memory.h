// Memory of Intl objects: ICU takes it from malloc, and V8 knows nothing of its size. Counted for the isolate that the
// thread is inside; growth asks for a memory check. What ICU keeps for all isolates (locale data) is charged to the one that needed it first.
#ifndef MOLT_ICU_MEMORY_H
#define MOLT_ICU_MEMORY_H

namespace molt {

// Once, before the first isolate of ours. Memory that ICU took earlier is freed as it was taken.
void count_icu_memory();

}  // namespace molt

#endif
