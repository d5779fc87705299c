/*
 * Molt edge tier, ABI 0.1, for C: one header and molt.c beside it. Needs no C library; works with one.
 *
 * A module is a table of functions. The host has checked a payload against its schema before a function sees it, and checks
 * what the function writes. Payloads are records, lists and scalars in deterministic MessagePack: fields by index, one byte
 * form per value (docs/reference/codec.md). Readers and writers remember the first fault, so a function reads and writes
 * straight on and the fault becomes the status of the call.
 *
 *     static molt_status greet(molt_call *call) {
 *       molt_read_record(&call->in);
 *       molt_text name = molt_read_string(&call->in);
 *       molt_write_record(&call->out, 1);
 *       molt_write_string(&call->out, name.data, name.length);
 *       return MOLT_OK;
 *     }
 *     MOLT_FUNCTIONS(MOLT_FUNCTION(1, 1, greet))
 */
#ifndef MOLT_H
#define MOLT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- statuses ------------------------------------------------------------------------------------------------------- */

typedef int32_t molt_status;

enum {
  MOLT_OK = 0,
  MOLT_INVALID_INPUT = 1,
  MOLT_DECODE_ERROR = 2,
  MOLT_ENCODE_ERROR = 3,
  MOLT_CANCELLED = 4,
  MOLT_TIMEOUT = 5,
  MOLT_CAPABILITY_DENIED = 6,
  MOLT_INTERNAL = 7
};

/* Why a host cancels a task, and a module a call of its own. */
enum {
  MOLT_CANCEL_CPU = 1,
  MOLT_CANCEL_MEMORY = 2,
  MOLT_CANCEL_USER = 3,
  MOLT_CANCEL_DISCONNECT = 4,
  MOLT_CANCEL_DEADLINE = 5,
  MOLT_CANCEL_REVOKED = 6
};

/* ---- memory --------------------------------------------------------------------------------------------------------- */

/*
 * The allocator of the module and of the host. Without a C library it takes memory from the end of the data upwards in
 * blocks of powers of two, so that a call touches few pages for the host to reset; with one it is malloc and free.
 * NULL when there is no memory. `length` in molt_free is part of the ABI; blocks know their own size.
 */
void *molt_alloc(uint32_t length);
void molt_free(void *block, uint32_t length);

/* ---- reading -------------------------------------------------------------------------------------------------------- */

typedef struct molt_reader {
  const uint8_t *at;
  const uint8_t *end;
  bool failed;
} molt_reader;

/* A string or bytes where they lie in the payload: not terminated, valid while the call runs. */
typedef struct molt_text {
  const char *data;
  uint32_t length;
} molt_text;

molt_reader molt_reader_of(const void *data, uint32_t length);

/* True when the next value is nil, which is then read. */
bool molt_read_nil(molt_reader *reader);
bool molt_read_bool(molt_reader *reader);
int64_t molt_read_int(molt_reader *reader);
uint64_t molt_read_uint(molt_reader *reader);
float molt_read_float32(molt_reader *reader);
double molt_read_float64(molt_reader *reader);
molt_text molt_read_string(molt_reader *reader);
molt_text molt_read_bytes(molt_reader *reader);

/* The number of items, or of pairs, that follow. Never more than the bytes that are left could hold. */
uint32_t molt_read_list(molt_reader *reader);
uint32_t molt_read_map(molt_reader *reader);

/* The number of fields that follow: fewer than the schema has when the last ones are absent. */
uint32_t molt_read_record(molt_reader *reader);

/* True when field `index` of a record of `fields` fields has a value, to be read next. For optional fields. */
bool molt_read_present(molt_reader *reader, uint32_t fields, uint32_t index);

/* The index of the variant; its value follows. */
uint32_t molt_read_union(molt_reader *reader);
void molt_skip(molt_reader *reader);

/* True when all was read and nothing failed. */
bool molt_read_end(const molt_reader *reader);

/* Compares with a C string. */
bool molt_text_is(molt_text text, const char *expected);

/* ---- writing -------------------------------------------------------------------------------------------------------- */

typedef struct molt_writer {
  uint8_t *data;
  uint32_t length;
  uint32_t capacity;
  bool failed;
} molt_writer;

/* A writer without memory, which it takes as it grows. `molt_writer w = {0}` is the same. */
molt_writer molt_writer_new(void);
void molt_writer_free(molt_writer *writer);

void molt_write_nil(molt_writer *writer);
void molt_write_bool(molt_writer *writer, bool value);
void molt_write_int(molt_writer *writer, int64_t value);
void molt_write_uint(molt_writer *writer, uint64_t value);
void molt_write_float32(molt_writer *writer, float value);
void molt_write_float64(molt_writer *writer, double value);
void molt_write_string(molt_writer *writer, const char *data, uint32_t length);
void molt_write_bytes(molt_writer *writer, const void *data, uint32_t length);

/* Headers. A record counts its fields up to the last present one; absent ones before that are nil. Map keys ascend. */
void molt_write_list(molt_writer *writer, uint32_t items);
void molt_write_map(molt_writer *writer, uint32_t pairs);
void molt_write_record(molt_writer *writer, uint32_t fields);
void molt_write_union(molt_writer *writer, uint32_t variant);

