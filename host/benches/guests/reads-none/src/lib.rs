//! An action that reads nothing and asks for nothing.

use flowhost_action::{Action, Api, Error, Event};

struct ReadsNone;

impl Action for ReadsNone {
    fn on_execute(_event: &Event, _api: &Api) -> Result<(), Error> {
        Ok(())
    }
}

flowhost_action::export!(ReadsNone);
