// What stands behind the opaque pointers of molt.h.
//
// Life of an isolate's control block (molt_isolate). It outlives V8's isolate: it is freed when the
// host has released it and the last handle of it is gone. Three counts keep that safe without a lock
// on the hot path:
//   users  threads inside, or using V8's isolate from outside for a moment; dispose waits for zero
//   live   handles not yet freed, plus one for V8's isolate itself
//   refs   the host's reference, plus one for (live > 0)
//
// Handles are in an intrusive list that only the thread inside touches. A release on any other thread
// pushes the handle on `released`, which the next enter or exit drains. Dispose resets every handle
// in the list and closes that stack; from then on a release frees the handle at once.
#ifndef MOLT_STATE_H
#define MOLT_STATE_H

#include "allocator.h"
#include "host.h"
#include "tasks.h"
#include "v8_headers.h"

namespace molt {

enum class HandleKind : uint8_t { kValue, kContext, kModule };

struct Handle {
  Handle(molt_isolate* owner, HandleKind kind) : owner(owner), kind(kind) {}

  molt_isolate* owner;
  Handle* previous = nullptr;
  Handle* next = nullptr;
  Handle* queued = nullptr;
  HandleKind kind;
};

// One molt_isolate_enter that took the lock; lives in thread storage.
struct EnterScope {
  alignas(v8::Locker) std::byte locker[sizeof(v8::Locker)];
  molt_isolate* outer;
  EnterScope* below;
  uint32_t depth;
};

// An exception on its way to the host.
struct PendingException {
  v8::Global<v8::Context> context;
  v8::Global<v8::Value> value;
  v8::Global<v8::Message> message;

  void reset() {
    context.Reset();
    value.Reset();
    message.Reset();
  }
};

struct Rejection {
  v8::Global<v8::Promise> promise;
  v8::Global<v8::Value> reason;
};

// The isolate the calling thread is inside.
extern thread_local molt_isolate* current __attribute__((tls_model("initial-exec")));

// How much Intl objects grow between two looks at them.
inline constexpr int64_t kIcuStep = 4 << 20;

// Text of the host's that scripts are compiled from in place. Lives as long as the isolate's control block, so V8's
// last string lets go of nothing.
class SharedSource final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit SharedSource(const molt_source& source) : source_(source) {}

  const char* data() const override { return reinterpret_cast<const char*>(source_.data); }
  size_t length() const override { return static_cast<size_t>(source_.length); }

 protected:
  void Dispose() override {}

 private:
  const molt_source source_;
};

}  // namespace molt

struct molt_value : molt::Handle {
  molt_value(molt_isolate* owner, v8::Isolate* isolate, v8::Local<v8::Value> local)
      : Handle(owner, molt::HandleKind::kValue), value(isolate, local) {}

  v8::Global<v8::Value> value;
  bool compiled_function = false;  // made by molt_function_compile, so V8 can make a code cache of it
};

struct molt_context : molt::Handle {
  molt_context(molt_isolate* owner, v8::Isolate* isolate, v8::Local<v8::Context> local)
      : Handle(owner, molt::HandleKind::kContext), context(isolate, local) {}

  v8::Global<v8::Context> context;
};

struct molt_module : molt::Handle {
  molt_module(molt_isolate* owner, v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Module> local)
      : Handle(owner, molt::HandleKind::kModule),
        context(isolate, context),
        module(isolate, local),
        hash(local->GetIdentityHash()) {}

  v8::Global<v8::Context> context;
  v8::Global<v8::Module> module;
  int hash;
  int64_t cookie = 0;
  std::vector<v8::Global<v8::Module>> links;
};

struct molt_isolate {
  explicit molt_isolate(const molt_isolate_params& params);

  v8::Isolate* v8 = nullptr;
  int64_t cookie;
  int64_t heap_headroom;
  int64_t external_limit;
  int64_t total_limit;
  int64_t stack_limit;

