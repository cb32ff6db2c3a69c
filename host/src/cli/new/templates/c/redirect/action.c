// Sends the user to another site, and goes on when that site says so.

#include <flowhost_action.h>

fh_result on_execute(void) {
  fh_option_string verifier = fh_get_text_at("/configuration/verifier");
  if (!verifier.is_some) return fh_fail("NoVerifier", "the configuration names no verifier");
  fh_string token;
  FH_TRY(fh_encode_token(fh_secret_named("TOKEN_KEY"), "{\"reason\":\"password reset\"}", &token));
  return fh_send_user_to_with(verifier.value, FH_QUERY(fh_pair_of("session_token", token)));
}

fh_result on_continue(void) {
  fh_string claims;
  // Signed by the other site, for this user and this redirect, and not expired.
  fh_result valid = fh_validate_token(fh_secret_named("TOKEN_KEY"), &claims);
  if (!fh_failed(valid)) {
    fh_option_string result = fh_json_text(claims, "result");
    if (result.is_some && fh_eq(result.value, "ok")) return fh_ok();
    fh_log(FH_LEVEL_INFO, "the other site did not say ok");
  } else {
    fh_log(FH_LEVEL_WARN, fh_error(valid));
  }
  return fh_deny("We could not verify that it is you.");
}
