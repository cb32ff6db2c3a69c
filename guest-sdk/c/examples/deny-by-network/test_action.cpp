#undef NDEBUG
#include <flowhost_testing.h>

#include <cassert>
#include <flowhost_action.hpp>

static const fh_pair networks[] = {{"/configuration/networks/0", "198.51.100.0/24"}};

static bool refused(const char *ip) {
  fh_test_start();
  fh_test.request.ip = ip;
  fh_test.text_at = {networks, 1};
  assert(on_execute());
  return fh_test_asked("deny Passwords cannot be reset from this network.");
}

int main() {
  assert(refused("198.51.100.77"));
  assert(refused("unknown"));
  assert(refused("198.51.100.77.1"));
  assert(!refused("198.51.101.1"));

  fh_test_start();
  static const fh_pair wrong[] = {{"/configuration/networks/0", "198.51.100.0/33"}};
  fh_test.text_at = {wrong, 1};
  assert(on_execute().name() == "InvalidConfiguration");
}
