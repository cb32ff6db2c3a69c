// A step of the configuration: a JSON Pointer, below which its arguments stand.

#ifndef STEP_H
#define STEP_H

#include <flowhost_action.h>

typedef struct {
  fh_string pointer;
} step;

// An argument, or what is in a list.
step part(step at, fh_string name);
step item(step at, size_t index);
bool is_there(step at);

fh_option_string text(step at, const char *name);
fh_string required(step at, const char *name);
// JSON, or the text in its place.
fh_option_string json(step at, const char *name);
fh_option_int64 number(step at, const char *name);
fh_option_bool flag(step at, const char *name);
fh_list_pair pairs(step at, const char *name);
fh_factor factor(step at);
fh_list_factor factors(step at, const char *name);
fh_secret secret(step at);

#endif
