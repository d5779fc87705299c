// molt_slot <-> v8::Value.
#ifndef MOLT_SLOTS_H
#define MOLT_SLOTS_H

#include "state.h"

namespace molt {

// Empty when the slot does not fit; an exception is then pending in V8. Needs an entered context.
// A slot that gives memory away (MOLT_ADOPT, MOLT_ADOPT_LATIN1) is consumed in any case.
v8::Local<v8::Value> to_value(molt_isolate* isolate, const molt_slot& slot);

// The same for a slot that must be a string.
v8::Local<v8::String> to_string(molt_isolate* isolate, const molt_slot* slot);

// Primitives inline, anything else as a new handle.
void to_result(molt_isolate* isolate, v8::Local<v8::Value> value, molt_slot* out);

// Primitives inline (bigint included); false for strings, symbols and objects.
bool to_primitive(v8::Local<v8::Value> value, molt_slot* out);

// Gives back the memory of slots that V8 did not take.
void discard(const molt_slot* slots, int32_t count);

// The values of a call's arguments; few of them need no allocation.
class Arguments {
 public:
  explicit Arguments(v8::Isolate* isolate) : many_(isolate) {}

  bool decode(molt_isolate* isolate, const molt_slot* slots, int32_t count);
  v8::Local<v8::Value>* data() { return count_ <= kInline ? few_ : many_.data(); }
  int size() const { return count_; }

 private:
  static constexpr int kInline = 8;
  v8::Local<v8::Value> few_[kInline];
  v8::LocalVector<v8::Value> many_;
  int count_ = 0;
};

}  // namespace molt

#endif
