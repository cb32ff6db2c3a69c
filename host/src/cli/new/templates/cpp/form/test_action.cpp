#undef NDEBUG
#include <flowhost_testing.h>

#include <cassert>

static bool denied_with(const char *field, const char *answer) {
  const fh_pair fields = {field, answer};
  fh_test_start();
  fh_test.text_at = {&fields, 1};
  assert(on_continue());
  return fh_test_asked("deny Without your consent the password stays as it is.");
}

int main() {
  fh_test_start();
  assert(on_execute());
  assert(fh_test_asked(R"(render terms {"agreed":"no"} {"version":"2026-01"})"));

  assert(!denied_with("/prompt/fields/agreed", "yes"));
  assert(denied_with("/prompt/fields/agreed", "no"));
  assert(denied_with("/prompt/fields/other", "yes"));
}
