#include "json.h"
#include "slots.h"

namespace molt {
namespace {

// A guest chooses these texts; longer ones are cut.
constexpr size_t kMaxMessage = 16 * 1024;
constexpr size_t kMaxStack = 32 * 1024;
constexpr size_t kMaxSourceLine = 512;
constexpr std::string_view kUncaught = "Uncaught ";

// Reads a property that should be a string; empty when it is not one or a getter threw.
v8::Local<v8::String> text_property(v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                                    std::string_view name) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  // A termination ends one getter and is then caught here; the next one must not run.
  if (molt_isolate::of(isolate)->terminating.load(std::memory_order_relaxed)) return {};
  v8::TryCatch try_catch(isolate);
  v8::Local<v8::Value> value;
  if (!object->Get(context, literal(isolate, name)).ToLocal(&value) || !value->IsString()) return {};
  return value.As<v8::String>();
}

void write_text(v8::Isolate* isolate, JsonWriter& json, std::string_view key, v8::Local<v8::Value> value,
                size_t limit) {
  if (value.IsEmpty() || !value->IsString() || value.As<v8::String>()->Length() == 0) return;
  json.key(key).string(utf8(isolate, value.As<v8::String>(), limit));
}

void write_message(v8::Isolate* isolate, JsonWriter& json, v8::Local<v8::String> own, v8::Local<v8::Message> message) {
  std::string text;
  if (!own.IsEmpty()) {
    text = utf8(isolate, own, kMaxMessage);
  } else if (!message.IsEmpty()) {
    text = utf8(isolate, message->Get(), kMaxMessage);
    if (text.starts_with(kUncaught)) text.erase(0, kUncaught.size());
  }
  json.key("message").string(text);
}

void write_position(v8::Local<v8::Context> context, JsonWriter& json, v8::Local<v8::Message> message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  write_text(isolate, json, "resource", message->GetScriptResourceName(), kMaxMessage);
  const int line = message->GetLineNumber(context).FromMaybe(0);
  if (line <= 0) return;
  json.key("line").number(line);
  json.key("column").number(message->GetStartColumn(context).FromMaybe(0) + 1);
  v8::Local<v8::String> source_line;
  if (message->GetSourceLine(context).ToLocal(&source_line)) {
    write_text(isolate, json, "sourceLine", source_line, kMaxSourceLine);
  }
}

std::string describe(v8::Local<v8::Context> context, v8::Local<v8::Value> exception, v8::Local<v8::Message> message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::TryCatch try_catch(isolate);
  JsonWriter json;
  json.begin('{');
  if (exception->IsObject()) {
    v8::Local<v8::Object> object = exception.As<v8::Object>();
    const v8::Local<v8::String> stack = text_property(context, object, "stack");
    v8::Local<v8::String> own;
    // V8's own text for what is no error of its own, such as a DOMException, is a name.
    if (object->IsNativeError() || !stack.IsEmpty()) own = text_property(context, object, "message");
    write_message(isolate, json, own, message);
    write_text(isolate, json, "name", text_property(context, object, "name"), kMaxMessage);
    write_text(isolate, json, "stack", stack, kMaxStack);
  } else {
    write_message(isolate, json, {}, message);
  }
  if (!message.IsEmpty()) write_position(context, json, message);
  json.end('}');
  return json.text();
}

}  // namespace

int32_t Entry::fail() {
  if (try_catch_.HasTerminated() || isolate->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  if (!try_catch_.HasCaught()) return v8->IsExecutionTerminating() ? MOLT_TERMINATED : MOLT_INVALID;
  isolate->exception.context.Reset(v8, context);
  isolate->exception.value.Reset(v8, try_catch_.Exception());
  isolate->exception.message.Reset(v8, try_catch_.Message());
  return MOLT_EXCEPTION;
}

v8::Local<v8::String> literal(v8::Isolate* isolate, std::string_view text) {
  return v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kInternalized, static_cast<int>(text.size()))
      .ToLocalChecked();
}

std::string utf8(v8::Isolate* isolate, v8::Local<v8::String> text, size_t limit) {
  const size_t length = text->Utf8LengthV2(isolate);
  std::string result(length < limit ? length : limit, '\0');
  result.resize(text->WriteUtf8V2(isolate, result.data(), result.size(), v8::String::WriteFlags::kReplaceInvalidUtf8));
  return result;
}

v8::Local<v8::Value> make_error(v8::Isolate*, int32_t kind, v8::Local<v8::String> message) {
  switch (kind) {
    case MOLT_TYPE_ERROR:
      return v8::Exception::TypeError(message);
    case MOLT_RANGE_ERROR:
      return v8::Exception::RangeError(message);
    case MOLT_SYNTAX_ERROR:
      return v8::Exception::SyntaxError(message);
    default:
      return v8::Exception::Error(message);
  }
}

void throw_error(v8::Isolate* isolate, int32_t kind, std::string_view message) {
  isolate->ThrowException(make_error(isolate, kind, literal(isolate, message)));
}

int32_t make_blob(std::string_view text, molt_blob* out) {
  // One byte at least, so that an empty blob is told from none.
  out->data = static_cast<uint8_t*>(malloc(text.empty() ? 1 : text.size()));
  if (out->data == nullptr) return MOLT_INVALID;
  memcpy(out->data, text.data(), text.size());
  out->length = static_cast<int64_t>(text.size());
  return MOLT_OK;
}

}  // namespace molt

int32_t molt_exception_take(molt_isolate* isolate, molt_value** value, molt_blob* details) {
  if (value != nullptr) *value = nullptr;
  if (details != nullptr) *details = {};
  if (int32_t status = molt::check(isolate); status != MOLT_OK) return status;
  molt::PendingException& pending = isolate->exception;
  if (pending.value.IsEmpty()) return MOLT_INVALID;
  molt::Entry entry(isolate, pending.context);
  v8::Local<v8::Value> exception = pending.value.Get(isolate->v8);
  v8::Local<v8::Message> message = pending.message.Get(isolate->v8);
  pending.reset();
  if (value != nullptr) *value = molt::new_value(isolate, exception);
  return details == nullptr ? MOLT_OK : molt::make_blob(molt::describe(entry.context, exception, message), details);
}

int32_t molt_exception_describe(molt_context* context, molt_value* value, molt_blob* details) {
  if (details == nullptr) return MOLT_INVALID;
  *details = {};
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  if (molt::foreign(context->owner, value)) return MOLT_INVALID;
  molt::Entry entry(context);
  v8::Local<v8::Value> exception = value->value.Get(entry.v8);
  v8::Local<v8::Message> message = v8::Exception::CreateMessage(entry.v8, exception);
  return molt::make_blob(molt::describe(entry.context, exception, message), details);
}

int32_t molt_error_new(molt_context* context, int32_t error_kind, const molt_slot* message, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = molt::check(context); status != MOLT_OK) return status;
  molt::Entry entry(context);
  v8::Local<v8::String> text = molt::to_string(entry.isolate, message);
  if (text.IsEmpty()) return entry.fail();
  *out = molt::new_value(entry.isolate, molt::make_error(entry.v8, error_kind, text));
  return MOLT_OK;
}
