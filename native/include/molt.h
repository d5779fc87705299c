/* The flat C table between V8 and .NET.
 *
 * Guarantees
 *  - Nothing here throws across the boundary: a function that can fail returns a molt_status.
 *  - A function that touches an isolate's heap requires the calling thread to be inside
 *    molt_isolate_enter/exit of that isolate. The exceptions are marked [any thread].
 *  - Every molt_value, molt_module, molt_context and molt_buffer is owned by the caller and
 *    released with its own release function, from any thread, before or after the isolate is disposed.
 *  - Strings cross as (data, length); nothing relies on a terminating NUL.
 *
 * Any change of a signature or of a struct's layout raises MOLT_ABI_VERSION; the .NET side
 * refuses to start on a mismatch.
 */
#ifndef MOLT_H
#define MOLT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOLT_ABI_VERSION 2
#define MOLT_API __attribute__((visibility("default")))

typedef struct molt_isolate molt_isolate;
typedef struct molt_context molt_context;
typedef struct molt_value molt_value;   /* a persistent handle to any JavaScript value */
typedef struct molt_module molt_module; /* a persistent handle to a module record */
typedef struct molt_buffer molt_buffer; /* a retained backing store: memory outlives its ArrayBuffer */
typedef struct molt_call molt_call;     /* a call from JavaScript in progress; valid only during it */

typedef enum molt_status {
  MOLT_OK = 0,
  MOLT_EXCEPTION = 1,  /* a JavaScript exception is pending: molt_exception_take */
  MOLT_TERMINATED = 2, /* execution was terminated; see molt_isolate_limit_hit for why */
  MOLT_INVALID = 3,    /* the arguments do not fit (wrong kind of handle, foreign isolate, not entered) */
  MOLT_DISPOSED = 4
} molt_status;

/* ---- values in transit ------------------------------------------------------------------- */

typedef enum molt_kind {
  MOLT_UNDEFINED = 0,
  MOLT_NULL = 1,
  MOLT_BOOL = 2,    /* number is 0 or 1 */
  MOLT_INT32 = 3,   /* number holds it exactly */
  MOLT_NUMBER = 4,
  MOLT_LATIN1 = 5,  /* to V8: data/length one byte per unit */
  MOLT_UTF16 = 6,   /* to V8: data/length in code units */
  MOLT_UTF8 = 7,    /* to V8: data/length in bytes, invalid sequences become U+FFFD */
  MOLT_BYTES = 8,   /* to V8: copied into a new Uint8Array. From V8: the view's memory, valid during the call */
  MOLT_ADOPT = 9,   /* to V8: Uint8Array over data/length without copying; host.buffer_released(cookie) ends it.
                       Consumed by every call it is given to, whatever the status */
  MOLT_HANDLE = 10, /* to V8: molt_value is borrowed. From V8 (results): a new molt_value the caller owns */
  MOLT_STRING = 11, /* from V8, call arguments only: length in code units; flags bit 0: all Latin-1 */
  MOLT_OBJECT = 12, /* from V8, call arguments only: any other value; molt_call_handle makes a handle */
  MOLT_BIGINT = 13, /* integer, wraps to 64 bits */
  MOLT_ADOPT_LATIN1 = 14 /* to V8: a string over data/length, one byte per unit, without copying; otherwise as MOLT_ADOPT */
} molt_kind;

typedef struct molt_slot {
  int32_t kind;
  int32_t flags;
  int64_t length;
  union {
    double number;
    int64_t integer;
    const void* data;
    molt_value* value;
  };
  int64_t cookie; /* MOLT_ADOPT, MOLT_ADOPT_LATIN1: handed back to host.buffer_released */
} molt_slot; /* 32 bytes */

typedef struct molt_blob { /* memory owned by the caller; molt_blob_free */
  uint8_t* data;
  int64_t length;
} molt_blob;

MOLT_API void molt_blob_free(molt_blob* blob); /* [any thread] */

/* ---- the host side ------------------------------------------------------------------------ */

