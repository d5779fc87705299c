#include "modules.h"

#include "calls.h"
#include "context.h"
#include "json.h"
#include "scripts.h"
#include "slots.h"

namespace molt {
namespace {

constexpr std::string_view kPhase = "Only the evaluation phase of an import is supported";

molt_module* find(molt_isolate* isolate, v8::Local<v8::Module> module) {
  auto [first, last] = isolate->modules.equal_range(module->GetIdentityHash());
  for (; first != last; ++first) {
    if (first->second->module == module) return first->second;
  }
  return nullptr;
}

molt_module* adopt(const Entry& entry, v8::Local<v8::Module> local) {
  auto* module = new molt_module(entry.isolate, entry.v8, entry.context, local);
  entry.isolate->add(module);
  entry.isolate->modules.emplace(module->hash, module);
  return module;
}

// A longer text names no module, and is not copied out of the heap to look for one.
constexpr int kLongestSpecifier = 8192;

// Attributes come flat: key, value, and for static imports a source offset.
void write_attributes(v8::Isolate* isolate, JsonWriter& json, v8::Local<v8::FixedArray> attributes, int stride) {
  json.key("attributes").begin('{');
  for (int i = 0; i + 1 < attributes->Length(); i += stride) {
    json.key(utf8(isolate, attributes->Get(i).As<v8::String>()))
        .string(utf8(isolate, attributes->Get(i + 1).As<v8::String>()));
  }
  json.end('}');
}

v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context>, size_t index, v8::Local<v8::Module> referrer) {
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  molt_module* module = find(molt_isolate::of(v8), referrer);
  if (module == nullptr || index >= module->links.size() || module->links[index].IsEmpty()) {
    throw_error(v8, MOLT_ERROR, "An import is not linked");
    return {};
  }
  return module->links[index].Get(v8);
}

v8::MaybeLocal<v8::Object> resolve_source(v8::Local<v8::Context>, size_t, v8::Local<v8::Module>) {
  throw_error(v8::Isolate::GetCurrent(), MOLT_SYNTAX_ERROR, kPhase);
  return {};
}

v8::MaybeLocal<v8::Promise> rejected(v8::Local<v8::Context> context, v8::Local<v8::Value> reason) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) || resolver->Reject(context, reason).IsNothing()) {
    return {};
  }
  return resolver->GetPromise();
}

v8::MaybeLocal<v8::Promise> import_dynamic(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                           v8::Local<v8::Value> referrer, v8::Local<v8::String> specifier,
                                           v8::Local<v8::FixedArray> attributes) {
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  molt_isolate* isolate = molt_isolate::of(v8);
  const molt_host* table = host();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  if (table == nullptr) return resolver->GetPromise();
  bool fits = specifier->Length() <= kLongestSpecifier;
  for (int i = 0; i < attributes->Length(); ++i) {
    fits = fits && attributes->Get(i).As<v8::String>()->Length() <= kLongestSpecifier;
  }
  if (!fits) return rejected(context, make_error(v8, MOLT_TYPE_ERROR, literal(v8, "The specifier of an import is too long")));
  JsonWriter json;
  json.begin('{');
  json.key("referrer").string(referrer->IsString() ? utf8(v8, referrer.As<v8::String>()) : std::string());
  json.key("specifier").string(utf8(v8, specifier));
  write_attributes(v8, json, attributes, 2);
  json.end('}');
  table->import_dynamic(isolate->cookie, context_cookie(context), reinterpret_cast<const uint8_t*>(json.text().data()),
                        static_cast<int64_t>(json.text().size()), new_value(isolate, resolver));
  if (rethrow_scheduled(isolate)) return {};
  return resolver->GetPromise();
}

v8::MaybeLocal<v8::Promise> import_phase(v8::Local<v8::Context> context, v8::Local<v8::Data> options,
                                         v8::Local<v8::Value> referrer, v8::Local<v8::String> specifier,
                                         v8::ModuleImportPhase phase, v8::Local<v8::FixedArray> attributes) {
  if (phase == v8::ModuleImportPhase::kEvaluation) {
    return import_dynamic(context, options, referrer, specifier, attributes);
  }
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  return rejected(context, make_error(v8, MOLT_SYNTAX_ERROR, literal(v8, kPhase)));
}

void import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta) {
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  meta->CreateDataProperty(context, literal(v8, "url"), module->GetResourceName()).Check();
}

bool only_evaluation(v8::Local<v8::Module> module) {
  v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); i++) {
    if (requests->Get(i).As<v8::ModuleRequest>()->GetPhase() != v8::ModuleImportPhase::kEvaluation) return false;
  }
  return true;
}

}  // namespace

