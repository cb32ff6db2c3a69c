// Reads a text out of a JSON object that the host gave, such as the claims of a token:
// it is well-formed. Places in the event are read with `fh_get_text_at`.

#include <stdlib.h>

#include "flowhost_action.h"

#undef fh_json_text
#undef fh_eq
#undef fh_some

typedef struct {
  const char *at;
  const char *end;
} reader;

static char peek(reader *json) { return json->at < json->end ? *json->at : 0; }

static char next(reader *json) { return json->at < json->end ? *json->at++ : 0; }

static void skip_space(reader *json) {
  while (peek(json) == ' ' || peek(json) == '\n' || peek(json) == '\r' || peek(json) == '\t') {
    json->at++;
  }
}

static uint32_t hex(reader *json) {
  uint32_t code = 0;
  for (int i = 0; i < 4; i++) {
    char c = next(json);
    uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
    code = code << 4 | (digit & 15);
  }
  return code;
}

static char *put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
    return to;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char first[] = { 0, 0xC0, 0xE0, 0xF0 };
  *to++ = (char)(first[more] | code >> 6 * more);
  while (more-- > 0) *to++ = (char)(0x80 | (code >> 6 * more & 0x3F));
  return to;
}

// Past the string that begins here. Whether there are escapes in it.
static bool skip_string(reader *json) {
  bool escaped = false;
  next(json);
  while (json->at < json->end) {
    char c = next(json);
    if (c == '"') break;
    if (c == '\\') {
      escaped = true;
      next(json);
    }
  }
  return escaped;
}

// The character whose number is written here, of two halves if it is a high one. Half a
// character is none.
static uint32_t code(reader *json) {
  uint32_t high = hex(json);
  if (high < 0xD800 || high >= 0xE000) return high;
  if (high >= 0xDC00 || json->end - json->at < 6 || memcmp(json->at, "\\u", 2) != 0) return 0xFFFD;
  reader second = { json->at + 2, json->end };
  uint32_t low = hex(&second);
  if (low < 0xDC00 || low >= 0xE000) return 0xFFFD;
  json->at = second.at;
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

// The string that begins here, without quotes and escapes. Without them it is not longer
// than with them.
static fh_string string(reader json) {
  reader behind = json;
  fh_string whole = { json.at + 1, 0 };
  bool escaped = skip_string(&behind);
  if (behind.at > whole.ptr) whole.len = (size_t)(behind.at - whole.ptr) - 1;
  if (!escaped) return whole;
  char *to = fh_alloc(whole.len);
  whole.ptr = to;
  next(&json);
  while (json.at + 1 < behind.at) {
    char c = next(&json);
    if (c != '\\') {
      *to++ = c;
      continue;
    }
    switch (c = next(&json)) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': to = put_utf8(to, code(&json)); break;
      default: *to++ = c;
    }
  }
  whole.len = (size_t)(to - whole.ptr);
  return whole;
}

// Past the value that begins here.
static void skip_value(reader *json) {
  size_t depth = 0;
  do {
    skip_space(json);
    char c = peek(json);
    if (c == '"') {
      skip_string(json);
    } else {
      if (c == '{' || c == '[') depth++;
      if (c == '}' || c == ']') depth--;
      next(json);
      bool word = c != '{' && c != '[' && c != '}' && c != ']' && c != ',' && c != ':';
      while (word && json->at < json->end && memchr(",:{}[]\" \n\r\t", *json->at, 11) == NULL) {
        json->at++;
      }
    }
  } while (depth > 0 && json->at < json->end);
}

// An object may be large, and memory is never given back: none is taken for what is only
// passed by.
fh_option_string fh_json_text(fh_string object, fh_string name) {
  reader json = { object.ptr, object.ptr + object.len }, found = { NULL, NULL };
  skip_space(&json);
  if (next(&json) != '{') return fh_none();
  for (;;) {
    skip_space(&json);
    if (peek(&json) != '"') break;
    fh_string key = string(json);
    skip_string(&json);
    skip_space(&json);
    next(&json);
    skip_space(&json);
    // Of two members of one name the last counts.
    if (fh_eq(key, name)) found = json;
    skip_value(&json);
    skip_space(&json);
    if (next(&json) != ',') break;
  }
  if (found.at == NULL || peek(&found) != '"') return fh_none();
  // Of its own memory, whoever the object belongs to.
  fh_string value = string(found);
  return fh_some(fh_concat_list(&value, 1));
}