/* Functions .NET offers to V8. The isolate cookie is molt_isolate_params.cookie. */
typedef struct molt_host {
  int32_t abi_version;
  int32_t reserved;
  /* JavaScript called host function `id`. args are decoded, valid during the call.
   * result starts as undefined. To throw: molt_throw or molt_throw_value, then return. */
  void (*call)(int64_t isolate, int32_t id, molt_call* call, const molt_slot* args, int32_t count, molt_slot* result);
  /* import() ran. request is UTF-8 JSON {referrer, specifier, attributes:{…}}; resolver (owned by the host)
   * is settled with molt_resolver_settle, at once or later. */
  void (*import_dynamic)(int64_t isolate, int64_t context, const uint8_t* request, int64_t length, molt_value* resolver);
  /* A synthetic module is being evaluated: the host calls molt_module_set_export for each export.
   * Returns 0, or 1 after a failure given to molt_throw or molt_throw_value. */
  int32_t (*synthetic_evaluate)(int64_t isolate, int64_t module);
  /* A promise watched with molt_promise_watch settled. value is owned by the host when it is a handle. */
  void (*promise_settled)(int64_t isolate, int64_t promise, int32_t rejected, molt_slot* value);
  /* V8 posted a foreground task that becomes due in delay_seconds. [any thread] */
  void (*work_posted)(int64_t isolate, double delay_seconds);
  /* Memory given with MOLT_ADOPT or MOLT_ADOPT_LATIN1 is no longer used. [any thread] */
  void (*buffer_released)(int64_t cookie);
  /* V8 is about to abort the process. Texts are NUL-terminated. [any thread] */
  void (*fatal)(const char* location, const char* message);
} molt_host;

MOLT_API int32_t molt_abi_version(void);                     /* [any thread] */
MOLT_API int32_t molt_host_register(const molt_host* host);  /* [any thread] once; 0 ok, 1 version mismatch */
MOLT_API const char* molt_v8_version(void);                  /* [any thread] */
MOLT_API const char* molt_v8_flags_hash(void);               /* [any thread] text that differs when a blob or cache would not load */

/* ---- isolates ------------------------------------------------------------------------------ */

/* Latin-1 text that V8 reads where it is. The memory must outlive every isolate it is given to. */
typedef struct molt_source {
  const uint8_t* data;
  int64_t length;
} molt_source;

typedef struct molt_isolate_params {
  int64_t cookie;
  int64_t heap_limit;      /* bytes of JavaScript heap; 0 = V8's default */
  int64_t heap_headroom;   /* bytes given on top once the limit was hit and the termination cancelled; 0 = 16 MiB.
                              While JavaScript unwinds the limit is higher: see native/src/limits.cc */
  int64_t external_limit;  /* bytes of ArrayBuffer and WebAssembly memory, refused beyond (RangeError); 0 = unlimited */
  int64_t total_limit;     /* bytes of heap + external together, checked by molt_isolate_check_memory; 0 = none */
  int64_t stack_limit;     /* bytes of native stack JavaScript may use; 0 = V8's default */
  const uint8_t* snapshot; /* startup blob; memory must outlive the isolate */
  int64_t snapshot_length;
  int32_t creator;         /* 1: this isolate will be turned into a blob by molt_snapshot_create */
  int32_t source_count;
  const molt_source* sources; /* for molt_source_run. A blob refers to them by position: its isolates need the same ones */
} molt_isolate_params;

typedef enum molt_limit {
  MOLT_LIMIT_NONE = 0,
  MOLT_LIMIT_HEAP = 1,     /* near-heap-limit callback fired */
  MOLT_LIMIT_EXTERNAL = 2  /* heap + external passed total_limit, seen by a memory check */
} molt_limit;

