#include "state.h"

namespace molt {

thread_local molt_isolate* current __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

// Marks the release stack of a disposed isolate.
Handle* closed_stack() { return reinterpret_cast<Handle*>(uintptr_t{1}); }

void destroy(Handle* handle) {
  switch (handle->kind) {
    case HandleKind::kValue:
      delete static_cast<molt_value*>(handle);
      break;
    case HandleKind::kContext:
      delete static_cast<molt_context*>(handle);
      break;
    case HandleKind::kModule:
      delete static_cast<molt_module*>(handle);
      break;
  }
}

void reset(Handle* handle) {
  switch (handle->kind) {
    case HandleKind::kValue:
      static_cast<molt_value*>(handle)->value.Reset();
      break;
    case HandleKind::kContext:
      static_cast<molt_context*>(handle)->context.Reset();
      break;
    case HandleKind::kModule: {
      auto* module = static_cast<molt_module*>(handle);
      module->context.Reset();
      module->module.Reset();
      module->links.clear();
      break;
    }
  }
}

}  // namespace

molt_value* new_value(molt_isolate* isolate, v8::Local<v8::Value> local) {
  auto* value = new molt_value(isolate, isolate->v8, local);
  isolate->add(value);
  return value;
}

void release(Handle* handle) {
  if (handle == nullptr) return;
  molt_isolate* owner = handle->owner;
  if (current == owner) {
    owner->remove(handle);
    destroy(handle);
    owner->live.store(owner->live.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    return;
  }
  Handle* head = owner->released.load(std::memory_order_acquire);
  while (head != closed_stack()) {
    handle->queued = head;
    if (owner->released.compare_exchange_weak(head, handle, std::memory_order_release, std::memory_order_acquire)) {
      return;
    }
  }
  destroy(handle);
  if (owner->live.fetch_sub(1, std::memory_order_acq_rel) == 1) owner->unref();
}

}  // namespace molt

bool molt_isolate::begin_use() {
  users.fetch_add(1, std::memory_order_seq_cst);
  if (!closed.load(std::memory_order_seq_cst)) return true;
  end_use();
  return false;
}

void molt_isolate::end_use() {
  users.fetch_sub(1, std::memory_order_seq_cst);
  if (closed.load(std::memory_order_seq_cst)) users.notify_all();
}

void molt_isolate::add(molt::Handle* handle) {
  handle->next = handles;
  if (handles != nullptr) handles->previous = handle;
  handles = handle;
  live.store(live.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void molt_isolate::remove(molt::Handle* handle) {
  if (handle->kind == molt::HandleKind::kModule) {
    auto* module = static_cast<molt_module*>(handle);
    auto [first, last] = modules.equal_range(module->hash);
    for (; first != last; ++first) {
      if (first->second != module) continue;
      modules.erase(first);
      break;
    }
  }
  if (handle->previous != nullptr) {
    handle->previous->next = handle->next;
  } else {
    handles = handle->next;
  }
  if (handle->next != nullptr) handle->next->previous = handle->previous;
}

void molt_isolate::drain() {
  if (released.load(std::memory_order_relaxed) == nullptr) return;
  molt::Handle* handle = released.exchange(nullptr, std::memory_order_acquire);
  while (handle != nullptr) {
    molt::Handle* next = handle->queued;
    remove(handle);
    molt::destroy(handle);
    live.store(live.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    handle = next;
  }
}

void molt_isolate::reset_handles() {
  if (released.load(std::memory_order_acquire) == molt::closed_stack()) return;
  drain();
  modules.clear();
  exception.reset();
  scheduled.Reset();
  stack_teller.Reset();
  rejections.clear();
  for (molt::Handle* handle = handles; handle != nullptr; handle = handle->next) molt::reset(handle);
  handles = nullptr;
  molt::Handle* handle = released.exchange(molt::closed_stack(), std::memory_order_acq_rel);
  while (handle != nullptr) {
    molt::Handle* next = handle->queued;
    molt::destroy(handle);
    live.fetch_sub(1, std::memory_order_relaxed);
    handle = next;
  }
}

void molt_value_release(molt_value* value) { molt::release(value); }
void molt_context_release(molt_context* context) { molt::release(context); }
void molt_module_release(molt_module* module) { molt::release(module); }
