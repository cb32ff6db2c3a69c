// What every action in C and C++ is linked with: memory, and the calls. Text that is not
// UTF-8 would end the run where it is handed over, so it is mended before.

#include "flowhost_action.h"

#include <stdlib.h>

// In this file the functions are meant, not the macros that take any text.
#undef fh_fail
#undef fh_get_json_at
#undef fh_get_text_at
#undef fh_get_secret
#undef fh_deny
#undef fh_other
#undef fh_fail_at
#undef fh_render
#undef fh_send_user_to
#undef fh_send_user_to_with
#undef fh_set_result_url
#undef fh_set_result_url_with
#undef fh_encode_token
#undef fh_encode_token_for
#undef fh_validate_token_in
#undef fh_cache_get
#undef fh_cache_set
#undef fh_cache_set_until
#undef fh_cache_delete
#undef fh_log
#undef fh_utf8

// Memory.

#ifdef __wasm__

#define PAGE ((size_t)65536)

// Enough for the event of most runs. It is zero, and costs nothing until it is touched.
static _Alignas(16) char first[32768];
static char *mark = first;
static char *end = first + sizeof first;

// `size` bytes at a multiple of `align`, a power of two.
static void *take(size_t align, size_t size) {
  size_t at = ((size_t)mark + align - 1) & ~(align - 1);
  if (at > (size_t)end || size > (size_t)end - at) {
    // Beside what malloc has, which grows the memory in the same way.
    if (size > (size_t)-1 - 2 * PAGE) abort();
    size_t pages = (size + align + PAGE - 1) / PAGE;
    size_t before = __builtin_wasm_memory_grow(0, pages);
    if (before == (size_t)-1) abort();
    mark = (char *)(before * PAGE);
    end = mark + pages * PAGE;
    at = (size_t)mark;
  }
  mark = (char *)at + size;
  return (void *)at;
}

// Where the host puts what it answers.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size) {
  if (old_size > 0 && (char *)old + old_size == mark && size <= (size_t)(end - (char *)old)) {
    mark = (char *)old + size;
    return old;
  }
  void *new = take(align, size);
  if (old_size > 0) memcpy(new, old, old_size < size ? old_size : size);
  return new;
}

void *fh_alloc(size_t size) { return take(16, size); }

#else

void *fh_alloc(size_t size) {
  void *memory = malloc(size > 0 ? size : 1);
  if (memory == NULL) abort();
  return memory;
}

#endif

// Text that is handed over.

static fh_option_string mended(fh_option_string text) {
  if (text.is_some) text.value = fh_utf8(text.value);
  return text;
}

static fh_list_pair mended_pairs(fh_list_pair pairs) {
  fh_pair *mended = fh_alloc(pairs.len * sizeof *mended);
  for (size_t i = 0; i < pairs.len; i++) {
    mended[i] = fh_pair_of(fh_utf8(pairs.ptr[i].name), fh_utf8(pairs.ptr[i].value));
  }
  fh_list_pair list = { mended, pairs.len };
  return list;
}

static fh_factor mended_factor(fh_factor factor) {
  if (factor.tag == FH_FACTOR_RECOVERY_CODE) {
    factor.value.recovery_code = mended(factor.value.recovery_code);
  } else if (factor.tag == FH_FACTOR_OTHER) {
    factor.value.other.type = fh_utf8(factor.value.other.type);
    factor.value.other.options = mended(factor.value.other.options);
  }
  return factor;
}

// Most have none.
static bool has_text(fh_list_factor factors) {
  for (size_t i = 0; i < factors.len; i++) {
    uint8_t tag = factors.ptr[i].tag;
    if (tag == FH_FACTOR_RECOVERY_CODE || tag == FH_FACTOR_OTHER) return true;
  }
  return false;
}

static fh_list_factor mended_factors(fh_list_factor factors) {
  if (!has_text(factors)) return factors;
  fh_factor *mended = fh_alloc(factors.len * sizeof *mended);
  for (size_t i = 0; i < factors.len; i++) mended[i] = mended_factor(factors.ptr[i]);
  fh_list_factor list = { mended, factors.len };
  return list;
}

// Results.

fh_result fh_fail_at(fh_string name, fh_string message, fh_option_string stack) {
  fh_outcome *outcome = fh_alloc(sizeof *outcome);
  outcome->is_error = true;
  outcome->failure.name = fh_utf8(name);
  outcome->failure.message = fh_utf8(message);
  outcome->failure.stack = mended(stack);
  fh_result result = { outcome };
  return result;
}

fh_result fh_fail(fh_string name, fh_string message) {
  return fh_fail_at(name, message, fh_none());
}

