// Refuses resets from elsewhere than the flow file allows.

#include <flowhost_action.h>

// None behind the last one.
static fh_option_string allowed(int64_t index) {
  return fh_get_text_at(fh_concat("/configuration/allowed_countries/", fh_from_int(index)));
}

fh_result on_execute(void) {
  fh_request request = fh_get_request();
  // An address that nobody can place is in none of them.
  fh_string country = fh_or(request.geoip.country_code, "");
  for (int64_t i = 0; allowed(i).is_some; i++) {
    if (fh_eq(allowed(i).value, country)) return fh_ok();
  }
  return fh_deny("A password cannot be reset from where you are.");
}
