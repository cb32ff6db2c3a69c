#undef NDEBUG
#include <assert.h>
#include <flowhost_testing.h>

static bool denied_with(const char *field, const char *answer) {
  fh_pair fields = fh_pair_of(field, answer);
  fh_test_start();
  fh_test.text_at = (fh_list_pair){ &fields, 1 };
  assert(!fh_failed(on_continue()));
  return fh_test_asked("deny Without your consent the password stays as it is.");
}

int main(void) {
  fh_test_start();
  assert(!fh_failed(on_execute()));
  assert(fh_test_asked("render terms {\"agreed\":\"no\"} {\"version\":\"2026-01\"}"));

  assert(!denied_with("/prompt/fields/agreed", "yes"));
  assert(denied_with("/prompt/fields/agreed", "no"));
  assert(denied_with("/prompt/fields/other", "yes"));
}
