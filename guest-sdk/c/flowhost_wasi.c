// What the C library asks of a system, as far as an action has one: what is printed
// goes to the run's log, line by line, and there is nothing to be read. Linked only where
// something is printed. The names are those that wasi-libc gives its imports, so that
// none is left.

#ifdef __wasm__

#include <string.h>
#include <wasi/api.h>

#include "flowhost_action.h"

#define EXPORTED(name) __imported_wasi_snapshot_preview1_##name

// A line that is longer is logged in parts.
struct line {
  size_t len;
  char text[1024];
};
static struct line lines[2];

static fh_level level(const struct line *line) {
  return line == &lines[0] ? FH_LEVEL_INFO : FH_LEVEL_WARN;
}

// Logs the first bytes of a line. Anything may be printed, so it need not be text.
static void end(struct line *line, size_t len) {
  fh_string part = { line->text, len };
  fh_log(level(line), part);
  line->len -= len;
  memmove(line->text, line->text + len, line->len);
}

// How much of a full line ends with a whole character.
static size_t whole(const struct line *line) {
  for (size_t back = 1; back <= 3; back++) {
    unsigned char c = (unsigned char)line->text[line->len - back];
    if ((c & 0xC0) == 0x80) continue;
    size_t wanted = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return wanted > back ? line->len - back : line->len;
  }
  return line->len;
}

static void print(struct line *line, const uint8_t *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '\n') {
      end(line, line->len);
      continue;
    }
    if (line->len == sizeof line->text) end(line, whole(line));
    line->text[line->len++] = (char)text[i];
  }
}

static void end_lines(void) {
  for (struct line *line = lines; line < lines + 2; line++) {
    if (line->len > 0) end(line, line->len);
  }
}

// Known only once something was printed, and volatile so that the linker finds no way
// from here to the log of an action that never prints.
static void (*volatile at_the_end)(void);

// The C library's own, there if streams are.
extern void __stdio_exit(void) __attribute__((weak));

// `flowhost build` has this called behind each handler: the C library waits for an `exit`
// that never comes.
__attribute__((export_name("flowhost-after-handler"))) void fh_after_handler(void) {
  if (__stdio_exit != NULL) __stdio_exit();
  if (at_the_end != NULL) at_the_end();
}

int32_t EXPORTED(fd_write)(int32_t fd, int32_t vectors, int32_t count, int32_t written) {
  if (fd != 1 && fd != 2) return __WASI_ERRNO_BADF;
  at_the_end = end_lines;
  const __wasi_ciovec_t *vector = (const __wasi_ciovec_t *)vectors;
  size_t sum = 0;
  for (int32_t i = 0; i < count; i++) {
    print(&lines[fd - 1], vector[i].buf, vector[i].buf_len);
    sum += vector[i].buf_len;
  }
  *(__wasi_size_t *)written = sum;
  return 0;
}

// The end of the input, which `<iostream>` links whether it is read or not.
int32_t EXPORTED(fd_read)(int32_t fd, int32_t vectors, int32_t count, int32_t read) {
  (void)vectors, (void)count;
  if (fd != 0) return __WASI_ERRNO_BADF;
  *(__wasi_size_t *)read = 0;
  return 0;
}

// A terminal, so that the C library writes line by line and keeps nothing back.
int32_t EXPORTED(fd_fdstat_get)(int32_t fd, int32_t stat) {
  if (fd != 1 && fd != 2) return __WASI_ERRNO_BADF;
  memset((void *)stat, 0, sizeof(__wasi_fdstat_t));
  ((__wasi_fdstat_t *)stat)->fs_filetype = __WASI_FILETYPE_CHARACTER_DEVICE;
  return 0;
}

int32_t EXPORTED(fd_seek)(int32_t fd, int64_t offset, int32_t whence, int32_t to) {
  (void)fd, (void)offset, (void)whence, (void)to;
  return __WASI_ERRNO_SPIPE;
}

int32_t EXPORTED(fd_close)(int32_t fd) {
  (void)fd;
  return 0;
}

// The part of the C library that Zig wrote calls its imports so.
int32_t close_in_zig(int32_t fd) __asm__("fd_close|wasi_snapshot_preview1");
int32_t close_in_zig(int32_t fd) { return EXPORTED(fd_close)(fd); }

#endif