  std::atomic<int64_t> users{0};
  std::atomic<int64_t> live{1};
  std::atomic<int64_t> refs{2};
  std::atomic<bool> closed{false};
  std::atomic<bool> terminating{false};
  std::atomic<int32_t> limit_hit{MOLT_LIMIT_NONE};
  std::atomic<int32_t> limit_count{0};
  std::atomic<molt::Handle*> released{nullptr};

  // Touched only by the thread inside.
  molt::Handle* handles = nullptr;
  molt::EnterScope* top = nullptr;
  molt::PendingException exception;
  v8::Global<v8::Value> scheduled;  // thrown when the host callback in progress returns
  v8::Global<v8::Function> stack_teller;
  bool telling_stack = false;
  std::deque<molt::Rejection> rejections;
  std::unordered_multimap<int, molt_module*> modules;
  size_t initial_heap_limit = 0;
  int heap_raises = 0;    // since the limit was last lowered
  int refused = 0;        // buffers that did not fit after all V8 tried
  int64_t icu = 0;       // bytes of Intl objects
  int64_t icu_live = 0;  // after the last collection for their sake, or fewer
  int64_t icu_look = molt::kIcuStep;  // beyond this many a memory check is asked for
  int wasm_allowed = 0;  // > 0 while the host itself compiles WebAssembly
  bool pumping = false;

  // Kept for V8, which holds pointers to them.
  v8::StartupData blob{nullptr, 0};
  std::deque<molt::SharedSource> sources;  // a deque, for V8 keeps their addresses
  std::vector<intptr_t> references;
  std::shared_ptr<molt::CountingAllocator> allocator;
  molt::PlatformDelegate delegate;
  std::unique_ptr<v8::SnapshotCreator> creator;

  molt_isolate* previous_isolate = nullptr;
  molt_isolate* next_isolate = nullptr;

  static molt_isolate* of(v8::Isolate* isolate) { return static_cast<molt_isolate*>(isolate->GetData(0)); }

  bool begin_use();
  void end_use();
  void add(molt::Handle* handle);
  void remove(molt::Handle* handle);
  void drain();
  void reset_handles();
  void unref();
};

namespace molt {

// MOLT_OK when the calling thread may use the handle, else why not.
inline int32_t check(const molt_isolate* isolate) {
  if (isolate == nullptr) return MOLT_INVALID;
  if (current == isolate) return MOLT_OK;
  return isolate->closed.load(std::memory_order_relaxed) ? MOLT_DISPOSED : MOLT_INVALID;
}

inline int32_t check(const Handle* handle) { return handle == nullptr ? MOLT_INVALID : check(handle->owner); }

inline bool foreign(const molt_isolate* isolate, const Handle* handle) {
  return handle == nullptr || handle->owner != isolate;
}

molt_value* new_value(molt_isolate* isolate, v8::Local<v8::Value> local);
void release(Handle* handle);

// Everything a table function needs before it touches the heap of a context, and what it makes of a failure.
class Entry {
 public:
  Entry(molt_isolate* owner, const v8::Global<v8::Context>& target)
      : isolate(owner),
        v8(owner->v8),
        handles_(owner->v8),
        context(target.Get(owner->v8)),
        scope_(context),
        try_catch_(owner->v8) {}
  explicit Entry(molt_context* target) : Entry(target->owner, target->context) {}
  explicit Entry(molt_module* target) : Entry(target->owner, target->context) {}

  // The status of a call that did not succeed; keeps the exception for molt_exception_take.
  int32_t fail();

  molt_isolate* const isolate;
  v8::Isolate* const v8;

 private:
  v8::HandleScope handles_;

 public:
  const v8::Local<v8::Context> context;

 private:
  v8::Context::Scope scope_;
  v8::TryCatch try_catch_;
};

v8::Local<v8::String> literal(v8::Isolate* isolate, std::string_view text);
std::string utf8(v8::Isolate* isolate, v8::Local<v8::String> text, size_t limit = SIZE_MAX);
v8::Local<v8::Value> make_error(v8::Isolate* isolate, int32_t kind, v8::Local<v8::String> message);
void throw_error(v8::Isolate* isolate, int32_t kind, std::string_view message);
int32_t make_blob(std::string_view text, molt_blob* out);

}  // namespace molt

#endif
