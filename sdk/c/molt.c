#include "molt.h"

#define MOLT_EXPORT(name) __attribute__((export_name(#name)))

_Static_assert(sizeof(void *) == 4, "the edge tier is wasm32");
_Static_assert(sizeof(molt_result) == 16, "a result is four words");

/* ---- memory --------------------------------------------------------------------------------------------------------- */

#ifdef __wasi__

#include <stdlib.h>
#include <string.h>

MOLT_EXPORT(molt_alloc) void *molt_alloc(uint32_t length) { return malloc(length ? length : 1); }

MOLT_EXPORT(molt_free) void molt_free(void *block, uint32_t length) {
  (void)length;
  free(block);
}

#else

/*
 * The compiler may call these by itself. no_builtin keeps it from turning each into a call of itself. Weak, so that a
 * module with its own wins.
 */
__attribute__((weak, no_builtin("memcpy"))) void *memcpy(void *restrict target, const void *restrict source, size_t length) {
  uint8_t *to = target;
  const uint8_t *from = source;
  while (length--) *to++ = *from++;
  return target;
}

__attribute__((weak, no_builtin("memmove"))) void *memmove(void *target, const void *source, size_t length) {
  uint8_t *to = target;
  const uint8_t *from = source;
  if (to < from) {
    while (length--) *to++ = *from++;
  } else {
    while (length--) to[length] = from[length];
  }
  return target;
}

__attribute__((weak, no_builtin("memset"))) void *memset(void *target, int value, size_t length) {
  uint8_t *to = target;
  while (length--) *to++ = (uint8_t)value;
  return target;
}