/* A C string. */
void molt_write_text(molt_writer *writer, const char *text);

/* Bytes as they are, for text that is put together piece by piece. */
void molt_append(molt_writer *writer, const void *data, uint32_t length);

/* ---- functions ------------------------------------------------------------------------------------------------------ */

typedef struct molt_call {
  uint32_t function;   /* function_id of the manifest */
  uint32_t schema;     /* index of the payload's schema in the manifest's schemas */
  molt_reader in;
  molt_writer out;
  uint32_t out_schema; /* preset from the table */
  uint32_t task;       /* not 0: the answer comes later, see molt_on_poll */
} molt_call;

typedef molt_status (*molt_function)(molt_call *call);

typedef struct molt_entry {
  uint32_t id;
  uint32_t output_schema;
  molt_function run;
} molt_entry;

extern const molt_entry molt_functions[];
extern const uint32_t molt_function_count;

/* MOLT_FUNCTIONS(MOLT_FUNCTION(function_id, index of the output schema, function), …), once in a module. */
#define MOLT_FUNCTION(id, output_schema, function) {(id), (output_schema), (function)}
#define MOLT_FUNCTIONS(...)                              \
  const molt_entry molt_functions[] = {__VA_ARGS__};     \
  const uint32_t molt_function_count = sizeof molt_functions / sizeof molt_functions[0];

/* Ends a call with a status and a message for the caller: `return molt_fail(call, MOLT_INVALID_INPUT, "…");` */
molt_status molt_fail(molt_call *call, molt_status status, const char *message);

/*
 * A module may define these. What init leaves in memory is what every call starts from.
 * A function that sets call->task and returns MOLT_OK is asked again by molt_on_poll until it leaves task at 0.
 */
molt_status molt_on_init(molt_reader *config);
molt_status molt_on_poll(molt_call *call);
molt_status molt_on_cancel(uint32_t task, uint32_t reason);

/* ---- capabilities --------------------------------------------------------------------------------------------------- */

/* What the host leaves: a payload (or a message, when the status is not 0) in memory of molt_alloc, or a task to poll. */
typedef struct molt_result {
  uint8_t *data;
  uint32_t length;
  uint32_t schema;
  uint32_t task;
} molt_result;

/*
 * Calls operation `operation` of the capability at index `capability` of the manifest's capabilities, and frees `in`.
 * Free the result with molt_result_free.
 */
molt_status molt_capability_call(uint32_t capability, uint32_t operation, molt_writer *in, molt_result *result);
molt_reader molt_result_reader(const molt_result *result);
void molt_result_free(molt_result *result);

/* The imports themselves. A module imports those that it uses; each stands for a capability that the manifest names. */
#define MOLT_IMPORT(name) __attribute__((import_module("molt"), import_name(#name)))
MOLT_IMPORT(molt_call) molt_status molt_host_call(uint32_t capability, uint32_t operation, const void *data, uint32_t length, molt_result *result);
MOLT_IMPORT(molt_poll) molt_status molt_host_poll(uint32_t task, molt_result *result);
MOLT_IMPORT(molt_cancel) molt_status molt_host_cancel(uint32_t task, uint32_t reason);
/*
 * Streams. Opening leaves the stream's number in result->task. A read leaves an item, or a task to poll for it; after the last
 * one the schema is MOLT_END. A write answers a status, or less than 0: the negated number of a task to poll.
 */
#define MOLT_END 0xffffffffu
MOLT_IMPORT(molt_stream_open) molt_status molt_stream_open(uint32_t capability, uint32_t operation, const void *data, uint32_t length, molt_result *result);
MOLT_IMPORT(molt_stream_read) molt_status molt_stream_read(uint32_t stream, molt_result *result);
MOLT_IMPORT(molt_stream_write) molt_status molt_stream_write(uint32_t stream, const void *data, uint32_t length);
MOLT_IMPORT(molt_stream_close) molt_status molt_stream_close(uint32_t stream, uint32_t reason);

/* console.log; levels 0 debug, 1 log, 2 info, 3 warn, 4 error. */
MOLT_IMPORT(molt_log) void molt_log(uint32_t level, const char *data, uint32_t length);
/* time.now; milliseconds since the Unix epoch, 0 where the clock may not be seen. */
MOLT_IMPORT(molt_now_ms) double molt_now_ms(void);
/* rand.bytes */
MOLT_IMPORT(molt_random_bytes) molt_status molt_random_bytes(void *data, uint32_t length);
/* resource.limits, always allowed; -1 for what has no limit. */
enum { MOLT_LIMIT_MEMORY_BYTES, MOLT_LIMIT_TIME_LEFT_MS, MOLT_LIMIT_OUTPUT_BYTES, MOLT_LIMIT_OPERATIONS_LEFT, MOLT_LIMIT_OPERATION_BYTES };
MOLT_IMPORT(molt_limit) int64_t molt_limit(uint32_t kind);

#ifdef __cplusplus
}
#endif

#endif
