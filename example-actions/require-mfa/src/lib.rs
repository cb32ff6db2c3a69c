//! p
use flowhost_action::{Action, Api, Error, Event, Factor};
struct RequireMfa;
impl Action for RequireMfa {
    fn on_execute(_e: &Event, api: &Api) -> Result<(), Error> {
        Ok(api.authentication().challenge_with(Factor::otp())?)
    }
}
flowhost_action::export!(RequireMfa);
