//! Shows the user a form, and goes on when they agree.

use flowhost_action::{Action, Api, Continue, Error, Event, Form};
use serde_json::json;

struct AskForConsent;

impl Action for AskForConsent {
    fn on_execute(_event: &Event, api: &Api) -> Result<(), Error> {
        let fields = json!({ "agreed": "no" });
        let vars = json!({ "version": "2026-01" });
        api.prompt().render(Form::new("terms").fields(fields).vars(vars))?;
        Ok(())
    }
}

impl Continue for AskForConsent {
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        if event.text_at("/prompt/fields/agreed").as_deref() != Some("yes") {
            api.access().deny("Without your consent the password stays as it is.")?;
        }
        Ok(())
    }
}

flowhost_action::export!(AskForConsent, on_continue);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};

    use super::*;

    #[test]
    fn the_form_is_shown() {
        let run = Run::new().execute::<AskForConsent>();
        assert!(matches!(run.commands(), [Command::Render { id, .. }] if id == "terms"));
    }

    #[test]
    fn who_agrees_may_go_on_and_nobody_else() {
        let shown = Run::new().execute::<AskForConsent>();
        let yes = shown.answer(json!({ "agreed": "yes" })).continue_::<AskForConsent>();
        assert!(yes.commands().is_empty(), "{yes:?}");
        let no = shown.answer(json!({ "agreed": "no" })).continue_::<AskForConsent>();
        assert!(matches!(no.commands(), [Command::Deny { .. }]), "{no:?}");
    }
}
