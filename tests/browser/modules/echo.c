/* Reads every kind of value and writes it again, but for the one it reads past. */
#include "molt.h"

static molt_status echo(molt_call *call) {
  molt_reader *in = &call->in;
  molt_writer *out = &call->out;
  uint32_t fields = molt_read_record(in);
  bool present = fields > 10;
  molt_write_record(out, present ? 10 : 9);
  molt_write_int(out, molt_read_int(in));
  molt_write_uint(out, molt_read_uint(in));
  molt_write_float32(out, molt_read_float32(in));
  molt_write_float64(out, molt_read_float64(in));
  molt_text text = molt_read_string(in);
  molt_write_string(out, text.data, text.length);
  molt_text bytes = molt_read_bytes(in);
  molt_write_bytes(out, bytes.data, bytes.length);
  uint32_t items = molt_read_list(in);
  molt_write_list(out, items);
  while (items--) molt_write_int(out, molt_read_int(in));
  uint32_t pairs = molt_read_map(in);
  molt_write_map(out, pairs);
  while (pairs--) {
    molt_text key = molt_read_string(in);
    molt_write_string(out, key.data, key.length);
    molt_write_uint(out, molt_read_uint(in));
  }
  uint32_t variant = molt_read_union(in);
  molt_write_union(out, variant);
  if (variant == 0) {
    molt_write_bool(out, molt_read_bool(in));
  } else {
    molt_text value = molt_read_string(in);
    molt_write_string(out, value.data, value.length);
  }
  molt_skip(in);
  if (molt_read_present(in, fields, 10)) molt_write_int(out, molt_read_int(in));
  return molt_read_end(in) ? MOLT_OK : molt_fail(call, MOLT_DECODE_ERROR, "not at the end");
}

MOLT_FUNCTIONS(MOLT_FUNCTION(1, 1, echo))
