#undef NDEBUG
#include <flowhost_testing.h>

#include <cassert>

static bool denied_from(fh_option_string country) {
  static const fh_pair allowed[] = {{"/configuration/allowed_countries/0", "CH"},
                                    {"/configuration/allowed_countries/1", "LI"}};
  fh_test_start();
  fh_test.text_at = {allowed, 2};
  fh_test.request.geoip.country_code = country;
  assert(on_execute());
  return fh_test_asked("deny A password cannot be reset from where you are.");
}

int main() {
  assert(!denied_from("CH"));
  assert(!denied_from("LI"));
  assert(denied_from("US"));
  assert(denied_from(std::nullopt));
}
