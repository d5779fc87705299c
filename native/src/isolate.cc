#include <ctime>
#include <mutex>
#include <pthread.h>

#include "context.h"
#include "external_references.h"
#include "lifetime.h"
#include "limits.h"
#include "modules.h"
#include "promises.h"
#include "state.h"

namespace molt {
namespace {

std::mutex registry_mutex;
molt_isolate* registry = nullptr;  // every control block that is not yet freed
std::atomic<int64_t> live_isolates{0};
std::atomic<bool> shutting_down{false};

void enlist(molt_isolate* isolate) {
  std::lock_guard lock(registry_mutex);
  isolate->next_isolate = registry;
  if (registry != nullptr) registry->previous_isolate = isolate;
  registry = isolate;
}

void unlist(molt_isolate* isolate) {
  std::lock_guard lock(registry_mutex);
  if (isolate->previous_isolate != nullptr) {
    isolate->previous_isolate->next_isolate = isolate->next_isolate;
  } else {
    registry = isolate->next_isolate;
  }
  if (isolate->next_isolate != nullptr) isolate->next_isolate->previous_isolate = isolate->previous_isolate;
}

// Enter scopes of the calling thread; deeper nesting of different isolates takes them from the heap.
struct ScopePool {
  static constexpr int kSize = 4;
  EnterScope scopes[kSize];
  int used = 0;
};
thread_local ScopePool pool;

EnterScope* take_scope() { return pool.used < ScopePool::kSize ? &pool.scopes[pool.used++] : new EnterScope; }

void return_scope(EnterScope* scope) {
  if (scope >= pool.scopes && scope < pool.scopes + ScopePool::kSize) {
    pool.used--;
  } else {
    delete scope;
  }
}

// The lowest address JavaScript may reach on this thread: what is left below serves native code and the
// handlers of the stack overflow itself.
uintptr_t stack_floor() {
  static thread_local uintptr_t floor = [] {
    constexpr size_t kReserve = 192 * 1024;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return uintptr_t{0};
    void* address = nullptr;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &address, &size);
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<uintptr_t>(address) + kReserve;
  }();
  return floor;
}

void set_stack_limit(molt_isolate* isolate) {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const auto wanted = static_cast<uintptr_t>(isolate->stack_limit);
  const uintptr_t floor = stack_floor();
  isolate->v8->SetStackLimit(here > wanted && here - wanted > floor ? here - wanted : floor);
}

// V8 ends the process over a blob that does not even hold its header.
constexpr int kSmallestBlob = 1024;

bool valid_sources(const molt_isolate_params& params) {
  if (params.source_count < 0 || (params.source_count > 0 && params.sources == nullptr)) return false;
  for (int32_t i = 0; i < params.source_count; i++) {
    const molt_source& source = params.sources[i];
    if (source.data == nullptr || source.length < 0 || source.length > v8::String::kMaxLength) return false;
  }
  return true;
}

void install_callbacks(molt_isolate* isolate) {
  v8::Isolate* v8 = isolate->v8;
  v8->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  install_limits(isolate);
  install_context_callbacks(v8);
  install_module_callbacks(v8);
  install_promise_callbacks(v8);
}

void leave_all(molt_isolate* isolate) {
  while (current == isolate) {
    isolate->top->depth = 1;
    molt_isolate_exit(isolate);
  }
}

}  // namespace

void tear_down(molt_isolate* isolate) {
  {
    v8::Locker locker(isolate->v8);
    v8::Isolate::Scope scope(isolate->v8);
    isolate->reset_handles();
  }
  if (isolate->creator != nullptr) {
    v8::Locker locker(isolate->v8);
    isolate->v8->Enter();  // balances the exit in the creator's destructor
    isolate->creator.reset();
  }
  isolate->v8->Deinitialize();
  platform()->UnregisterIsolate(isolate->v8);
  isolate->delegate.tasks->close();
  v8::Isolate::Free(isolate->v8);
  isolate->v8 = nullptr;
  live_isolates.fetch_sub(1);
  if (isolate->live.fetch_sub(1, std::memory_order_acq_rel) == 1) isolate->unref();
}

bool close(molt_isolate* isolate) {
  leave_all(isolate);
  if (isolate->closed.exchange(true, std::memory_order_seq_cst)) return false;
  for (int64_t users = isolate->users.load(); users != 0; users = isolate->users.load()) isolate->users.wait(users);
  return true;
}

}  // namespace molt

molt_isolate::molt_isolate(const molt_isolate_params& params)
    : cookie(params.cookie),
      heap_headroom(params.heap_headroom),
      external_limit(params.external_limit),
      total_limit(params.total_limit),
      stack_limit(params.stack_limit),
      blob{reinterpret_cast<const char*>(params.snapshot), static_cast<int>(params.snapshot_length)},
      allocator(std::make_shared<molt::CountingAllocator>(static_cast<size_t>(params.external_limit))),
      delegate(params.cookie) {
  references.reserve(molt::external_references().size() + static_cast<size_t>(params.source_count) + 1);
  references = molt::external_references();
  for (int32_t i = 0; i < params.source_count; i++) {
    sources.emplace_back(params.sources[i]);
    references.push_back(reinterpret_cast<intptr_t>(&sources.back()));
  }
  references.push_back(0);
}

