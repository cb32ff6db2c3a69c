// Text: comparing it, joining it, and making it fit for handing over.

#include "flowhost_action.h"

// In this file the functions are meant, not the macros that take any text.
#undef fh_eq
#undef fh_starts_with
#undef fh_ends_with
#undef fh_quote
#undef fh_utf8

bool fh_eq(fh_string one, fh_string other) {
  return one.len == other.len && (one.len == 0 || memcmp(one.ptr, other.ptr, one.len) == 0);
}

bool fh_starts_with(fh_string text, fh_string start) {
  if (start.len > text.len) return false;
  text.len = start.len;
  return fh_eq(text, start);
}

bool fh_ends_with(fh_string text, fh_string end) {
  if (end.len > text.len) return false;
  text.ptr += text.len - end.len;
  text.len = end.len;
  return fh_eq(text, end);
}

static void add(char **to, const char *from, size_t len) {
  if (len > 0) memcpy(*to, from, len);
  *to += len;
}

fh_string fh_concat_list(const fh_string *texts, size_t count) {
  size_t len = 0;
  for (size_t i = 0; i < count; i++) len += texts[i].len;
  char *to = fh_alloc(len);
  fh_string whole = { to, len };
  for (size_t i = 0; i < count; i++) add(&to, texts[i].ptr, texts[i].len);
  return whole;
}

char *fh_c_string(fh_string text) {
  char *copy = fh_alloc(text.len + 1), *to = copy;
  add(&to, text.ptr, text.len);
  *to = 0;
  return copy;
}

fh_string fh_quote(fh_string text) {
  static const char short_form[] = "\"\"\\\\\bb\ff\nn\rr\tt";
  static const char digits[] = "0123456789abcdef";
  char *to = fh_alloc(6 * text.len + 2);
  fh_string quoted = { to, 0 };
  *to++ = '"';
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    const char *form = short_form;
    while (*form != 0 && (unsigned char)*form != c) form += 2;
    if (c != 0 && *form != 0) {
      *to++ = '\\';
      *to++ = form[1];
    } else if (c < 0x20) {
      add(&to, "\\u00", 4);
      *to++ = digits[c >> 4];
      *to++ = digits[c & 15];
    } else {
      *to++ = (char)c;
    }
  }
  *to++ = '"';
  quoted.len = (size_t)(to - quoted.ptr);
  return quoted;
}

fh_string fh_from_int(int64_t number) {
  char *end = (char *)fh_alloc(20) + 20, *at = end;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do *--at = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0) *--at = '-';
  fh_string text = { at, (size_t)(end - at) };
  return text;
}

// The bytes of the character at the beginning of so many. Of a broken one those that
// could have begun one (Unicode, table 3-7): they are replaced together.
static size_t character(const unsigned char *at, size_t left, bool *whole) {
  unsigned char first = at[0], low = 0x80, high = 0xBF;
  size_t more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  *whole = false;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4) return 1;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (size_t i = 1; i <= more; i++) {
    if (i == left || at[i] < low || at[i] > high) return i;
    low = 0x80, high = 0xBF;
  }
  *whole = true;
  return more + 1;
}

// How many bytes of ASCII the text begins with: eight at once, then one by one.
static size_t ascii(const char *at, size_t left) {
  size_t len = 0;
  for (uint64_t eight; left - len >= sizeof eight; len += sizeof eight) {
    memcpy(&eight, at + len, sizeof eight);
    if ((eight & 0x8080808080808080u) != 0) break;
  }
  while (len < left && ((unsigned char)at[len] & 0x80) == 0) len++;
  return len;
}

fh_string fh_utf8(fh_string text) {
  bool whole, all = true;
  size_t len = 0;
  for (size_t i = 0, n; i < text.len; i += n) {
    n = ascii(text.ptr + i, text.len - i);
    len += n;
    if (n > 0) continue;
    n = character((const unsigned char *)text.ptr + i, text.len - i, &whole);
    len += whole ? n : 3;
    all = all && whole;
  }
  if (all) return text;
  char *to = fh_alloc(len);
  fh_string mended = { to, len };
  for (size_t i = 0, n; i < text.len; i += n) {
    n = character((const unsigned char *)text.ptr + i, text.len - i, &whole);
    add(&to, whole ? text.ptr + i : "\xEF\xBF\xBD", whole ? n : 3);
  }
  return mended;
}
