//! An action as most are: it reads three fields and finds nothing wrong.

use flowhost_action::{Action, Api, Error, Event};

struct ReadsThree;

impl Action for ReadsThree {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let email = event.text_at("/user/email").unwrap_or_default();
        let internal = event.connection().name == "employees";
        if internal && event.stats().logins_count < 1.0 && !email.ends_with("@example.com") {
            api.access().deny("This address is unknown to us.")?;
        }
        Ok(())
    }
}

flowhost_action::export!(ReadsThree);
