// Actions in C. Define `on_execute`, and `on_continue` too if the action sends the user
// away or shows a prompt: a component exports the handlers that are defined.
//
// Wherever text is wanted, a `fh_string` or a `const char *` will do. Memory is handed
// out by moving a mark and never given back: it is gone when the run is.

#ifndef FLOWHOST_ACTION_H
#define FLOWHOST_ACTION_H

#include <string.h>

#include "flowhost_contract.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a handler, or one call, ended: well, or with a name and a message. A refused call
// has its code as the name.
typedef struct {
  bool is_error;
  fh_failure failure;
} fh_outcome;

typedef struct fh_result {
  const fh_outcome *outcome;
#ifdef __cplusplus
  explicit operator bool() const { return !outcome->is_error; }
  bool ok() const { return !outcome->is_error; }
  std::string_view name() const { return outcome->failure.name; }
  std::string_view message() const { return outcome->failure.message; }
#endif
} fh_result;

#define FH_MUST_USE __attribute__((warn_unused_result))

// The handlers: the author's.
FH_EXPORT(FH_ON_EXECUTE) fh_result on_execute(void);
FH_EXPORT(FH_ON_CONTINUE) fh_result on_continue(void);

// Memory.

// Never null: a run without memory ends.
void *fh_alloc(size_t size);

// Text.

// Zero-terminated text as it is. None for a null pointer.
static inline fh_string fh_text_of(const char *text) {
  fh_string same = { text, text == NULL ? 0 : strlen(text) };
  return same;
}
static inline fh_string fh_text_same(fh_string text) { return text; }

bool fh_eq(fh_string one, fh_string other);
bool fh_starts_with(fh_string text, fh_string start);
bool fh_ends_with(fh_string text, fh_string end);
// The texts behind each other. `fh_concat(…)` takes up to eight.
fh_string fh_concat_list(const fh_string *texts, size_t count);
// The text with a zero behind it.
char *fh_c_string(fh_string text);
// The text, with U+FFFD for what in it is not UTF-8. All calls do this with all text they
// are given: how a cut character or another encoding looks is not worth failing for.
fh_string fh_utf8(fh_string text);
// The text as JSON: in quotes, with escapes.
fh_string fh_quote(fh_string text);
// The text of a member of a JSON object that the host gave, such as the claims of a token.
fh_option_string fh_json_text(fh_string object, fh_string name);
fh_string fh_from_int(int64_t number);

static inline fh_option_string fh_some(fh_string text) {
  fh_option_string some = { true, text };
  return some;
}
static inline fh_option_string fh_none(void) {
  fh_option_string none = { false, { NULL, 0 } };
  return none;
}
static inline fh_string fh_or(fh_option_string text, fh_string other) {
  return text.is_some ? text.value : other;
}

// Results.

static inline fh_result fh_ok(void) {
  static const fh_outcome ok = { false, { { NULL, 0 }, { NULL, 0 }, { false, { NULL, 0 } } } };
  fh_result result = { &ok };
  return result;
}
FH_MUST_USE fh_result fh_fail(fh_string name, fh_string message);
FH_MUST_USE fh_result fh_fail_at(fh_string name, fh_string message, fh_option_string stack);
static inline bool fh_failed(fh_result result) { return result.outcome->is_error; }
// The code of a refused call, or the name given to `fh_fail`.
static inline fh_string fh_error(fh_result result) { return result.outcome->failure.name; }

// Ends the handler with what went wrong, if anything did.
#define FH_TRY(call)                            \
  do {                                          \
    fh_result fh_tried_ = (call);               \
    if (fh_failed(fh_tried_)) return fh_tried_; \
  } while (0)

// The event: `fh_get_user()` and the others of flowhost_contract.h, and

// The JSON of one place, by JSON Pointer: "/user/app_metadata/plan".
fh_option_string fh_get_json_at(fh_string pointer);
// The same for a place that holds a string: its value.
fh_option_string fh_get_text_at(fh_string pointer);
// Prefer naming a secret to the token functions over reading it.
fh_option_string fh_get_secret(fh_string name);

// access, authentication

FH_MUST_USE fh_result fh_deny(fh_string reason);

