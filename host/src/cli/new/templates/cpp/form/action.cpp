// Shows the user a form, and goes on when they agree.

#include <flowhost_action.hpp>

using namespace flowhost;

result on_execute() {
  return render("terms", R"({"agreed":"no"})", R"({"version":"2026-01"})");
}

result on_continue() {
  if (event::text_at("/prompt/fields/agreed").value_or("") == "yes") return ok();
  return deny("Without your consent the password stays as it is.");
}
