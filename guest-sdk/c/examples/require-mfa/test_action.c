#undef NDEBUG
#include <assert.h>
#include <flowhost_testing.h>

int main(void) {
  fh_test_start();
  fh_test.connection.name = fh_text("employees");
  assert(!fh_failed(on_execute()));
  assert(fh_test_asked("challenge-with webauthn-roaming otp email"));

  fh_test_start();
  fh_test.connection.name = fh_text("customers");
  assert(!fh_failed(on_execute()));
  assert(fh_test.command_count == 0);
}
