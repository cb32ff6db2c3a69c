//! An action that has begun its work, and waits.

use std::time::Duration;

use flowhost_action::{Action, Api, Error, Event};

struct Sleeps;

impl Action for Sleeps {
    fn on_execute(event: &Event, _: &Api) -> Result<(), Error> {
        let email = event.text_at("/user/email").unwrap_or_default();
        std::thread::sleep(Duration::from_secs(60) * u32::from(!email.is_empty()));
        Ok(())
    }
}

flowhost_action::export!(Sleeps);