void install_module_callbacks(v8::Isolate* isolate) {
  isolate->SetHostImportModuleDynamicallyCallback(import_dynamic);
  isolate->SetHostImportModuleWithPhaseDynamicallyCallback(import_phase);
  isolate->SetHostInitializeImportMetaObjectCallback(import_meta);
}

v8::MaybeLocal<v8::Value> evaluate_synthetic(v8::Local<v8::Context> context, v8::Local<v8::Module> local) {
  v8::Isolate* v8 = v8::Isolate::GetCurrent();
  molt_isolate* isolate = molt_isolate::of(v8);
  molt_module* module = find(isolate, local);
  const molt_host* table = host();
  if (module == nullptr || table == nullptr) {
    throw_error(v8, MOLT_ERROR, "The host of a module is gone");
    return {};
  }
  const int32_t failed = table->synthetic_evaluate(isolate->cookie, module->cookie);
  if (rethrow_scheduled(isolate)) return {};
  if (failed != 0) {
    throw_error(v8, MOLT_ERROR, "A module could not be evaluated");
    return {};
  }
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
      resolver->Resolve(context, v8::Undefined(v8)).IsNothing()) {
    return {};
  }
  return resolver->GetPromise();
}

}  // namespace molt

using molt::check;
using molt::Entry;

int32_t molt_module_compile(molt_context* context, const molt_slot* source, const molt_slot* name, const uint8_t* cache,
                            int64_t cache_length, int32_t* cache_rejected, molt_module** out) {
  if (cache_rejected != nullptr) *cache_rejected = 0;
  if (out != nullptr) *out = nullptr;
  if (int32_t status = out == nullptr || source == nullptr ? MOLT_INVALID : check(context); status != MOLT_OK) {
    molt::discard(source, 1);
    return status;
  }
  Entry entry(context);
  v8::Local<v8::String> text = molt::to_string(entry.isolate, source);
  if (text.IsEmpty()) return entry.fail();
  v8::Local<v8::String> resource = molt::to_string(entry.isolate, name);
  if (resource.IsEmpty()) return entry.fail();
  molt::Source input(text, resource, true, cache, cache_length);
  v8::Local<v8::Module> module;
  const bool compiled = v8::ScriptCompiler::CompileModule(entry.v8, &input.source, input.options).ToLocal(&module);
  if (cache_rejected != nullptr) *cache_rejected = input.rejected() ? 1 : 0;
  if (!compiled) return entry.fail();
  if (!molt::only_evaluation(module)) {
    molt::throw_error(entry.v8, MOLT_SYNTAX_ERROR, molt::kPhase);
    return entry.fail();
  }
  *out = molt::adopt(entry, module);
  return MOLT_OK;
}

int32_t molt_module_synthetic(molt_context* context, const molt_slot* name, const molt_slot* exports, int32_t count,
                              int64_t cookie, molt_module** out) {
  if (out == nullptr || count < 0 || (count > 0 && exports == nullptr)) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(context); status != MOLT_OK) return status;
  Entry entry(context);
  v8::Local<v8::String> label = molt::to_string(entry.isolate, name);
  if (label.IsEmpty()) return entry.fail();
  v8::LocalVector<v8::String> names(entry.v8);
  for (int32_t i = 0; i < count; i++) {
    v8::Local<v8::String> exported = molt::to_string(entry.isolate, &exports[i]);
    if (exported.IsEmpty()) return entry.fail();
    names.push_back(exported->InternalizeString(entry.v8));
  }
  molt_module* module = molt::adopt(
      entry, v8::Module::CreateSyntheticModule(
                 entry.v8, label, v8::MemorySpan<const v8::Local<v8::String>>(names.data(), names.size()),
                 molt::evaluate_synthetic));
  module->cookie = cookie;
  *out = module;
  return MOLT_OK;
}

int32_t molt_module_set_export(molt_module* module, const molt_slot* name, const molt_slot* value) {
  if (int32_t status = name == nullptr || value == nullptr ? MOLT_INVALID : check(module); status != MOLT_OK) {
    molt::discard(value, 1);
    return status;
  }
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  // V8 looks an export up by its slot, which instantiation makes.
  if (!local->IsSyntheticModule() || local->GetStatus() < v8::Module::kInstantiated) {
    molt::discard(value, 1);
    return MOLT_INVALID;
  }
  v8::Local<v8::Value> content = molt::to_value(entry.isolate, *value);
  if (content.IsEmpty()) return entry.fail();
  v8::Local<v8::String> label = molt::to_string(entry.isolate, name);
  if (label.IsEmpty() ||
      local->SetSyntheticModuleExport(entry.v8, label->InternalizeString(entry.v8), content).IsNothing()) {
    return entry.fail();
  }
  return MOLT_OK;
}

