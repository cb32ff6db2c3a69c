// Refuses resets from networks that are not welcome. The configuration lists them:
// { "networks": ["198.51.100.0/24"] }. An address that cannot be read is refused too.

#include <flowhost_action.hpp>
#include <string>

#include "network.hpp"

using namespace flowhost;

result on_execute() {
  auto ip = event::request().ip;
  auto from = address(ip);
  if (!from) return deny("Passwords cannot be reset from this network.");
  for (int i = 0;; i++) {
    auto network = event::text_at("/configuration/networks/" + std::to_string(i));
    if (!network) return ok();
    auto unwelcome = contains(*network, *from);
    if (!unwelcome) return fail("InvalidConfiguration", concat(*network, " is no network"));
    if (*unwelcome) {
      log(FH_LEVEL_INFO, concat(ip, " is in ", *network));
      return deny("Passwords cannot be reset from this network.");
    }
  }
}