typedef struct molt_heap_statistics {
  int64_t used_heap;
  int64_t total_heap;
  int64_t physical_heap;
  int64_t heap_limit;
  int64_t external;        /* bytes outside the heap: ArrayBuffers (adopted ones included), WebAssembly memory and Intl objects */
  int64_t array_buffers;   /* what the counting allocator holds */
  int64_t malloced;
  int64_t native_contexts;
  int64_t handles;         /* live molt_value + molt_module + molt_context of this isolate */
} molt_heap_statistics;

MOLT_API int32_t molt_isolate_new(const molt_isolate_params* params, molt_isolate** out); /* [any thread]; not entered on return */
/* Disposes V8's isolate and resets every handle that is still alive; they stay safe to release. Not entered by any thread. */
MOLT_API void molt_isolate_dispose(molt_isolate* isolate);
/* Ends the host's hold on the isolate pointer itself, after disposing it if need be. Until then every function
 * answers MOLT_DISPOSED or does nothing; handles stay safe to release afterwards. Once. [any thread] */
MOLT_API void molt_isolate_release(molt_isolate* isolate);
/* Takes the Locker and enters. Nests on one thread. */
MOLT_API void molt_isolate_enter(molt_isolate* isolate);
MOLT_API void molt_isolate_exit(molt_isolate* isolate);
/* Ends running JavaScript. Until molt_isolate_cancel_terminate every function that would run some answers
 * MOLT_TERMINATED; a limit that was hit does the same. [any thread] */
MOLT_API void molt_isolate_terminate(molt_isolate* isolate);
MOLT_API void molt_isolate_cancel_terminate(molt_isolate* isolate);  /* [any thread] */
MOLT_API int32_t molt_isolate_is_terminating(molt_isolate* isolate);
/* Asks running JavaScript to compare its memory with total_limit at its next safe point and terminate if over. [any thread] */
MOLT_API void molt_isolate_request_memory_check(molt_isolate* isolate);
MOLT_API int32_t molt_isolate_check_memory(molt_isolate* isolate);   /* the same at once; returns molt_limit */
MOLT_API int32_t molt_isolate_limit_hit(molt_isolate* isolate);      /* [any thread] molt_limit seen so far (sticky) */
MOLT_API int32_t molt_isolate_limit_count(molt_isolate* isolate);    /* [any thread] how often the near-heap-limit callback fired */
MOLT_API void molt_isolate_statistics(molt_isolate* isolate, molt_heap_statistics* out);
MOLT_API void molt_isolate_low_memory(molt_isolate* isolate);        /* a full collection that returns memory */
/* Runs foreground tasks that are due; returns how many ran. next_delay: seconds to the next one, negative if none. */
MOLT_API int32_t molt_isolate_pump(molt_isolate* isolate, double* next_delay);
MOLT_API void molt_isolate_run_microtasks(molt_isolate* isolate);
MOLT_API int64_t molt_live_handles(void);   /* [any thread] process-wide count of values, modules, contexts, buffers */
MOLT_API int64_t molt_live_isolates(void);  /* [any thread] */

MOLT_API int64_t molt_thread_cpu_ns(void);               /* [any thread] CPU time of the calling thread */
MOLT_API int32_t molt_thread_clock(void);                /* [any thread] clock id of the calling thread for molt_clock_ns */
MOLT_API int64_t molt_clock_ns(int32_t clock_id);        /* [any thread] -1 if the thread is gone */

/* ---- contexts ------------------------------------------------------------------------------ */

/* flags: 1 = allow eval and new Function, 2 = allow WebAssembly compilation from bytes by guests.
 * The context comes from the snapshot's default context when there is one. cookie: handed to import_dynamic. */
MOLT_API int32_t molt_context_new(molt_isolate* isolate, int64_t cookie, int32_t flags, molt_context** out);
MOLT_API void molt_context_release(molt_context* context);           /* [any thread] */
MOLT_API int32_t molt_context_global(molt_context* context, molt_value** out);
MOLT_API void molt_context_set_flags(molt_context* context, int32_t flags);
/* Value number `index` given to molt_snapshot_create; each can be taken once per context. */
MOLT_API int32_t molt_context_data(molt_context* context, int32_t index, molt_slot* out);
/* Turns a creator isolate into a blob and disposes it. Handles of it become inert. */
MOLT_API int32_t molt_snapshot_create(molt_isolate* isolate, molt_context* context, molt_value* const* retained,
                                      int32_t count, int32_t keep_function_code, molt_blob* out);

