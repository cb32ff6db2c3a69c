// Asks employees for a second factor before a new password may be set: a security key,
// with weaker factors behind it.

#include <flowhost_action.h>

fh_result on_execute(void) {
  fh_connection connection = fh_get_connection();
  if (!fh_eq(connection.name, "employees")) return fh_ok();
  return fh_challenge_with_additional(fh_webauthn_roaming(), FH_FACTORS(fh_otp(), fh_email()));
}
