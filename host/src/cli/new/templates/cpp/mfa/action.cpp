// Asks for a second factor before a new password may be set.

#include <flowhost_action.hpp>

using namespace flowhost;

result on_execute() {
  return challenge_with(factor::webauthn_roaming(), {factor::otp(), factor::email()});
}
