#undef NDEBUG
#include <assert.h>
#include <flowhost_testing.h>

static bool denied_with(fh_option_string claims) {
  fh_test_start();
  fh_test.claims = claims;
  assert(!fh_failed(on_continue()));
  return fh_test_asked("deny We could not verify that it is you.");
}

int main(void) {
  fh_pair verifier = fh_pair_of("/configuration/verifier", "https://verify.example.com/start");
  fh_test_start();
  fh_test.text_at = (fh_list_pair){ &verifier, 1 };
  assert(!fh_failed(on_execute()));
  assert(fh_test_asked("send-user-to https://verify.example.com/start session_token=token"));

  assert(!denied_with(fh_some("{\"result\":\"ok\"}")));
  assert(denied_with(fh_some("{\"result\":\"no\"}")));
  assert(denied_with(fh_some("{}")));
  assert(denied_with(fh_none()));
}