/* ---- values -------------------------------------------------------------------------------- */

MOLT_API void molt_value_release(molt_value* value);                 /* [any thread] */
MOLT_API int32_t molt_value_from(molt_context* context, const molt_slot* slot, molt_value** out);
MOLT_API int32_t molt_value_read(molt_value* value, molt_slot* out); /* primitives inline; MOLT_STRING / MOLT_BYTES / MOLT_OBJECT described */
MOLT_API int32_t molt_value_typeof(molt_value* value);               /* molt_type */
/* Copies a string as UTF-16; returns the units the whole string has. */
MOLT_API int64_t molt_value_string(molt_value* value, uint16_t* data, int64_t capacity);
MOLT_API int32_t molt_value_to_string(molt_context* context, molt_value* value, molt_value** out); /* may run guest code */
MOLT_API int32_t molt_value_strict_equals(molt_value* a, molt_value* b);

typedef enum molt_type {
  MOLT_T_UNDEFINED, MOLT_T_NULL, MOLT_T_BOOLEAN, MOLT_T_NUMBER, MOLT_T_BIGINT, MOLT_T_STRING, MOLT_T_SYMBOL,
  MOLT_T_FUNCTION, MOLT_T_ARRAY, MOLT_T_PROMISE, MOLT_T_ARRAY_BUFFER, MOLT_T_ARRAY_BUFFER_VIEW, MOLT_T_ERROR,
  MOLT_T_DATE, MOLT_T_MAP, MOLT_T_SET, MOLT_T_WASM_MODULE, MOLT_T_NAMESPACE, MOLT_T_OBJECT
} molt_type;

MOLT_API int32_t molt_object_new(molt_context* context, molt_value** out);
MOLT_API int32_t molt_object_get(molt_context* context, molt_value* object, const molt_slot* key, molt_slot* out);
MOLT_API int32_t molt_object_set(molt_context* context, molt_value* object, const molt_slot* key, const molt_slot* value);
MOLT_API int32_t molt_object_keys(molt_context* context, molt_value* object, molt_slot* out); /* own enumerable string keys, an array */
MOLT_API int32_t molt_json_parse(molt_context* context, const molt_slot* text, molt_slot* out);
MOLT_API int32_t molt_json_stringify(molt_context* context, const molt_slot* value, molt_slot* out);
/* Calls function with receiver (NULL = undefined). Microtasks do not run. result NULL: discarded. */
MOLT_API int32_t molt_function_call(molt_context* context, molt_value* function, molt_value* receiver, const molt_slot* args,
                                    int32_t count, molt_slot* result);
MOLT_API int32_t molt_function_construct(molt_context* context, molt_value* function, const molt_slot* args, int32_t count,
                                         molt_slot* result);
/* A function that calls host.call with id. Survives snapshots. */
MOLT_API int32_t molt_host_function(molt_context* context, int32_t id, const molt_slot* name, int32_t length, molt_value** out);
/* The object of functions implemented in native code; see native/src/intrinsics.cc for the list. Survives snapshots. */
MOLT_API int32_t molt_intrinsics(molt_context* context, molt_value** out);

/* A call from JavaScript in progress. */
MOLT_API int64_t molt_call_string_latin1(molt_call* call, int32_t index, uint8_t* data, int64_t capacity);  /* units copied */
MOLT_API int64_t molt_call_string_utf16(molt_call* call, int32_t index, uint16_t* data, int64_t capacity);
MOLT_API int64_t molt_call_string_utf8_length(molt_call* call, int32_t index);
MOLT_API int64_t molt_call_string_utf8(molt_call* call, int32_t index, uint8_t* data, int64_t capacity);    /* bytes written, lone surrogates as U+FFFD */
MOLT_API molt_value* molt_call_handle(molt_call* call, int32_t index);
MOLT_API molt_buffer* molt_call_buffer(molt_call* call, int32_t index, const void** data, int64_t* length);  /* retains the backing store of a view */
MOLT_API void molt_buffer_release(molt_buffer* buffer);                                                       /* [any thread] */