fh_factor fh_otp(void);
fh_factor fh_email(void);
fh_factor fh_webauthn_platform(void);
fh_factor fh_webauthn_roaming(void);
fh_factor fh_recovery_code(void);
fh_factor fh_phone(void);
// `method`: FH_PHONE_METHOD_SMS, …_VOICE or …_BOTH.
fh_factor fh_phone_by(fh_phone_method method);
fh_factor fh_push_notification(void);
// Any other name. Ignored, with a warning in the run's log.
fh_factor fh_other(fh_string type, fh_option_string options);

FH_MUST_USE fh_result fh_challenge_with(fh_factor factor);
// The user may choose one of the others instead.
FH_MUST_USE fh_result fh_challenge_with_additional(fh_factor factor, fh_list_factor others);
FH_MUST_USE fh_result fh_challenge_with_any(fh_list_factor factors);

// prompt, redirect, transaction

// `fields` and `vars` are JSON objects.
FH_MUST_USE fh_result fh_render(fh_string id, fh_option_string fields, fh_option_string vars);
FH_MUST_USE fh_result fh_send_user_to(fh_string url);
FH_MUST_USE fh_result fh_send_user_to_with(fh_string url, fh_list_pair query);
FH_MUST_USE fh_result fh_set_result_url(fh_string url);
FH_MUST_USE fh_result fh_set_result_url_with(fh_string url, fh_list_pair query);

static inline fh_pair fh_pair_of(fh_string name, fh_string value) {
  fh_pair pair = { name, value };
  return pair;
}

// A secret of the action by its name, or any text.
static inline fh_secret fh_secret_named(fh_string name) {
  fh_secret secret;
  secret.tag = FH_SECRET_NAMED;
  secret.value.named = name;
  return secret;
}
static inline fh_secret fh_secret_value(fh_string value) {
  fh_secret secret;
  secret.tag = FH_SECRET_VALUE;
  secret.value.value = value;
  return secret;
}

// The token goes to `*token`. It lives 900 seconds.
FH_MUST_USE fh_result fh_encode_token(fh_secret secret, fh_string payload, fh_string *token);
FH_MUST_USE fh_result fh_encode_token_for(fh_secret secret, fh_string payload, int64_t seconds,
                                          fh_string *token);
// The claims, a JSON object, go to `*claims`. The parameter is `session_token`.
FH_MUST_USE fh_result fh_validate_token(fh_secret secret, fh_string *claims);
FH_MUST_USE fh_result fh_validate_token_in(fh_secret secret, fh_string parameter,
                                           fh_string *claims);

// cache

fh_option_cache_record fh_cache_get(fh_string key);
// Ends in 15 minutes. What is kept goes to `*kept`, unless that is null.
FH_MUST_USE fh_result fh_cache_set(fh_string key, fh_string value, fh_cache_record *kept);
FH_MUST_USE fh_result fh_cache_set_until(fh_string key, fh_string value, fh_expiry expiry,
                                         fh_cache_record *kept);
FH_MUST_USE fh_result fh_cache_delete(fh_string key);

// log

// `level`: FH_LEVEL_DEBUG, …_INFO, …_WARN or …_ERROR. `printf` ends in the log too.
void fh_log(fh_level level, fh_string message);

// Like the import of the same name, with the factor in one piece: how it is taken apart
// is known to flowhost_action.c alone.
void fh_import_challenge_with(fh_factor factor, fh_list_factor others, fh_answer *answer);

#ifdef __cplusplus
}
#else

// Text for any text.
#define fh_text(text)      \
  _Generic((text),         \
      fh_string: fh_text_same, \
      char *: fh_text_of,  \
      const char *: fh_text_of)(text)

// Lists for the call they are written in.
#define FH_FACTORS(...)                       \
  ((fh_list_factor){ (fh_factor[]){ __VA_ARGS__ }, \
                     sizeof((fh_factor[]){ __VA_ARGS__ }) / sizeof(fh_factor) })
#define FH_QUERY(...)                     \
  ((fh_list_pair){ (fh_pair[]){ __VA_ARGS__ }, \
                   sizeof((fh_pair[]){ __VA_ARGS__ }) / sizeof(fh_pair) })

