//! Asks for a second factor before a new password may be set.

use flowhost_action::{Action, Api, Error, Event, Factor};

struct RequireMfa;

impl Action for RequireMfa {
    fn on_execute(_event: &Event, api: &Api) -> Result<(), Error> {
        let others = [Factor::otp(), Factor::email()];
        api.authentication().challenge_with_additional(Factor::webauthn_roaming(), others)?;
        Ok(())
    }
}

flowhost_action::export!(RequireMfa);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};

    use super::*;

    #[test]
    fn a_security_key_comes_first() {
        let run = Run::new().execute::<RequireMfa>();
        let others = [Factor::otp(), Factor::email()];
        assert_eq!(run.commands(), [Command::challenge_with(Factor::webauthn_roaming(), others)]);
    }
}
