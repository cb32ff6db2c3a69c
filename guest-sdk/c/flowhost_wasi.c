// What the C library asks of a system, as far as an action has one: what is printed
// goes to the run's log, line by line. Linked only where something is printed. The
// names are those that wasi-libc gives its imports, so that none is left.

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

static void end(struct line *line, fh_level level) {
  fh_import_log_write(level, line->text, line->len);
  line->len = 0;
}

static void print(struct line *line, fh_level level, const uint8_t *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '\n') {
      end(line, level);
      continue;
    }
    if (line->len == sizeof line->text) end(line, level);
    line->text[line->len++] = (char)text[i];
  }
}

int32_t EXPORTED(fd_write)(int32_t fd, int32_t vectors, int32_t count, int32_t written) {
  if (fd != 1 && fd != 2) return __WASI_ERRNO_BADF;
  const __wasi_ciovec_t *vector = (const __wasi_ciovec_t *)vectors;
  size_t sum = 0;
  for (int32_t i = 0; i < count; i++) {
    print(&lines[fd - 1], fd == 1 ? FH_LEVEL_INFO : FH_LEVEL_WARN, vector[i].buf,
          vector[i].buf_len);
    sum += vector[i].buf_len;
  }
  *(__wasi_size_t *)written = sum;
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