static fh_result refused(fh_api_error error) { return fh_fail(error.code, error.message); }

static fh_result answered(const fh_answer *answer) {
  return answer->is_error ? refused(answer->value.error) : fh_ok();
}

static fh_result answered_text(const fh_answer_string *answer, fh_string *text) {
  if (answer->is_error) return refused(answer->value.error);
  *text = answer->value.ok;
  return fh_ok();
}

// The event.

fh_option_string fh_get_json_at(fh_string pointer) {
  pointer = fh_utf8(pointer);
  fh_option_string json;
  fh_import_event_get_json_at(pointer.ptr, pointer.len, &json);
  return json;
}

fh_option_string fh_get_text_at(fh_string pointer) {
  pointer = fh_utf8(pointer);
  fh_option_string text;
  fh_import_event_get_text_at(pointer.ptr, pointer.len, &text);
  return text;
}

fh_option_string fh_get_secret(fh_string name) {
  name = fh_utf8(name);
  fh_option_string secret;
  fh_import_event_get_secret(name.ptr, name.len, &secret);
  return secret;
}

// access, authentication

fh_result fh_deny(fh_string reason) {
  reason = fh_utf8(reason);
  fh_answer answer;
  fh_import_access_deny(reason.ptr, reason.len, &answer);
  return answered(&answer);
}

static fh_factor factor(uint8_t tag) {
  fh_factor factor;
  memset(&factor, 0, sizeof factor);
  factor.tag = tag;
  return factor;
}

fh_factor fh_otp(void) { return factor(FH_FACTOR_OTP); }
fh_factor fh_email(void) { return factor(FH_FACTOR_EMAIL); }
fh_factor fh_webauthn_platform(void) { return factor(FH_FACTOR_WEBAUTHN_PLATFORM); }
fh_factor fh_webauthn_roaming(void) { return factor(FH_FACTOR_WEBAUTHN_ROAMING); }
fh_factor fh_recovery_code(void) { return factor(FH_FACTOR_RECOVERY_CODE); }
fh_factor fh_phone(void) { return factor(FH_FACTOR_PHONE); }
fh_factor fh_push_notification(void) { return factor(FH_FACTOR_PUSH_NOTIFICATION); }

fh_factor fh_phone_by(fh_phone_method method) {
  fh_factor phone = fh_phone();
  phone.value.phone.preferred_method.is_some = true;
  phone.value.phone.preferred_method.value = method;
  return phone;
}

fh_factor fh_other(fh_string type, fh_option_string options) {
  fh_factor other = factor(FH_FACTOR_OTHER);
  other.value.other.type = type;
  other.value.other.options = options;
  return other;
}

#ifdef __wasm__

static const void *flat(uint32_t value) { return (const void *)(size_t)value; }

// A variant is handed over in as many words as its longest case has.
void fh_import_challenge_with(fh_factor factor, fh_list_factor others, fh_answer *answer) {
  const void *a = NULL, *b = NULL, *d = NULL;
  size_t c = 0, e = 0;
  switch (factor.tag) {
    case FH_FACTOR_RECOVERY_CODE:
      a = flat(factor.value.recovery_code.is_some);
      b = factor.value.recovery_code.value.ptr;
      c = factor.value.recovery_code.value.len;
      break;
    case FH_FACTOR_PHONE:
      a = flat(factor.value.phone.preferred_method.is_some);
      b = flat(factor.value.phone.preferred_method.value);
      break;
    case FH_FACTOR_PUSH_NOTIFICATION:
      a = flat(factor.value.push_notification.otp_fallback.is_some);
      b = flat(factor.value.push_notification.otp_fallback.value);
      break;
    case FH_FACTOR_OTHER:
      a = factor.value.other.type.ptr;
      b = flat((uint32_t)factor.value.other.type.len);
      c = factor.value.other.options.is_some;
      d = factor.value.other.options.value.ptr;
      e = factor.value.other.options.value.len;
      break;
  }
  fh_import_authentication_challenge_with(factor.tag, a, b, c, d, e, others.ptr, others.len,
                                          answer);
}

#endif

fh_result fh_challenge_with_additional(fh_factor factor, fh_list_factor others) {
  fh_answer answer;
  fh_import_challenge_with(mended_factor(factor), mended_factors(others), &answer);
  return answered(&answer);
}

fh_result fh_challenge_with(fh_factor factor) {
  fh_list_factor none = { NULL, 0 };
  return fh_challenge_with_additional(factor, none);
}

fh_result fh_challenge_with_any(fh_list_factor factors) {
  factors = mended_factors(factors);
  fh_answer answer;
  fh_import_authentication_challenge_with_any(factors.ptr, factors.len, &answer);
  return answered(&answer);
}

