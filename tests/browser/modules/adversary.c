/* A module that tries what a host has to hold against. One function of the manifest for each. */
#include "molt.h"

static uint32_t calls;
static molt_result pending;
static uint32_t initialised;

molt_status molt_on_init(molt_reader *config) {
  (void)config;
  initialised = 7;
  return MOLT_OK;
}

static molt_status number(molt_call *call, uint64_t value) {
  molt_write_record(&call->out, 1);
  molt_write_uint(&call->out, value);
  return MOLT_OK;
}

static uint64_t argument(molt_call *call) {
  molt_read_record(&call->in);
  return molt_read_uint(&call->in);
}

/* 10 × what init left, and how often it was called since. */
static molt_status count(molt_call *call) { return number(call, initialised * 10 + ++calls); }

static molt_status grow(molt_call *call) {
  calls++;
  return number(call, (uint64_t)__builtin_wasm_memory_grow(0, (uint32_t)argument(call)));
}

static molt_status trap(molt_call *call) {
  (void)call;
  calls++;
  __builtin_trap();
}

__attribute__((noinline)) static uint32_t deeper(volatile uint32_t *depth) {
  volatile uint32_t here[64];
  here[0] = *depth + 1;
  return here[0] == 0 ? 0 : deeper(here) + here[0];
}

static molt_status overflow(molt_call *call) {
  volatile uint32_t depth = 0;
  return number(call, deeper(&depth));
}

/* Leaves a result outside its memory. */
static molt_status wild(molt_call *call) {
  call->out.data = (uint8_t *)0xfffffff0;
  call->out.length = 0x7fffffff;
  return MOLT_OK;
}

/* Not what the output schema says. */
static molt_status lie(molt_call *call) {
  molt_write_text(&call->out, "no record");
  return MOLT_OK;
}

static molt_status other_schema(molt_call *call) {
  call->out_schema = 99;
  return number(call, 1);
}

static molt_status bad_status(molt_call *call) {
  (void)call;
  return 4711;
}

/* Calls the capability and operation packed into the argument, with a number as payload. */
static molt_status reach(molt_call *call) {
  uint32_t target = (uint32_t)argument(call);
  molt_writer in = molt_writer_new();
  molt_write_record(&in, 1);
  molt_write_uint(&in, 20);
  molt_status status = molt_capability_call(target >> 8, target & 0xff, &in, &pending);
  if (status != MOLT_OK) {
    molt_append(&call->out, pending.data, pending.length);
    return status;
  }
  if (pending.task) {
    call->task = 1;
    return MOLT_OK;
  }
  molt_append(&call->out, pending.data, pending.length);
  return MOLT_OK;
}

molt_status molt_on_poll(molt_call *call) {
  uint32_t task = pending.task;
  molt_status status = molt_host_poll(task, &pending);
  call->task = status == MOLT_OK && pending.task ? 1 : 0;
  call->out_schema = 0;
  molt_append(&call->out, pending.data, pending.length);
  return status;
}

molt_status molt_on_cancel(uint32_t task, uint32_t reason) {
  (void)task;
  return molt_host_cancel(pending.task, reason);
}

/* A payload that lies outside its memory. */
static molt_status wild_payload(molt_call *call) {
  molt_status status = molt_host_call(0, 0, (void *)0xffffff00, 0x1000, &pending);
  if (status == MOLT_OK) return number(call, 0);
  return molt_host_call(0, 0, "", 0, (molt_result *)0xfffffff8) == status ? status : MOLT_INTERNAL;
}

/* Reads the argument and what the codec has: writes each kind and reads it again. */
static molt_status codec(molt_call *call) {
  static const int64_t integers[] = {0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX,
                                     -1, -32, -33, -128, -129, -32768, -32769, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN};
  molt_writer out = molt_writer_new();
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < sizeof integers / sizeof *integers; i++) molt_write_int(&out, integers[i]);
  molt_write_float32(&out, 1.5f), molt_write_float64(&out, -0.1), molt_write_nil(&out), molt_write_bool(&out, true);
  molt_write_list(&out, 3), molt_write_map(&out, 1), molt_write_text(&out, "k"), molt_write_union(&out, 2), molt_write_nil(&out);
  molt_write_bytes(&out, "abc", 3), molt_write_text(&out, "the last of the three items is this text of 50 bytes");
  molt_write_text(&out, "end");
  molt_reader in = molt_reader_of(out.data, out.length);
  for (uint32_t i = 0; i < sizeof integers / sizeof *integers; i++) wrong += molt_read_int(&in) != integers[i];
  wrong += molt_read_float32(&in) != 1.5f;
  wrong += molt_read_float64(&in) != -0.1;
  wrong += !molt_read_nil(&in);
  wrong += !molt_read_bool(&in);
  molt_skip(&in);
  wrong += !molt_text_is(molt_read_string(&in), "end");
  wrong += !molt_read_end(&in);
  molt_writer_free(&out);
  static const uint8_t longer[] = {0xcc, 0x7f}, count[] = {0xdd, 0xff, 0xff, 0xff, 0xff}, early[] = {0xa5, 'a'};
  in = molt_reader_of(longer, sizeof longer);
  molt_read_uint(&in);
  wrong += !in.failed;
  in = molt_reader_of(count, sizeof count);
  wrong += molt_read_list(&in) != 0 || !in.failed;
  in = molt_reader_of(early, sizeof early);
  wrong += molt_read_string(&in).length != 0 || !in.failed;
  return number(call, wrong);
}

static molt_status limit(molt_call *call) {
  int64_t value = molt_limit((uint32_t)argument(call));
  molt_write_record(&call->out, 1);
  molt_write_int(&call->out, value);
  return MOLT_OK;
}

MOLT_FUNCTIONS(MOLT_FUNCTION(1, 0, count), MOLT_FUNCTION(2, 0, grow), MOLT_FUNCTION(3, 0, trap), MOLT_FUNCTION(4, 0, overflow),
               MOLT_FUNCTION(5, 0, wild), MOLT_FUNCTION(6, 0, lie), MOLT_FUNCTION(7, 0, other_schema), MOLT_FUNCTION(8, 0, bad_status),
               MOLT_FUNCTION(9, 0, reach), MOLT_FUNCTION(10, 0, wild_payload), MOLT_FUNCTION(11, 0, codec), MOLT_FUNCTION(12, 0, limit))
