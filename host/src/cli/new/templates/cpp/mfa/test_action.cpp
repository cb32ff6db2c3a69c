#undef NDEBUG
#include <flowhost_testing.h>

#include <cassert>

int main() {
  fh_test_start();
  assert(on_execute());
  assert(fh_test.command_count == 1);
  assert(fh_test_asked("challenge-with webauthn-roaming otp email"));
}