typedef enum molt_error_kind { MOLT_ERROR = 0, MOLT_TYPE_ERROR = 1, MOLT_RANGE_ERROR = 2, MOLT_SYNTAX_ERROR = 3 } molt_error_kind;
/* Schedules an exception to be thrown when the host callback in progress returns. */
MOLT_API void molt_throw(molt_isolate* isolate, int32_t error_kind, const molt_slot* message);
MOLT_API void molt_throw_value(molt_isolate* isolate, const molt_slot* value);
MOLT_API int32_t molt_error_new(molt_context* context, int32_t error_kind, const molt_slot* message, molt_value** out);

/* ---- exceptions ---------------------------------------------------------------------------- */

/* After MOLT_EXCEPTION: value is the thrown value; details is UTF-8 JSON
 * {"message","name"?,"stack"?,"resource"?,"line"?,"column"?,"sourceLine"?} (1-based positions).
 * Reading `stack` may run a guest's getter, which a terminate ends. */
MOLT_API int32_t molt_exception_take(molt_isolate* isolate, molt_value** value, molt_blob* details);
/* The same details for any value, such as a rejection's reason. */
MOLT_API int32_t molt_exception_describe(molt_context* context, molt_value* value, molt_blob* details);

/* ---- promises ------------------------------------------------------------------------------ */

MOLT_API int32_t molt_resolver_new(molt_context* context, molt_value** resolver, molt_value** promise);
MOLT_API int32_t molt_resolver_settle(molt_context* context, molt_value* resolver, int32_t reject, const molt_slot* value);
MOLT_API int32_t molt_promise_state(molt_value* promise, molt_slot* result); /* 0 pending, 1 fulfilled, 2 rejected, -1 not a promise */
MOLT_API int32_t molt_promise_watch(molt_context* context, molt_value* promise, int64_t cookie); /* marks it handled */
MOLT_API int32_t molt_rejection_next(molt_isolate* isolate, molt_value** promise, molt_value** reason); /* 1 if there was one unhandled */
MOLT_API int32_t molt_async_context_get(molt_isolate* isolate, molt_slot* out);
MOLT_API int32_t molt_async_context_set(molt_isolate* isolate, const molt_slot* value);

/* ---- code ---------------------------------------------------------------------------------- */

/* cache: a code cache made by the same engine for the same source, or NULL. cache_rejected may be NULL. */
MOLT_API int32_t molt_script_run(molt_context* context, const molt_slot* source, const molt_slot* name, const uint8_t* cache,
                                 int64_t cache_length, int32_t* cache_rejected, molt_slot* result);
/* Runs source number `index` of the isolate's as a classic script; V8 keeps no copy of the text, nor does a blob. */
MOLT_API int32_t molt_source_run(molt_context* context, int32_t index, const molt_slot* name, molt_slot* result);
/* A function whose body is source: CommonJS wrappers. params: array of string slots. */
MOLT_API int32_t molt_function_compile(molt_context* context, const molt_slot* source, const molt_slot* name, const molt_slot* params,
                                       int32_t count, molt_value** out);
MOLT_API int32_t molt_function_code_cache(molt_value* function, molt_blob* out);
MOLT_API int32_t molt_module_compile(molt_context* context, const molt_slot* source, const molt_slot* name, const uint8_t* cache,
                                     int64_t cache_length, int32_t* cache_rejected, molt_module** out);
/* Exports become undefined until host.synthetic_evaluate sets them. */
MOLT_API int32_t molt_module_synthetic(molt_context* context, const molt_slot* name, const molt_slot* exports, int32_t count,
                                       int64_t cookie, molt_module** out);
