// The add-on's entry. node loads the library, boot.cjs calls run(args), and node's main thread waits there
// until .NET's Main, on a thread of its own, has returned. The process then ends without tearing node down:
// V8's worker threads and .NET's may still run, and neither survives the other's end.
#include <csignal>
#include <cstdio>
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include "hostfxr.h"
#include "icu_memory.h"
#include "state.h"
#include "wasm_memory.h"

namespace molt {
namespace {

constexpr size_t kMainStack = 16 * 1024 * 1024;

struct Program {
  std::vector<std::string> args;
  int code = 1;
};

// Registered when the library is loaded, so it runs before whatever node registered for exit. Also the way
// out of Environment.Exit, which calls exit() on a managed thread.
void end_process(int code, void*) {
  forget_host();
  fflush(nullptr);
  _exit(code);
}

// node handles these for itself; .NET installs its own handlers over the defaults.
void reset_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  // SIGUSR1 would open node's debugger.
  for (const int number : {SIGPIPE, SIGUSR1}) signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// node exports the symbols of the OpenSSL it carries. Without deep binding the references inside the system's
// libraries, which .NET loads for its cryptography, would bind to those of another version.
void load_system_openssl() {
  for (const char* version : {"3", "1.1"}) {
    const std::string suffix = std::string(".so.") + version;
    const int mode = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
    // Never closed. libssl alone would pull libcrypto in without deep binding.
    if (dlopen(("libcrypto" + suffix).c_str(), mode) != nullptr && dlopen(("libssl" + suffix).c_str(), mode) != nullptr) {
      return;
    }
  }
}

void* run_program(void* argument) {
  auto* program = static_cast<Program*>(argument);
  program->code = run_dotnet(program->args);
  return nullptr;
}

// run(args: string[]): never returns
void run(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Program program;
  if (info[0]->IsArray()) {
    v8::Local<v8::Array> args = info[0].As<v8::Array>();
    for (uint32_t i = 0; i < args->Length(); i++) {
      v8::Local<v8::Value> arg;
      if (args->Get(context, i).ToLocal(&arg) && arg->IsString()) {
        program.args.push_back(utf8(isolate, arg.As<v8::String>()));
      }
    }
  }
  if (program.args.empty()) return throw_error(isolate, MOLT_TYPE_ERROR, "The path of an assembly is expected");

  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&molt_abi_version), &self) != 0) setenv("MOLT_NATIVE", self.dli_fname, 1);
  reset_signals();
  load_system_openssl();

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kMainStack);
  pthread_t thread;
  const int failed = pthread_create(&thread, &attributes, run_program, &program);
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    fprintf(stderr, "error: no thread for .NET: %s\n", strerror(failed));
    end_process(1, nullptr);
  }
  pthread_join(thread, nullptr);
  forget_host();
  molt_shutdown();
  end_process(program.code, nullptr);
}

void initialize(v8::Local<v8::Object> exports, v8::Local<v8::Value>, v8::Local<v8::Context> context, void*) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  set_platform(node::GetMultiIsolatePlatform(node::GetCurrentEnvironment(context)));
  on_exit(end_process, nullptr);
  count_icu_memory();
  if (!watch_wasm_memory()) fprintf(stderr, "warning: WebAssembly memory is not counted: unexpected engine\n");
  v8::Local<v8::Function> function;
  if (v8::Function::New(context, run).ToLocal(&function)) {
    exports->Set(context, literal(isolate, "run"), function).Check();
  }
}

}  // namespace
}  // namespace molt

NODE_MODULE_CONTEXT_AWARE(molt, molt::initialize)
