// Actions in C++. Define `on_execute`, and `on_continue` too if the action sends the user
// away or shows a prompt: a component exports the handlers that are defined.
//
//   flowhost::result on_execute() {
//     if (flowhost::event::connection().name != "employees") return flowhost::ok();
//     return flowhost::challenge_with(flowhost::factor::otp());
//   }
//
// Text that a call gives is good until the end of the run. There are no exceptions.

#ifndef FLOWHOST_ACTION_HPP
#define FLOWHOST_ACTION_HPP

#include "flowhost_action.h"

namespace flowhost {

// How a handler, or one call, ended: `.ok()`, or `.name()` and `.message()`. A refused
// call has its code as the name.
using result = fh_result;
using text = fh_string;
using text_option = fh_option_string;
using pairs = fh_list_pair;
using secret = fh_secret;
using level = fh_level;

// What a call gives, or why it was refused.
template <class T>
struct [[nodiscard]] answer {
  result outcome;
  T value;

  explicit operator bool() const { return outcome.ok(); }
  const T &operator*() const { return value; }
  const T *operator->() const { return &value; }
};

inline result ok() { return fh_ok(); }
[[nodiscard]] inline result fail(text name, text message) { return fh_fail(name, message); }
[[nodiscard]] inline result fail(text name, text message, text stack) {
  return fh_fail_at(name, message, stack);
}

namespace event {
inline fh_authentication authentication() { return fh_get_authentication(); }
inline fh_authorization authorization() { return fh_get_authorization(); }
inline fh_client client() { return fh_get_client(); }
inline fh_connection connection() { return fh_get_connection(); }
inline fh_option_custom_domain custom_domain() { return fh_get_custom_domain(); }
inline fh_option_organization organization() { return fh_get_organization(); }
inline fh_option_prompt prompt() { return fh_get_prompt(); }
inline fh_request request() { return fh_get_request(); }
inline fh_stats stats() { return fh_get_stats(); }
inline fh_tenant tenant() { return fh_get_tenant(); }
inline fh_transaction transaction() { return fh_get_transaction(); }
inline fh_user user() { return fh_get_user(); }
inline fh_list_identity identities() { return fh_get_identities(); }
inline fh_option_list_enrolled_factor enrolled_factors() { return fh_get_enrolled_factors(); }
inline text app_metadata() { return fh_get_app_metadata(); }
inline text user_metadata() { return fh_get_user_metadata(); }
inline text configuration() { return fh_get_configuration(); }
inline pairs secrets() { return fh_get_secrets(); }
inline text_option secret(text name) { return fh_get_secret(name); }
inline text json() { return fh_get_json(); }
// By JSON Pointer: "/user/app_metadata/plan".
inline text_option json_at(text pointer) { return fh_get_json_at(pointer); }
inline text_option text_at(text pointer) { return fh_get_text_at(pointer); }
}  // namespace event

// A factor to challenge the user with.
struct factor : fh_factor {
  factor(const fh_factor &same) : fh_factor(same) {}

  static factor otp() { return fh_otp(); }
  static factor email() { return fh_email(); }
  static factor webauthn_platform() { return fh_webauthn_platform(); }
  static factor webauthn_roaming() { return fh_webauthn_roaming(); }
  static factor recovery_code(text_option options = std::nullopt) {
    factor made = fh_recovery_code();
    made.value.recovery_code = options;
    return made;
  }
  static factor phone() { return fh_phone(); }
  // `method`: FH_PHONE_METHOD_SMS, …_VOICE or …_BOTH.
  static factor phone(fh_phone_method method) { return fh_phone_by(method); }
  static factor push_notification(fh_option_bool otp_fallback = std::nullopt) {
    factor made = fh_push_notification();
    made.value.push_notification.otp_fallback = otp_fallback;
    return made;
  }
  // Any other name. Ignored, with a warning in the run's log.
  static factor other(text type, text_option options = std::nullopt) {
    return fh_other(type, options);
  }
};

[[nodiscard]] inline result deny(text reason) { return fh_deny(reason); }

[[nodiscard]] inline result challenge_with(fh_factor factor, fh_list_factor others = {nullptr, 0}) {
  return fh_challenge_with_additional(factor, others);
}
[[nodiscard]] inline result challenge_with_any(fh_list_factor factors) {
  return fh_challenge_with_any(factors);
}

// `fields` and `vars` are JSON objects.
[[nodiscard]] inline result render(text id, text_option fields = std::nullopt,
                                   text_option vars = std::nullopt) {
  return fh_render(id, fields, vars);
}

[[nodiscard]] inline result send_user_to(text url, pairs query = {nullptr, 0}) {
  return fh_send_user_to_with(url, query);
}
[[nodiscard]] inline result set_result_url(text url, pairs query = {nullptr, 0}) {
  return fh_set_result_url_with(url, query);
}

// A secret of the action by its name, or any text.
inline secret secret_named(text name) { return fh_secret_named(name); }
inline secret secret_value(text value) { return fh_secret_value(value); }

// `payload` is a JSON object.
inline answer<text> encode_token(secret secret, text payload) {
  answer<text> token{};
  token.outcome = fh_encode_token(secret, payload, &token.value);
  return token;
}
inline answer<text> encode_token(secret secret, text payload, int64_t seconds) {
  answer<text> token{};
  token.outcome = fh_encode_token_for(secret, payload, seconds, &token.value);
  return token;
}
// The claims, a JSON object.
inline answer<text> validate_token(secret secret) {
  answer<text> claims{};
  claims.outcome = fh_validate_token(secret, &claims.value);
  return claims;
}
inline answer<text> validate_token(secret secret, text parameter) {
  answer<text> claims{};
  claims.outcome = fh_validate_token_in(secret, parameter, &claims.value);
  return claims;
}

namespace cache {
inline fh_option_cache_record get(text key) { return fh_cache_get(key); }
inline answer<fh_cache_record> set(text key, text value, fh_expiry expiry = {}) {
  answer<fh_cache_record> kept{};
  kept.outcome = fh_cache_set_until(key, value, expiry, &kept.value);
  return kept;
}
[[nodiscard]] inline result remove(text key) { return fh_cache_delete(key); }
}  // namespace cache

// `level`: FH_LEVEL_DEBUG, …_INFO, …_WARN or …_ERROR.
inline void log(fh_level level, text message) { fh_log(level, message); }

// The text, with U+FFFD for what in it is not UTF-8. All calls do this by themselves.
inline text utf8(text text) { return fh_utf8(text); }
// The text as JSON: in quotes, with escapes.
inline text quote(text text) { return fh_quote(text); }
// The text of a member of a JSON object that the host gave, such as the claims of a token.
inline text_option json_text(text object, text name) { return fh_json_text(object, name); }
template <class... Texts>
text concat(const Texts &...texts) {
  const text all[] = {text(texts)...};
  return fh_concat_list(all, sizeof...(texts));
}

}  // namespace flowhost

#endif
