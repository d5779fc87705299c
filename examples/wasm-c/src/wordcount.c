/* Counts the words of a text: as a function for other code (count) and over HTTP (handle). */
#include "molt.h"

/* The schemas by their place in the manifest. */
enum { TEXT, COUNT, HTTP_REQUEST, HTTP_RESPONSE };
enum { LOG_INFO = 2 };

typedef struct counts {
  uint32_t lines, words, characters, bytes;
  molt_text longest;
} counts;

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static counts count_text(molt_text text) {
  counts found = {.bytes = text.length};
  uint32_t start = 0;
  for (uint32_t i = 0; i <= text.length; i++) {
    if (i == text.length || is_space(text.data[i])) {
      if (i > start) {
        found.words++;
        if (i - start > found.longest.length) found.longest = (molt_text){text.data + start, i - start};
      }
      start = i + 1;
    }
    if (i == text.length) break;
    if (text.data[i] == '\n') found.lines++;
    /* The bytes of a character after its first are 10xxxxxx in UTF-8. */
    if ((text.data[i] & 0xc0) != 0x80) found.characters++;
  }
  return found;
}

static molt_status count(molt_call *call) {
  molt_read_record(&call->in);
  counts found = count_text(molt_read_string(&call->in));
  bool any = found.words > 0;
  molt_write_record(&call->out, any ? 5 : 4);
  molt_write_uint(&call->out, found.lines);
  molt_write_uint(&call->out, found.words);
  molt_write_uint(&call->out, found.characters);
  molt_write_uint(&call->out, found.bytes);
  if (any) molt_write_string(&call->out, found.longest.data, found.longest.length);
  return MOLT_OK;
}

static void append_text(molt_writer *to, const char *text) {
  uint32_t length = 0;
  while (text[length]) length++;
  molt_append(to, text, length);
}

static void append_number(molt_writer *to, uint32_t number, const char *unit) {
  char digits[10];
  uint32_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10); while (number /= 10);
  molt_append(to, digits + at, sizeof digits - at);
  append_text(to, unit);
}

static void respond(molt_writer *out, uint32_t status, const molt_writer *body) {
  molt_write_record(out, 3);
  molt_write_uint(out, status);
  molt_write_list(out, 1);
  molt_write_record(out, 2);
  molt_write_text(out, "content-type");
  molt_write_text(out, "text/plain; charset=utf-8");
  molt_write_bytes(out, body->data, body->length);
}

static molt_status handle(molt_call *call) {
  molt_read_record(&call->in);
  molt_text method = molt_read_string(&call->in);
  molt_text url = molt_read_string(&call->in);
  molt_skip(&call->in); /* headers */
  molt_text body = molt_read_bytes(&call->in);
  molt_log(LOG_INFO, url.data, url.length);

  molt_writer text = molt_writer_new();
  if (!molt_text_is(method, "POST")) {
    append_text(&text, "Post a text to count its words.\n");
    respond(&call->out, 405, &text);
  } else {
    counts found = count_text(body);
    append_number(&text, found.lines, " lines, ");
    append_number(&text, found.words, " words, ");
    append_number(&text, found.characters, " characters, ");
    append_number(&text, found.bytes, " bytes\n");
    respond(&call->out, 200, &text);
  }
  molt_writer_free(&text);
  return MOLT_OK;
}

MOLT_FUNCTIONS(MOLT_FUNCTION(1, COUNT, count), MOLT_FUNCTION(2, HTTP_RESPONSE, handle))
