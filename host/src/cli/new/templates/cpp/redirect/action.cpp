// Sends the user to another site, and goes on when that site says so.

#include <flowhost_action.hpp>

using namespace flowhost;

result on_execute() {
  auto verifier = event::text_at("/configuration/verifier");
  if (!verifier) return fail("NoVerifier", "the configuration names no verifier");
  auto token = encode_token(secret_named("TOKEN_KEY"), R"({"reason":"password reset"})");
  if (!token) return token.outcome;
  return send_user_to(*verifier, {{"session_token", *token}});
}

result on_continue() {
  // Signed by the other site, for this user and this redirect, and not expired.
  if (auto claims = validate_token(secret_named("TOKEN_KEY"))) {
    auto result = json_text(*claims, "result");
    if (result && *result == "ok") return ok();
    log(FH_LEVEL_INFO, "the other site did not say ok");
  } else {
    log(FH_LEVEL_WARN, claims.outcome.message());
  }
  return deny("We could not verify that it is you.");
}
