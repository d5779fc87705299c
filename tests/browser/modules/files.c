/* A module with a C library: formats a number and opens a file. */
#include <stdio.h>

#include "molt.h"

static molt_status format(molt_call *call) {
  molt_read_record(&call->in);
  char text[64];
  int length = snprintf(text, sizeof text, "%.2f", (double)molt_read_int(&call->in) / 100);
  FILE *file = fopen("/bundle/currency", "r");
  if (file) length += (int)fread(text + length, 1, sizeof text - (size_t)length, file), fclose(file);
  molt_write_record(&call->out, 1);
  molt_write_string(&call->out, text, (uint32_t)length);
  return MOLT_OK;
}

MOLT_FUNCTIONS(MOLT_FUNCTION(1, 1, format))
