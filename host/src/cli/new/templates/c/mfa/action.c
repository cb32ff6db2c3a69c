// Asks for a second factor before a new password may be set.

#include <flowhost_action.h>

fh_result on_execute(void) {
  return fh_challenge_with_additional(fh_webauthn_roaming(), FH_FACTORS(fh_otp(), fh_email()));
}