void molt_isolate::unref() {
  if (refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  molt::unlist(this);
  delete this;
}

int32_t molt_isolate_new(const molt_isolate_params* params, molt_isolate** out) {
  if (params == nullptr || out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (molt::platform() == nullptr || params->heap_limit < 0 || params->external_limit < 0 || params->total_limit < 0 ||
      params->stack_limit < 0 || params->snapshot_length < 0 || params->snapshot_length > INT32_MAX ||
      (params->snapshot == nullptr) != (params->snapshot_length == 0) || !molt::valid_sources(*params)) {
    return MOLT_INVALID;
  }
  if (molt::shutting_down.load()) return MOLT_DISPOSED;

  auto* isolate = new molt_isolate(*params);
  if (isolate->blob.data != nullptr && (isolate->blob.raw_size < molt::kSmallestBlob || !isolate->blob.IsValid())) {
    delete isolate;
    return MOLT_INVALID;
  }
  v8::Isolate::CreateParams create;
  create.array_buffer_allocator_shared = isolate->allocator;
  create.external_references = isolate->references.data();
  create.allow_atomics_wait = false;
  create.fatal_error_callback = molt::on_fatal_error;
  create.oom_error_callback = molt::on_out_of_memory;
  if (isolate->blob.data != nullptr) create.snapshot_blob = &isolate->blob;
  molt::set_constraints(&create.constraints, params->heap_limit);

  isolate->v8 = v8::Isolate::Allocate();
  molt::platform()->RegisterIsolate(isolate->v8, &isolate->delegate);
  isolate->v8->SetData(0, isolate);
  if (params->creator != 0) {
    v8::Locker locker(isolate->v8);
    isolate->creator = std::make_unique<v8::SnapshotCreator>(isolate->v8, create);
    isolate->v8->Exit();  // the creator enters; from here on the host does
  } else {
    v8::Isolate::Initialize(isolate->v8, create);
  }
  isolate->v8->SetData(0, isolate);
  molt::install_callbacks(isolate);
  molt::enlist(isolate);
  molt::live_isolates.fetch_add(1);
  *out = isolate;
  return MOLT_OK;
}

void molt_isolate_dispose(molt_isolate* isolate) {
  if (isolate != nullptr && molt::close(isolate)) molt::tear_down(isolate);
}

void molt_isolate_release(molt_isolate* isolate) {
  if (isolate == nullptr) return;
  molt_isolate_dispose(isolate);
  isolate->unref();
}

void molt_isolate_enter(molt_isolate* isolate) {
  if (isolate == nullptr) return;
  if (molt::current == isolate) {
    isolate->top->depth++;
    return;
  }
  if (!isolate->begin_use()) return;
  molt::EnterScope* scope = molt::take_scope();
  new (scope->locker) v8::Locker(isolate->v8);
  isolate->v8->Enter();
  scope->outer = molt::current;
  scope->below = isolate->top;
  scope->depth = 1;
  if (isolate->stack_limit != 0 && isolate->top == nullptr) molt::set_stack_limit(isolate);
  isolate->top = scope;
  molt::current = isolate;
  if (isolate->heap_raises != 0 && !isolate->terminating.load()) molt::lower_heap_limit(isolate);
  isolate->drain();
}

void molt_isolate_exit(molt_isolate* isolate) {
  if (isolate == nullptr || molt::current != isolate) return;
  molt::EnterScope* scope = isolate->top;
  if (--scope->depth != 0) return;
  isolate->drain();
  isolate->top = scope->below;
  molt::current = scope->outer;
  isolate->v8->Exit();
  reinterpret_cast<v8::Locker*>(scope->locker)->~Locker();
  molt::return_scope(scope);
  isolate->end_use();
}

void molt_isolate_run_microtasks(molt_isolate* isolate) {
  if (molt::check(isolate) != MOLT_OK || isolate->terminating.load(std::memory_order_relaxed)) return;
  v8::HandleScope handles(isolate->v8);
  v8::TryCatch try_catch(isolate->v8);
  isolate->v8->PerformMicrotaskCheckpoint();
}

int64_t molt_live_isolates(void) { return molt::live_isolates.load(); }

int64_t molt_live_handles(void) {
  std::lock_guard lock(molt::registry_mutex);
  int64_t count = molt::live_buffers();
  for (molt_isolate* isolate = molt::registry; isolate != nullptr; isolate = isolate->next_isolate) {
    // The control block counts as one handle as long as V8's isolate lives.
    count += isolate->live.load() - (isolate->v8 != nullptr ? 1 : 0);
  }
  return count;
}

void molt_shutdown(void) {
  molt::shutting_down.store(true);
  std::vector<molt_isolate*> alive;
  {
    std::lock_guard lock(molt::registry_mutex);
    for (molt_isolate* isolate = molt::registry; isolate != nullptr; isolate = isolate->next_isolate) {
      if (isolate->closed.load()) continue;
      isolate->refs.fetch_add(1);
      alive.push_back(isolate);
    }
  }
  for (molt_isolate* isolate : alive) molt_isolate_terminate(isolate);
  // Threads inside get this long to leave; an isolate that is still busy then is left to the process's end.
  timespec pause{0, 1'000'000};
  int patience = 500;
  for (molt_isolate* isolate : alive) {
    molt::leave_all(isolate);
    while (isolate->users.load() != 0 && patience > 0) {
      patience--;
      nanosleep(&pause, nullptr);
    }
    if (isolate->users.load() == 0) molt_isolate_dispose(isolate);
    isolate->unref();
  }
}
