#include <cstring>

#include "context.h"
#include "lifetime.h"
#include "state.h"

namespace molt {
namespace {

// V8 writes this into the blob's header where the tables in it may be hashed anew for another seed.
constexpr int kRehashabilityOffset = 4;

// Builder and users run with one seed, which the stamp of a blob assures: hashing every table again per isolate
// would arrive at what is there.
void keep_hashes(const v8::StartupData& blob) {
  constexpr uint32_t kNever = 0;
  memcpy(const_cast<char*>(blob.data) + kRehashabilityOffset, &kNever, sizeof kNever);
}

}  // namespace
}  // namespace molt

int32_t molt_snapshot_create(molt_isolate* isolate, molt_context* context, molt_value* const* retained, int32_t count,
                             int32_t keep_function_code, molt_blob* out) {
  if (isolate == nullptr || out == nullptr || count < 0 || (count > 0 && retained == nullptr)) return MOLT_INVALID;
  *out = {};
  if (isolate->closed.load()) return MOLT_DISPOSED;
  if (isolate->creator == nullptr || molt::foreign(isolate, context)) return MOLT_INVALID;
  for (int32_t i = 0; i < count; i++) {
    if (molt::foreign(isolate, retained[i])) return MOLT_INVALID;
  }
  if (!molt::close(isolate)) return MOLT_DISPOSED;

  v8::StartupData blob{nullptr, 0};
  {
    v8::Locker locker(isolate->v8);
    v8::Isolate::Scope scope(isolate->v8);
    {
      v8::HandleScope handles(isolate->v8);
      v8::Local<v8::Context> local = context->context.Get(isolate->v8);
      molt::strip_context(local);
      isolate->v8->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate->v8));
      isolate->creator->SetDefaultContext(local);
      for (int32_t i = 0; i < count; i++) isolate->creator->AddData(local, retained[i]->value.Get(isolate->v8));
    }
    // V8 serializes what is reachable from the context alone; a global handle would pin more.
    isolate->reset_handles();
    blob = isolate->creator->CreateBlob(keep_function_code != 0 ? v8::SnapshotCreator::FunctionCodeHandling::kKeep
                                                                : v8::SnapshotCreator::FunctionCodeHandling::kClear);
  }
  if (blob.data != nullptr) molt::keep_hashes(blob);
  const int32_t status = blob.data == nullptr
                             ? MOLT_INVALID
                             : molt::make_blob({blob.data, static_cast<size_t>(blob.raw_size)}, out);
  delete[] blob.data;
  molt::tear_down(isolate);
  return status;
}
