#include "step.h"

#include <stdlib.h>

step part(step at, fh_string name) {
  return (step){ fh_concat(at.pointer, "/", name) };
}

step item(step at, size_t index) { return part(at, fh_from_int((int64_t)index)); }

bool is_there(step at) { return fh_get_json_at(at.pointer).is_some; }

fh_option_string text(step at, const char *name) {
  return fh_get_text_at(part(at, fh_text(name)).pointer);
}

fh_string required(step at, const char *name) {
  fh_option_string value = text(at, name);
  if (!value.is_some) abort();
  return value.value;
}

fh_option_string json(step at, const char *name) {
  fh_option_string instead = text(at, fh_c_string(fh_concat(name, "-text")));
  return instead.is_some ? instead : fh_get_json_at(part(at, fh_text(name)).pointer);
}

fh_option_int64 number(step at, const char *name) {
  fh_option_string value = fh_get_json_at(part(at, fh_text(name)).pointer);
  fh_option_int64 number = { value.is_some, 0 };
  if (value.is_some) number.value = strtoll(fh_c_string(value.value), NULL, 10);
  return number;
}

fh_option_bool flag(step at, const char *name) {
  fh_option_string value = fh_get_json_at(part(at, fh_text(name)).pointer);
  return (fh_option_bool){ value.is_some, value.is_some && fh_eq(value.value, "true") };
}

static size_t count(step list) {
  size_t count = 0;
  while (is_there(item(list, count))) count++;
  return count;
}

fh_list_pair pairs(step at, const char *name) {
  step list = part(at, fh_text(name));
  size_t len = count(list);
  fh_pair *pairs = fh_alloc(len * sizeof *pairs);
  for (size_t i = 0; i < len; i++) {
    pairs[i] = fh_pair_of(required(item(list, i), "0"), required(item(list, i), "1"));
  }
  return (fh_list_pair){ pairs, len };
}

fh_factor factor(step at) {
  fh_string type = required(at, "type");
  if (fh_eq(type, "otp")) return fh_otp();
  if (fh_eq(type, "email")) return fh_email();
  if (fh_eq(type, "webauthn-platform")) return fh_webauthn_platform();
  if (fh_eq(type, "webauthn-roaming")) return fh_webauthn_roaming();
  if (fh_eq(type, "recovery-code")) {
    fh_factor code = fh_recovery_code();
    code.value.recovery_code = json(at, "options");
    return code;
  }
  if (fh_eq(type, "phone")) {
    fh_option_string method = text(at, "preferred-method");
    if (!method.is_some) return fh_phone();
    if (fh_eq(method.value, "sms")) return fh_phone_by(FH_PHONE_METHOD_SMS);
    if (fh_eq(method.value, "voice")) return fh_phone_by(FH_PHONE_METHOD_VOICE);
    if (fh_eq(method.value, "both")) return fh_phone_by(FH_PHONE_METHOD_BOTH);
    abort();
  }
  if (fh_eq(type, "push-notification")) {
    fh_factor push = fh_push_notification();
    push.value.push_notification.otp_fallback = flag(at, "otp-fallback");
    return push;
  }
  return fh_other(type, json(at, "options"));
}

fh_list_factor factors(step at, const char *name) {
  step list = part(at, fh_text(name));
  size_t len = count(list);
  fh_factor *factors = fh_alloc(len * sizeof *factors);
  for (size_t i = 0; i < len; i++) factors[i] = factor(item(list, i));
  return (fh_list_factor){ factors, len };
}

fh_secret secret(step at) {
  fh_option_string name = text(at, "secret-named");
  if (name.is_some) return fh_secret_named(name.value);
  return fh_secret_value(required(at, "secret-value"));
}
