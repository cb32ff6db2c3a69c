//! An action that takes the whole event, record by record.

use flowhost_action::{Action, Api, Error, Event};

struct ReadsAll;

impl Action for ReadsAll {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let user = event.user();
        let names = [event.client().name, event.connection().name, event.tenant().id];
        let seen = event.authentication().methods.len()
            + event.authorization().roles.len()
            + event.identities().len()
            + event.enrolled_factors().map_or(0, |factors| factors.len())
            + event.request().query.len()
            + event.app_metadata().as_str().len()
            + event.user_metadata().as_str().len()
            + usize::from(event.organization().is_some())
            + usize::from(event.custom_domain().is_some())
            + event.transaction().requested_scopes.len();
        if user.user_id.is_empty() && names.concat().is_empty() && seen == 0 {
            api.access().deny("There is nothing in this event.")?;
        }
        if event.stats().logins_count < 0.0 {
            api.access().deny("This cannot be.")?;
        }
        Ok(())
    }
}

flowhost_action::export!(ReadsAll);
