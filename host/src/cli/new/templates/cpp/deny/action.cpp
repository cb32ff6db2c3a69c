// Refuses resets from elsewhere than the flow file allows.

#include <flowhost_action.hpp>
#include <string>

using namespace flowhost;

result on_execute() {
  // An address that nobody can place is in none of them.
  auto country = event::request().geoip.country_code.value_or("");
  for (int i = 0;; i++) {
    auto allowed = event::text_at("/configuration/allowed_countries/" + std::to_string(i));
    if (!allowed) return deny("A password cannot be reset from where you are.");
    if (*allowed == country) return ok();
  }
}