int32_t molt_module_requests(molt_module* module, molt_blob* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(module); status != MOLT_OK) return status;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  molt::JsonWriter json;
  json.begin('[');
  if (local->IsSourceTextModule()) {
    v8::Local<v8::FixedArray> requests = local->GetModuleRequests();
    for (int i = 0; i < requests->Length(); i++) {
      v8::Local<v8::ModuleRequest> request = requests->Get(i).As<v8::ModuleRequest>();
      v8::Location location = local->SourceOffsetToLocation(request->GetSourceOffset());
      json.begin('{').key("specifier").string(molt::utf8(entry.v8, request->GetSpecifier()));
      molt::write_attributes(entry.v8, json, request->GetImportAttributes(), 3);
      json.key("line").number(location.GetLineNumber() + 1);
      json.key("column").number(location.GetColumnNumber() + 1);
      json.end('}');
    }
  }
  json.end(']');
  return molt::make_blob(json.text(), out);
}

int32_t molt_module_link(molt_module* module, int32_t request, molt_module* target) {
  if (int32_t status = check(module); status != MOLT_OK) return status;
  if (molt::foreign(module->owner, target)) return MOLT_INVALID;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  if (!local->IsSourceTextModule()) return MOLT_INVALID;
  const int count = local->GetModuleRequests()->Length();
  if (request < 0 || request >= count) return MOLT_INVALID;
  module->links.resize(static_cast<size_t>(count));
  module->links[static_cast<size_t>(request)].Reset(entry.v8, target->module.Get(entry.v8));
  return MOLT_OK;
}

int32_t molt_module_instantiate(molt_module* module) {
  if (int32_t status = check(module); status != MOLT_OK) return status;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  if (local->InstantiateModule(entry.context, molt::resolve, molt::resolve_source).IsNothing()) return entry.fail();
  return MOLT_OK;
}

int32_t molt_module_evaluate(molt_module* module, molt_slot* promise) {
  if (promise != nullptr) *promise = {};
  if (int32_t status = check(module); status != MOLT_OK) return status;
  if (module->owner->terminating.load(std::memory_order_relaxed)) return MOLT_TERMINATED;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  if (local->GetStatus() < v8::Module::kInstantiated) return MOLT_INVALID;
  v8::Local<v8::Value> value;
  if (!local->Evaluate(entry.context).ToLocal(&value)) return entry.fail();
  if (promise != nullptr) molt::to_result(entry.isolate, value, promise);
  return MOLT_OK;
}

int32_t molt_module_status(molt_module* module) {
  if (check(module) != MOLT_OK) return -1;
  v8::HandleScope handles(module->owner->v8);
  return module->module.Get(module->owner->v8)->GetStatus();
}

int32_t molt_module_namespace(molt_module* module, molt_value** out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = nullptr;
  if (int32_t status = check(module); status != MOLT_OK) return status;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  if (local->GetStatus() < v8::Module::kInstantiated) return MOLT_INVALID;
  *out = molt::new_value(entry.isolate, local->GetModuleNamespace());
  return MOLT_OK;
}

int32_t molt_module_code_cache(molt_module* module, molt_blob* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(module); status != MOLT_OK) return status;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  if (!local->IsSourceTextModule() || local->GetStatus() == v8::Module::kErrored) return MOLT_INVALID;
  const std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
      v8::ScriptCompiler::CreateCodeCache(local->GetUnboundModuleScript()));
  return molt::copy_cache(cache.get(), out);
}

int32_t molt_module_stalled(molt_module* module, molt_blob* out) {
  if (out == nullptr) return MOLT_INVALID;
  *out = {};
  if (int32_t status = check(module); status != MOLT_OK) return status;
  Entry entry(module);
  v8::Local<v8::Module> local = module->module.Get(entry.v8);
  molt::JsonWriter json;
  json.begin('[');
  if (local->IsSourceTextModule() && local->GetStatus() == v8::Module::kEvaluated) {
    auto [modules, messages] = local->GetStalledTopLevelAwaitMessages(entry.v8);
    for (size_t i = 0; i < messages.size(); i++) {
      v8::Local<v8::Message> message = messages[i];
      v8::Local<v8::Value> resource = modules[i]->GetResourceName();
      json.begin('{').key("message").string(molt::utf8(entry.v8, message->Get()));
      json.key("resource").string(resource->IsString() ? molt::utf8(entry.v8, resource.As<v8::String>()) : "");
      json.key("line").number(message->GetLineNumber(entry.context).FromMaybe(0));
      json.key("column").number(message->GetStartColumn(entry.context).FromMaybe(0) + 1);
      v8::Local<v8::String> line;
      json.key("sourceLine")
          .string(message->GetSourceLine(entry.context).ToLocal(&line) ? molt::utf8(entry.v8, line, 512) : "");
      json.end('}');
    }
  }
  json.end(']');
  return molt::make_blob(json.text(), out);
}
