// Shows the user a form, and goes on when they agree.

#include <flowhost_action.h>

fh_result on_execute(void) {
  return fh_render("terms", fh_some("{\"agreed\":\"no\"}"), fh_some("{\"version\":\"2026-01\"}"));
}

fh_result on_continue(void) {
  fh_option_string agreed = fh_get_text_at("/prompt/fields/agreed");
  if (agreed.is_some && fh_eq(agreed.value, "yes")) return fh_ok();
  return fh_deny("Without your consent the password stays as it is.");
}
