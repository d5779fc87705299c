// Native addresses that JavaScript objects refer to. A startup blob names them by position.
#ifndef MOLT_EXTERNAL_REFERENCES_H
#define MOLT_EXTERNAL_REFERENCES_H

#include <cstdint>

namespace molt {

// Ends with 0; the same order in every process of one build.
// Without the zero that ends the list V8 takes.
const std::vector<intptr_t>& external_references();

// Differs when a blob made with another list would not fit.
uint64_t external_references_hash();

}  // namespace molt

#endif
