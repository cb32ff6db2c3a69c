#undef NDEBUG
#include <assert.h>
#include <flowhost_testing.h>

static bool denied_from(fh_option_string country) {
  fh_pair allowed[] = { fh_pair_of("/configuration/allowed_countries/0", "CH"),
                        fh_pair_of("/configuration/allowed_countries/1", "LI") };
  fh_test_start();
  fh_test.text_at = (fh_list_pair){ allowed, 2 };
  fh_test.request.geoip.country_code = country;
  assert(!fh_failed(on_execute()));
  return fh_test_asked("deny A password cannot be reset from where you are.");
}

int main(void) {
  assert(!denied_from(fh_some("CH")));
  assert(!denied_from(fh_some("LI")));
  assert(denied_from(fh_some("US")));
  assert(denied_from(fh_none()));
}
