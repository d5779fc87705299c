#include "external_references.h"

#include "calls.h"
#include "intrinsics.h"
#include "modules.h"
#include "promises.h"

namespace molt {
namespace {

template <typename Function>
intptr_t address(Function* function) {
  return reinterpret_cast<intptr_t>(function);
}

// Raised when the fixed entries below change.
constexpr uint64_t kRevision = 1;

}  // namespace

const std::vector<intptr_t>& external_references() {
  static const std::vector<intptr_t> references = [] {
    std::vector<intptr_t> all = {
        address(call_host),
        address(on_watched_fulfilled),
        address(on_watched_rejected),
        address(evaluate_synthetic),
    };
    for (const Intrinsic& intrinsic : all_intrinsics()) all.push_back(address(intrinsic.callback));
    return all;
  }();
  return references;
}

uint64_t external_references_hash() {
  uint64_t hash = 0xcbf29ce484222325 ^ kRevision;  // FNV-1a
  for (const Intrinsic& intrinsic : all_intrinsics()) {
    for (const char* c = intrinsic.name;; c++) {
      hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001b3;
      if (*c == '\0') break;
    }
  }
  return hash;
}

}  // namespace molt