#define FH_EACH_1(a) fh_text(a)
#define FH_EACH_2(a, ...) fh_text(a), FH_EACH_1(__VA_ARGS__)
#define FH_EACH_3(a, ...) fh_text(a), FH_EACH_2(__VA_ARGS__)
#define FH_EACH_4(a, ...) fh_text(a), FH_EACH_3(__VA_ARGS__)
#define FH_EACH_5(a, ...) fh_text(a), FH_EACH_4(__VA_ARGS__)
#define FH_EACH_6(a, ...) fh_text(a), FH_EACH_5(__VA_ARGS__)
#define FH_EACH_7(a, ...) fh_text(a), FH_EACH_6(__VA_ARGS__)
#define FH_EACH_8(a, ...) fh_text(a), FH_EACH_7(__VA_ARGS__)
#define FH_PICK(a, b, c, d, e, f, g, h, which, ...) which
#define FH_EACH(...)                                                                     \
  FH_PICK(__VA_ARGS__, FH_EACH_8, FH_EACH_7, FH_EACH_6, FH_EACH_5, FH_EACH_4, FH_EACH_3, \
          FH_EACH_2, FH_EACH_1, )(__VA_ARGS__)
#define fh_concat(...)                             \
  fh_concat_list((fh_string[]){ FH_EACH(__VA_ARGS__) }, \
                 sizeof((fh_string[]){ FH_EACH(__VA_ARGS__) }) / sizeof(fh_string))

#define fh_eq(one, other) fh_eq(fh_text(one), fh_text(other))
#define fh_starts_with(text, start) fh_starts_with(fh_text(text), fh_text(start))
#define fh_ends_with(text, end) fh_ends_with(fh_text(text), fh_text(end))
#define fh_quote(text) fh_quote(fh_text(text))
#define fh_utf8(text) fh_utf8(fh_text(text))
#define fh_json_text(object, name) fh_json_text(object, fh_text(name))
#define fh_some(text) fh_some(fh_text(text))
#define fh_or(text, other) fh_or(text, fh_text(other))
#define fh_fail(name, message) fh_fail(fh_text(name), fh_text(message))
#define fh_get_json_at(pointer) fh_get_json_at(fh_text(pointer))
#define fh_get_text_at(pointer) fh_get_text_at(fh_text(pointer))
#define fh_get_secret(name) fh_get_secret(fh_text(name))
#define fh_deny(reason) fh_deny(fh_text(reason))
#define fh_other(type, options) fh_other(fh_text(type), options)
#define fh_fail_at(name, message, stack) fh_fail_at(fh_text(name), fh_text(message), stack)
#define fh_render(id, fields, vars) fh_render(fh_text(id), fields, vars)
#define fh_send_user_to(url) fh_send_user_to(fh_text(url))
#define fh_send_user_to_with(url, query) fh_send_user_to_with(fh_text(url), query)
#define fh_set_result_url(url) fh_set_result_url(fh_text(url))
#define fh_set_result_url_with(url, query) fh_set_result_url_with(fh_text(url), query)
#define fh_pair_of(name, value) fh_pair_of(fh_text(name), fh_text(value))
#define fh_secret_named(name) fh_secret_named(fh_text(name))
#define fh_secret_value(value) fh_secret_value(fh_text(value))
#define fh_encode_token(secret, payload, token) fh_encode_token(secret, fh_text(payload), token)
#define fh_encode_token_for(secret, payload, seconds, token) \
  fh_encode_token_for(secret, fh_text(payload), seconds, token)
#define fh_validate_token_in(secret, parameter, claims) \
  fh_validate_token_in(secret, fh_text(parameter), claims)
#define fh_cache_get(key) fh_cache_get(fh_text(key))
#define fh_cache_set(key, value, kept) fh_cache_set(fh_text(key), fh_text(value), kept)
#define fh_cache_set_until(key, value, expiry, kept) \
  fh_cache_set_until(fh_text(key), fh_text(value), expiry, kept)
#define fh_cache_delete(key) fh_cache_delete(fh_text(key))
#define fh_log(level, message) fh_log(level, fh_text(message))

#endif

#endif
