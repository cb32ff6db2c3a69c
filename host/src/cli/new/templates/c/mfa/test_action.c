#undef NDEBUG
#include <assert.h>
#include <flowhost_testing.h>

int main(void) {
  fh_test_start();
  assert(!fh_failed(on_execute()));
  assert(fh_test.command_count == 1);
  assert(fh_test_asked("challenge-with webauthn-roaming otp email"));
}