MOLT_API int32_t molt_module_set_export(molt_module* module, const molt_slot* name, const molt_slot* value);
MOLT_API void molt_module_release(molt_module* module);              /* [any thread] */
/* UTF-8 JSON [{"specifier","attributes":{},"line","column"}] in request order; 1-based positions. */
MOLT_API int32_t molt_module_requests(molt_module* module, molt_blob* out);
MOLT_API int32_t molt_module_link(molt_module* module, int32_t request, molt_module* target);
/* Every request of the graph is linked before. The modules of the graph must not be released until this has
 * succeeded, synthetic ones not until they are evaluated. */
MOLT_API int32_t molt_module_instantiate(molt_module* module);
MOLT_API int32_t molt_module_evaluate(molt_module* module, molt_slot* promise);
MOLT_API int32_t molt_module_status(molt_module* module);            /* v8::Module::Status */
MOLT_API int32_t molt_module_namespace(molt_module* module, molt_value** out);
MOLT_API int32_t molt_module_code_cache(molt_module* module, molt_blob* out); /* after evaluation it holds what ran */
/* UTF-8 JSON [{"message","resource","line","column","sourceLine"}] of top-level awaits that never settle. */
MOLT_API int32_t molt_module_stalled(molt_module* module, molt_blob* out);
/* Compiles WebAssembly whatever the context's flags say: this is the host's call. */
MOLT_API int32_t molt_wasm_compile(molt_context* context, const uint8_t* data, int64_t length, molt_value** out);

/* ---- structured serialization -------------------------------------------------------------- */

MOLT_API int32_t molt_serialize(molt_context* context, molt_value* value, molt_blob* out);   /* DataCloneError as MOLT_EXCEPTION */
MOLT_API int32_t molt_deserialize(molt_context* context, const uint8_t* data, int64_t length, molt_slot* out);

/* ---- WebAssembly instances that start clean ------------------------------------------------- */

typedef struct molt_image molt_image; /* the bytes a WebAssembly memory goes back to */
typedef struct molt_reset molt_reset; /* takes one memory back to its image */

typedef enum molt_reset_kind {
  MOLT_RESET_ANY = 0,  /* the quickest the kernel allows */
  MOLT_RESET_SCAN = 1, /* what was written, found by PAGEMAP_SCAN */
  MOLT_RESET_COPY = 2, /* everything */
  MOLT_RESET_MAP = 3   /* private pages over a mapping of the image are dropped */
} molt_reset_kind;

/* Where a WebAssembly.Memory is at the moment. Growing it may move it. */
MOLT_API int32_t molt_wasm_memory(molt_context* context, molt_value* memory, uint8_t** data, int64_t* length);
/* Calls a function with up to 8 integers; it returns one or nothing. Microtasks do not run. */
MOLT_API int32_t molt_wasm_invoke(molt_context* context, molt_value* function, const int32_t* args, int32_t count, int32_t* result);
/* Copies data; zeros at its end need not be given. */
MOLT_API int32_t molt_image_new(const uint8_t* data, int64_t length, molt_image** out); /* [any thread] */
MOLT_API void molt_image_release(molt_image* image);                                    /* [any thread] */
/* Fills the memory with the image and follows what changes in it from now on. The memory must not be grown, and belongs to
 * one thread at a time like its isolate. Keeps the image. */
MOLT_API int32_t molt_reset_new(molt_image* image, uint8_t* memory, int64_t length, int32_t strategy, molt_reset** out);
/* Back to the image. Bytes that were brought back, or -1 when the memory is gone or the kernel refused: it is then in no
 * known state. */
MOLT_API int64_t molt_reset_run(molt_reset* reset);
MOLT_API int32_t molt_reset_strategy(const molt_reset* reset);
MOLT_API void molt_reset_release(molt_reset* reset); /* any time, also after the memory is gone */

/* ---- process ------------------------------------------------------------------------------- */

/* Disposes every isolate that is still alive; safe to call more than once. Called at exit by both sides. [any thread] */
MOLT_API void molt_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif
