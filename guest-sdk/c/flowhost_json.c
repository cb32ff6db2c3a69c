// Reads a text out of a JSON object that the host gave, such as the claims of a token:
// it is well-formed. Places in the event are read with `fh_get_text_at`.

#include <stdlib.h>

#include "flowhost_action.h"

#undef fh_json_text
#undef fh_eq

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

// The string that begins here, without quotes and escapes.
static fh_string string(reader *json) {
  next(json);
  char *text = fh_alloc((size_t)(json->end - json->at)), *to = text;
  while (json->at < json->end) {
    char c = next(json);
    if (c == '"') break;
    if (c != '\\') {
      *to++ = c;
      continue;
    }
    switch (c = next(json)) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': {
        uint32_t code = hex(json);
        if (code >= 0xD800 && code < 0xDC00 && peek(json) == '\\') {
          json->at += 2;
          code = 0x10000 + ((code - 0xD800) << 10) + (hex(json) - 0xDC00);
        }
        to = put_utf8(to, code);
        break;
      }
      default: *to++ = c;
    }
  }
  fh_string whole = { text, (size_t)(to - text) };
  return whole;
}

// Past the value that begins here.
static void skip_value(reader *json) {
  size_t depth = 0;
  do {
    skip_space(json);
    char c = peek(json);
    if (c == '"') {
      string(json);
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

fh_option_string fh_json_text(fh_string object, fh_string name) {
  reader json = { object.ptr, object.ptr + object.len };
  fh_option_string found = fh_none();
  skip_space(&json);
  if (next(&json) != '{') return found;
  for (;;) {
    skip_space(&json);
    if (peek(&json) != '"') return found;
    fh_string key = string(&json);
    skip_space(&json);
    next(&json);
    skip_space(&json);
    if (fh_eq(key, name)) {
      // Of two members of one name the last counts.
      found = fh_none();
      if (peek(&json) == '"') {
        found.is_some = true;
        found.value = string(&json);
      } else {
        skip_value(&json);
      }
    } else {
      skip_value(&json);
    }
    skip_space(&json);
    if (next(&json) != ',') return found;
  }
}