__attribute__((weak)) int memcmp(const void *left, const void *right, size_t length) {
  const uint8_t *a = left, *b = right;
  for (; length; length--, a++, b++) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

/* A block is a header of 8 bytes and the rest of a power of two; a free one holds the next free one of its size. */
typedef struct block {
  uint32_t order;
  uint32_t mark;
  struct block *next;
} block;

enum { SMALLEST_ORDER = 5, LARGEST_ORDER = 30, PAGE = 65536, HEADER = 8 };
static const uint32_t USED = 0x4d6f6c74;
static const uint32_t UNUSED = 0x746c6f4d;

extern uint8_t __heap_base;
static uint32_t heap_top;
static block *unused[LARGEST_ORDER + 1];

MOLT_EXPORT(molt_alloc) void *molt_alloc(uint32_t length) {
  if (length > (1u << LARGEST_ORDER) - HEADER) return NULL;
  uint32_t need = length + HEADER;
  uint32_t order = need <= 1u << SMALLEST_ORDER ? SMALLEST_ORDER : 32 - (uint32_t)__builtin_clz(need - 1);
  block *found = unused[order];
  if (found) {
    unused[order] = found->next;
  } else {
    if (heap_top == 0) heap_top = ((uint32_t)&__heap_base + 15) & ~15u;
    uint64_t top = (uint64_t)heap_top + (1u << order);
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (top > UINT32_MAX) return NULL;
    if (top > have && __builtin_wasm_memory_grow(0, (uint32_t)((top - have + PAGE - 1) / PAGE)) == (size_t)-1) return NULL;
    found = (block *)heap_top;
    heap_top = (uint32_t)top;
  }
  found->order = order;
  found->mark = USED;
  return (uint8_t *)found + HEADER;
}

MOLT_EXPORT(molt_free) void molt_free(void *memory, uint32_t length) {
  (void)length;
  if (!memory) return;
  block *freed = (block *)((uint8_t *)memory - HEADER);
  if (freed->mark != USED) __builtin_trap();
  freed->mark = UNUSED;
  freed->next = unused[freed->order];
  unused[freed->order] = freed;
}

#endif

/* ---- reading -------------------------------------------------------------------------------------------------------- */

molt_reader molt_reader_of(const void *data, uint32_t length) {
  const uint8_t *at = data;
  return (molt_reader){.at = at, .end = at + length, .failed = false};
}

/* Moves past `length` bytes and returns where they begin, or fails for good. */
static const uint8_t *take(molt_reader *reader, uint32_t length) {
  if (reader->failed || (uint32_t)(reader->end - reader->at) < length) {
    reader->failed = true;
    return NULL;
  }
  const uint8_t *taken = reader->at;
  reader->at += length;
  return taken;
}

static uint8_t take_byte(molt_reader *reader) {
  const uint8_t *at = take(reader, 1);
  return at ? *at : 0xc1;
}

/* An unsigned big-endian number of 1, 2, 4 or 8 bytes that needs all of them: `smallest` refuses longer forms. */
static uint64_t take_number(molt_reader *reader, uint32_t width, uint64_t smallest) {
  const uint8_t *at = take(reader, width);
  if (!at) return 0;
  uint64_t value = 0;
  for (uint32_t i = 0; i < width; i++) value = value << 8 | at[i];
  if (value < smallest) reader->failed = true;
  return value;
}

bool molt_read_nil(molt_reader *reader) {
  if (reader->failed || reader->at == reader->end || *reader->at != 0xc0) return false;
  reader->at++;
  return true;
}

bool molt_read_bool(molt_reader *reader) {
  uint8_t byte = take_byte(reader);
  if (byte != 0xc2 && byte != 0xc3) reader->failed = true;
  return byte == 0xc3;
}

static uint64_t read_unsigned(molt_reader *reader, uint8_t byte) {
  switch (byte) {
    case 0xcc: return take_number(reader, 1, 0x80);
    case 0xcd: return take_number(reader, 2, 0x100);
    case 0xce: return take_number(reader, 4, 0x10000);
    case 0xcf: return take_number(reader, 8, 0x100000000);
    default:
      if (byte > 0x7f) {
        reader->failed = true;
        return 0;
      }
      return byte;
  }
}

uint64_t molt_read_uint(molt_reader *reader) { return read_unsigned(reader, take_byte(reader)); }

int64_t molt_read_int(molt_reader *reader) {
  uint8_t byte = take_byte(reader);
  int64_t value;
  bool shortest;
  switch (byte) {
    case 0xd0: value = (int8_t)take_number(reader, 1, 0), shortest = value < -32; break;
    case 0xd1: value = (int16_t)take_number(reader, 2, 0), shortest = value < INT8_MIN; break;
    case 0xd2: value = (int32_t)take_number(reader, 4, 0), shortest = value < INT16_MIN; break;
    case 0xd3: value = (int64_t)take_number(reader, 8, 0), shortest = value < INT32_MIN; break;
    default:
      if (byte >= 0xe0) return (int8_t)byte;
      value = (int64_t)read_unsigned(reader, byte), shortest = value >= 0;
  }
  if (!shortest) reader->failed = true;
  return value;
}

float molt_read_float32(molt_reader *reader) {
  if (take_byte(reader) != 0xca) reader->failed = true;
  union { uint32_t bits; float value; } number = {.bits = (uint32_t)take_number(reader, 4, 0)};
  return number.value;
}

double molt_read_float64(molt_reader *reader) {
  if (take_byte(reader) != 0xcb) reader->failed = true;
  union { uint64_t bits; double value; } number = {.bits = take_number(reader, 8, 0)};
  return number.value;
}

static molt_text take_text(molt_reader *reader, uint32_t length) {
  const uint8_t *at = take(reader, length);
  return (molt_text){.data = (const char *)at, .length = at ? length : 0};
}

molt_text molt_read_string(molt_reader *reader) {
  uint8_t byte = take_byte(reader);
  uint32_t length = 0;
  if (byte >= 0xa0 && byte <= 0xbf) length = byte & 0x1f;
  else if (byte == 0xd9) length = (uint32_t)take_number(reader, 1, 32);
  else if (byte == 0xda) length = (uint32_t)take_number(reader, 2, 0x100);
  else if (byte == 0xdb) length = (uint32_t)take_number(reader, 4, 0x10000);
  else reader->failed = true;
  return take_text(reader, length);
}

molt_text molt_read_bytes(molt_reader *reader) {
  uint8_t byte = take_byte(reader);
  uint32_t length = 0;
  if (byte == 0xc4) length = (uint32_t)take_number(reader, 1, 0);
  else if (byte == 0xc5) length = (uint32_t)take_number(reader, 2, 0x100);
  else if (byte == 0xc6) length = (uint32_t)take_number(reader, 4, 0x10000);
  else reader->failed = true;
  return take_text(reader, length);
}

/* An item takes a byte at least, so a count beyond the bytes that are left is refused before anyone allocates for it. */
static uint32_t read_count(molt_reader *reader, uint8_t small, uint8_t medium, uint32_t each) {
  uint8_t byte = take_byte(reader);
  uint32_t count = 0;
  if ((byte & 0xf0) == small) count = byte & 0x0f;
  else if (byte == medium) count = (uint32_t)take_number(reader, 2, 16);
  else if (byte == medium + 1) count = (uint32_t)take_number(reader, 4, 0x10000);
  else reader->failed = true;
  if (reader->failed || count > (uint32_t)(reader->end - reader->at) / each) {
    reader->failed = true;
    return 0;
  }
  return count;
}

uint32_t molt_read_list(molt_reader *reader) { return read_count(reader, 0x90, 0xdc, 1); }
uint32_t molt_read_map(molt_reader *reader) { return read_count(reader, 0x80, 0xde, 2); }
uint32_t molt_read_record(molt_reader *reader) { return molt_read_list(reader); }

bool molt_read_present(molt_reader *reader, uint32_t fields, uint32_t index) {
  return index < fields && !reader->failed && !molt_read_nil(reader);
}

uint32_t molt_read_union(molt_reader *reader) {
  if (molt_read_list(reader) != 2) reader->failed = true;
  return (uint32_t)molt_read_uint(reader);
}

void molt_skip(molt_reader *reader) {
  /* Values still to be skipped: a container adds its items, so that nothing recurses. */
  uint32_t left = 1;
  while (left && !reader->failed && reader->at < reader->end) {
    uint8_t byte = *reader->at;
    left--;
    if (byte <= 0x7f || byte >= 0xe0) reader->at++;
    else if (byte == 0xc0 || byte == 0xc2 || byte == 0xc3) reader->at++;
    else if (byte <= 0x8f || byte == 0xde || byte == 0xdf) left += 2 * molt_read_map(reader);
    else if (byte <= 0x9f || byte == 0xdc || byte == 0xdd) left += molt_read_list(reader);
    else if (byte <= 0xbf || (byte >= 0xd9 && byte <= 0xdb)) molt_read_string(reader);
    else if (byte >= 0xc4 && byte <= 0xc6) molt_read_bytes(reader);
    else if (byte == 0xca) molt_read_float32(reader);
    else if (byte == 0xcb) molt_read_float64(reader);
    else if (byte >= 0xcc && byte <= 0xcf) molt_read_uint(reader);
    else molt_read_int(reader);
  }
  if (left) reader->failed = true;
}

bool molt_read_end(const molt_reader *reader) { return !reader->failed && reader->at == reader->end; }

static uint32_t length_of(const char *text) {
  uint32_t length = 0;
  while (text[length]) length++;
  return length;
}

bool molt_text_is(molt_text text, const char *expected) {
  uint32_t i = 0;
  while (i < text.length && expected[i] && text.data[i] == expected[i]) i++;
  return i == text.length && expected[i] == 0;
}

/* ---- writing -------------------------------------------------------------------------------------------------------- */

molt_writer molt_writer_new(void) { return (molt_writer){0}; }

void molt_writer_free(molt_writer *writer) {
  molt_free(writer->data, writer->capacity);
  *writer = (molt_writer){.failed = writer->failed};
}

/* Room for `length` more bytes, counted as written; NULL when there is no memory. */
static uint8_t *room(molt_writer *writer, uint32_t length) {
  if (writer->failed) return NULL;
  if (length > writer->capacity - writer->length) {
    uint64_t capacity = writer->capacity ? (uint64_t)writer->capacity * 2 : 120;
    while (capacity < (uint64_t)writer->length + length) capacity *= 2;
    uint8_t *data = capacity > INT32_MAX ? NULL : molt_alloc((uint32_t)capacity);
    if (!data) {
      writer->failed = true;
      return NULL;
    }
    __builtin_memcpy(data, writer->data, writer->length);
    molt_free(writer->data, writer->capacity);
    writer->data = data;
    writer->capacity = (uint32_t)capacity;
  }
  uint8_t *at = writer->data + writer->length;
  writer->length += length;
  return at;
}

/* A leading byte and a big-endian number of `width` bytes. */
static void put(molt_writer *writer, uint8_t lead, uint32_t width, uint64_t value) {
  uint8_t *at = room(writer, 1 + width);
  if (!at) return;
  *at = lead;
  for (uint32_t i = width; i > 0; i--, value >>= 8) at[i] = (uint8_t)value;
}

void molt_append(molt_writer *writer, const void *data, uint32_t length) {
  uint8_t *at = room(writer, length);
  if (at) __builtin_memcpy(at, data, length);
}

void molt_write_nil(molt_writer *writer) { put(writer, 0xc0, 0, 0); }
void molt_write_bool(molt_writer *writer, bool value) { put(writer, value ? 0xc3 : 0xc2, 0, 0); }

void molt_write_uint(molt_writer *writer, uint64_t value) {
  if (value <= 0x7f) put(writer, (uint8_t)value, 0, 0);
  else if (value <= UINT8_MAX) put(writer, 0xcc, 1, value);
  else if (value <= UINT16_MAX) put(writer, 0xcd, 2, value);
  else if (value <= UINT32_MAX) put(writer, 0xce, 4, value);
  else put(writer, 0xcf, 8, value);
}

void molt_write_int(molt_writer *writer, int64_t value) {
  if (value >= 0) molt_write_uint(writer, (uint64_t)value);
  else if (value >= -32) put(writer, (uint8_t)value, 0, 0);
  else if (value >= INT8_MIN) put(writer, 0xd0, 1, (uint64_t)value);
  else if (value >= INT16_MIN) put(writer, 0xd1, 2, (uint64_t)value);
  else if (value >= INT32_MIN) put(writer, 0xd2, 4, (uint64_t)value);
  else put(writer, 0xd3, 8, (uint64_t)value);
}

/* Every NaN becomes the one that the codec knows. */
void molt_write_float32(molt_writer *writer, float value) {
  union { float value; uint32_t bits; } number = {.value = value};
  put(writer, 0xca, 4, value != value ? 0x7fc00000 : number.bits);
}

void molt_write_float64(molt_writer *writer, double value) {
  union { double value; uint64_t bits; } number = {.value = value};
  put(writer, 0xcb, 8, value != value ? 0x7ff8000000000000 : number.bits);
}

void molt_write_string(molt_writer *writer, const char *data, uint32_t length) {
  if (length <= 31) put(writer, (uint8_t)(0xa0 | length), 0, 0);
  else if (length <= UINT8_MAX) put(writer, 0xd9, 1, length);
  else if (length <= UINT16_MAX) put(writer, 0xda, 2, length);
  else put(writer, 0xdb, 4, length);
  molt_append(writer, data, length);
}

void molt_write_bytes(molt_writer *writer, const void *data, uint32_t length) {
  if (length <= UINT8_MAX) put(writer, 0xc4, 1, length);
  else if (length <= UINT16_MAX) put(writer, 0xc5, 2, length);
  else put(writer, 0xc6, 4, length);
  molt_append(writer, data, length);
}

static void write_count(molt_writer *writer, uint8_t small, uint8_t medium, uint32_t count) {
  if (count <= 15) put(writer, (uint8_t)(small | count), 0, 0);
  else if (count <= UINT16_MAX) put(writer, medium, 2, count);
  else put(writer, (uint8_t)(medium + 1), 4, count);
}

void molt_write_list(molt_writer *writer, uint32_t items) { write_count(writer, 0x90, 0xdc, items); }
void molt_write_map(molt_writer *writer, uint32_t pairs) { write_count(writer, 0x80, 0xde, pairs); }
void molt_write_record(molt_writer *writer, uint32_t fields) { molt_write_list(writer, fields); }

void molt_write_union(molt_writer *writer, uint32_t variant) {
  molt_write_list(writer, 2);
  molt_write_uint(writer, variant);
}

void molt_write_text(molt_writer *writer, const char *text) { molt_write_string(writer, text, length_of(text)); }

/* ---- capabilities --------------------------------------------------------------------------------------------------- */

molt_status molt_capability_call(uint32_t capability, uint32_t operation, molt_writer *in, molt_result *result) {
  *result = (molt_result){0};
  molt_status status = in->failed ? MOLT_ENCODE_ERROR : molt_host_call(capability, operation, in->data, in->length, result);
  molt_writer_free(in);
  return status;
}

molt_reader molt_result_reader(const molt_result *result) { return molt_reader_of(result->data, result->length); }

void molt_result_free(molt_result *result) {
  molt_free(result->data, result->length);
  *result = (molt_result){0};
}

/* ---- functions ------------------------------------------------------------------------------------------------------ */

/* Made by the linker: runs constructors. Naming it keeps the linker from running them around every export. */
extern void __wasm_call_ctors(void);

__attribute__((weak)) molt_status molt_on_init(molt_reader *config) {
  (void)config;
  return MOLT_OK;
}

__attribute__((weak)) molt_status molt_on_poll(molt_call *call) { return molt_fail(call, MOLT_INVALID_INPUT, "no such task"); }

__attribute__((weak)) molt_status molt_on_cancel(uint32_t task, uint32_t reason) {
  (void)task, (void)reason;
  return MOLT_OK;
}

molt_status molt_fail(molt_call *call, molt_status status, const char *message) {
  molt_writer_free(&call->out);
  call->out.failed = false;
  call->task = 0;
  molt_append(&call->out, message, length_of(message));
  return status;
}

/* Turns what a function left into what the host reads. */
static molt_status finish(molt_call *call, molt_status status, molt_result *result) {
  if (status == MOLT_OK && call->in.failed) status = molt_fail(call, MOLT_DECODE_ERROR, "the payload is not what the function reads");
  if (status == MOLT_OK && call->out.failed) status = molt_fail(call, MOLT_ENCODE_ERROR, "no memory for the result");
  *result = (molt_result){.data = call->out.data, .length = call->out.length, .schema = call->out_schema, .task = call->task};
  return status;
}

MOLT_EXPORT(init) molt_status molt_export_init(const uint8_t *data, uint32_t length) {
  __wasm_call_ctors();
  molt_reader config = molt_reader_of(data, length);
  return molt_on_init(&config);
}

MOLT_EXPORT(call) molt_status molt_export_call(uint32_t function, uint32_t schema, const uint8_t *data, uint32_t length, molt_result *result) {
  molt_call call = {.function = function, .schema = schema, .in = molt_reader_of(data, length)};
  for (uint32_t i = 0; i < molt_function_count; i++) {
    if (molt_functions[i].id != function) continue;
    call.out_schema = molt_functions[i].output_schema;
    return finish(&call, molt_functions[i].run(&call), result);
  }
  return finish(&call, molt_fail(&call, MOLT_INVALID_INPUT, "no such function"), result);
}

MOLT_EXPORT(poll) molt_status molt_export_poll(uint32_t task, molt_result *result) {
  molt_call call = {.task = task};
  return finish(&call, molt_on_poll(&call), result);
}

MOLT_EXPORT(cancel) molt_status molt_export_cancel(uint32_t task, uint32_t reason) { return molt_on_cancel(task, reason); }
