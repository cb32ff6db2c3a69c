#undef NDEBUG
#include <flowhost_testing.h>

#include <cassert>

static bool denied_with(fh_option_string claims) {
  fh_test_start();
  fh_test.claims = claims;
  assert(on_continue());
  return fh_test_asked("deny We could not verify that it is you.");
}

int main() {
  const fh_pair verifier = {"/configuration/verifier", "https://verify.example.com/start"};
  fh_test_start();
  fh_test.text_at = {&verifier, 1};
  assert(on_execute());
  assert(fh_test_asked("send-user-to https://verify.example.com/start session_token=token"));

  assert(!denied_with(R"({"result":"ok"})"));
  assert(denied_with(R"({"result":"no"})"));
  assert(denied_with("{}"));
  assert(denied_with(std::nullopt));
}