// prompt, redirect, transaction

fh_result fh_render(fh_string id, fh_option_string fields, fh_option_string vars) {
  id = fh_utf8(id);
  fields = mended(fields);
  vars = mended(vars);
  fh_answer answer;
  fh_import_prompt_render(id.ptr, id.len, fields.is_some, fields.value.ptr, fields.value.len,
                          vars.is_some, vars.value.ptr, vars.value.len, &answer);
  return answered(&answer);
}

fh_result fh_send_user_to_with(fh_string url, fh_list_pair query) {
  url = fh_utf8(url);
  query = mended_pairs(query);
  fh_answer answer;
  fh_import_redirect_send_user_to(url.ptr, url.len, query.ptr, query.len, &answer);
  return answered(&answer);
}

fh_result fh_send_user_to(fh_string url) {
  fh_list_pair none = { NULL, 0 };
  return fh_send_user_to_with(url, none);
}

fh_result fh_set_result_url_with(fh_string url, fh_list_pair query) {
  url = fh_utf8(url);
  query = mended_pairs(query);
  fh_answer answer;
  fh_import_transaction_set_result_url(url.ptr, url.len, query.ptr, query.len, &answer);
  return answered(&answer);
}

fh_result fh_set_result_url(fh_string url) {
  fh_list_pair none = { NULL, 0 };
  return fh_set_result_url_with(url, none);
}

// Both cases of a secret are text.
static fh_string secret_text(fh_secret secret) {
  return fh_utf8(secret.tag == FH_SECRET_NAMED ? secret.value.named : secret.value.value);
}

static fh_result encode(fh_secret secret, fh_string payload, fh_option_int64 seconds,
                        fh_string *token) {
  fh_string text = secret_text(secret);
  payload = fh_utf8(payload);
  fh_answer_string answer;
  fh_import_redirect_encode_token(secret.tag, text.ptr, text.len, payload.ptr, payload.len,
                                  seconds.is_some, seconds.value, &answer);
  return answered_text(&answer, token);
}

fh_result fh_encode_token(fh_secret secret, fh_string payload, fh_string *token) {
  fh_option_int64 none = { false, 0 };
  return encode(secret, payload, none, token);
}

fh_result fh_encode_token_for(fh_secret secret, fh_string payload, int64_t seconds,
                              fh_string *token) {
  fh_option_int64 some = { true, seconds };
  return encode(secret, payload, some, token);
}

static fh_result validate(fh_secret secret, fh_option_string parameter, fh_string *claims) {
  parameter = mended(parameter);
  fh_string text = secret_text(secret);
  fh_answer_string answer;
  fh_import_redirect_validate_token(secret.tag, text.ptr, text.len, parameter.is_some,
                                    parameter.value.ptr, parameter.value.len, &answer);
  return answered_text(&answer, claims);
}

fh_result fh_validate_token(fh_secret secret, fh_string *claims) {
  return validate(secret, fh_none(), claims);
}

fh_result fh_validate_token_in(fh_secret secret, fh_string parameter, fh_string *claims) {
  fh_option_string some = { true, parameter };
  return validate(secret, some, claims);
}

// cache, log

fh_option_cache_record fh_cache_get(fh_string key) {
  key = fh_utf8(key);
  fh_option_cache_record record;
  fh_import_cache_get(key.ptr, key.len, &record);
  return record;
}

fh_result fh_cache_set_until(fh_string key, fh_string value, fh_expiry expiry,
                             fh_cache_record *kept) {
  key = fh_utf8(key);
  value = fh_utf8(value);
  fh_answer_cache_record answer;
  fh_import_cache_set(key.ptr, key.len, value.ptr, value.len, expiry.ttl.is_some,
                      expiry.ttl.value, expiry.expires_at.is_some, expiry.expires_at.value,
                      &answer);
  if (answer.is_error) return refused(answer.value.error);
  if (kept != NULL) *kept = answer.value.ok;
  return fh_ok();
}

fh_result fh_cache_set(fh_string key, fh_string value, fh_cache_record *kept) {
  fh_expiry soon = { { false, 0 }, { false, 0 } };
  return fh_cache_set_until(key, value, soon, kept);
}

fh_result fh_cache_delete(fh_string key) {
  key = fh_utf8(key);
  fh_answer answer;
  fh_import_cache_delete(key.ptr, key.len, &answer);
  return answered(&answer);
}

void fh_log(fh_level level, fh_string message) {
  message = fh_utf8(message);
  fh_import_log_write(level, message.ptr, message.len);
}
