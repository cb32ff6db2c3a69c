// The conformance action in C: it does what its configuration says, and logs what each
// call came to. `tests/conformance/README.md` in the project says how.

#include <flowhost_action.h>
#include <stdlib.h>

#include "look.h"
#include "step.h"

static fh_string quoted(fh_option_string text) {
  return text.is_some ? fh_quote(text.value) : fh_text("none");
}

static fh_string record(fh_cache_record record) {
  return fh_concat(fh_quote(record.value), " ", fh_from_int(record.expires_at));
}

static fh_result cache_set(step at, fh_option_string *answer) {
  fh_expiry expiry = { number(at, "ttl"), number(at, "expires-at") };
  fh_cache_record kept;
  FH_TRY(fh_cache_set_until(required(at, "key"), required(at, "value"), expiry, &kept));
  *answer = fh_some(record(kept));
  return fh_ok();
}

static fh_result encode_token(step at, fh_option_string *answer) {
  fh_string payload = fh_or(json(at, "payload"), "");
  fh_option_int64 seconds = number(at, "expires-in-seconds");
  fh_string token;
  FH_TRY(seconds.is_some ? fh_encode_token_for(secret(at), payload, seconds.value, &token)
                         : fh_encode_token(secret(at), payload, &token));
  *answer = fh_some(token);
  return fh_ok();
}

static fh_result validate_token(step at, fh_option_string *answer) {
  fh_option_string parameter = text(at, "token-parameter-name");
  fh_string claims;
  FH_TRY(parameter.is_some ? fh_validate_token_in(secret(at), parameter.value, &claims)
                           : fh_validate_token(secret(at), &claims));
  *answer = fh_some(claims);
  return fh_ok();
}

static void write_log(step at) {
  fh_string level = required(at, "level");
  fh_level levels = fh_eq(level, "debug")  ? FH_LEVEL_DEBUG
                    : fh_eq(level, "info") ? FH_LEVEL_INFO
                    : fh_eq(level, "warn") ? FH_LEVEL_WARN
                                           : FH_LEVEL_ERROR;
  fh_log(levels, required(at, "message"));
}

// The calls that answer, and those that may be refused: what is to be said goes to
// `*answer`. False for a name that is no call.
static bool perform(fh_string name, step at, fh_result *result, fh_option_string *answer) {
  *result = fh_ok();
  if (fh_eq(name, "deny")) {
    *result = fh_deny(required(at, "reason"));
  } else if (fh_eq(name, "challenge-with")) {
    *result = fh_challenge_with_additional(factor(part(at, fh_text("factor"))),
                                           factors(at, "additional"));
  } else if (fh_eq(name, "challenge-with-any")) {
    *result = fh_challenge_with_any(factors(at, "factors"));
  } else if (fh_eq(name, "cache-get")) {
    fh_option_cache_record found = fh_cache_get(required(at, "key"));
    *answer = fh_some(found.is_some ? record(found.value) : fh_text("none"));
  } else if (fh_eq(name, "cache-set")) {
    *result = cache_set(at, answer);
  } else if (fh_eq(name, "cache-delete")) {
    *result = fh_cache_delete(required(at, "key"));
  } else if (fh_eq(name, "render")) {
    *result = fh_render(required(at, "id"), json(at, "fields"), json(at, "vars"));
  } else if (fh_eq(name, "send-user-to")) {
    *result = fh_send_user_to_with(required(at, "url"), pairs(at, "query"));
  } else if (fh_eq(name, "set-result-url")) {
    *result = fh_set_result_url_with(required(at, "url"), pairs(at, "query"));
  } else if (fh_eq(name, "encode-token")) {
    *result = encode_token(at, answer);
  } else if (fh_eq(name, "validate-token")) {
    *result = validate_token(at, answer);
  } else if (fh_eq(name, "log")) {
    write_log(at);
  } else if (fh_eq(name, "event")) {
    if (!look_at(required(at, "group"))) abort();
  } else if (fh_eq(name, "get-secret")) {
    *answer = fh_some(quoted(fh_get_secret(required(at, "name"))));
  } else if (fh_eq(name, "get-json")) {
    *answer = fh_some(fh_get_json());
  } else if (fh_eq(name, "get-json-at")) {
    *answer = fh_some(fh_or(fh_get_json_at(required(at, "pointer")), "none"));
  } else if (fh_eq(name, "get-text-at")) {
    *answer = fh_some(quoted(fh_get_text_at(required(at, "pointer"))));
  } else {
    return false;
  }
  return true;
}

// What ends the run, and is no call of the contract.
static fh_result end(fh_string name, step at) {
  if (fh_eq(name, "fail")) {
    return fh_fail_at(required(at, "name"), required(at, "message"), text(at, "stack"));
  }
  if (fh_eq(name, "trap")) abort();
  if (fh_eq(name, "loop")) {
    for (volatile int turns = 0;; turns++) {
    }
  }
  return fh_fail("UnknownCall", name);
}

static fh_result play(const char *handler) {
  step steps = { fh_concat("/configuration/", handler) };
  for (size_t i = 0; is_there(item(steps, i)); i++) {
    step at = item(steps, i);
    fh_string name = required(at, "call");
    fh_result result;
    fh_option_string answer = fh_none();
    if (!perform(name, at, &result, &answer)) return end(name, at);
    fh_string came_to = fh_failed(result) ? fh_concat(": error ", fh_error(result))
                        : answer.is_some  ? fh_concat(": ok ", answer.value)
                                          : fh_text(": ok");
    fh_log(FH_LEVEL_INFO, fh_concat(name, came_to));
  }
  return fh_ok();
}

fh_result on_execute(void) { return play("execute"); }
fh_result on_continue(void) { return play("continue"); }
