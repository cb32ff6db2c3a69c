//! Asks for a second factor before a new password may be set.
//!
//! By default a security key, with weaker factors behind it; where the
//! configuration says `"picker": true` the user chooses freely. The same user
//! is not asked twice: a factor met earlier in the flow counts.

use flowhost_action::{Action, Api, Error, Event, Factor};
use serde::Deserialize;

struct RequireMfa;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Configuration {
    /// Let the user pick the factor.
    picker: bool,
}

impl Action for RequireMfa {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let Configuration { picker } = event.configuration().parse()?;
        if picker {
            api.authentication().challenge_with_any([
                Factor::webauthn_roaming(),
                Factor::webauthn_platform(),
                Factor::otp(),
            ])?;
        } else {
            api.authentication().challenge_with_additional(
                Factor::webauthn_roaming(),
                [Factor::otp(), Factor::push_notification(), Factor::email()],
            )?;
        }
        Ok(())
    }
}

flowhost_action::export!(RequireMfa);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_security_key_comes_first() {
        let run = Run::new().execute::<RequireMfa>();
        let others = [Factor::otp(), Factor::push_notification(), Factor::email()];
        let challenge = Command::challenge_with(Factor::webauthn_roaming(), others);
        assert_eq!(run.commands(), [challenge]);
    }

    #[test]
    fn the_user_may_pick_where_the_configuration_says_so() {
        let run = Run::new().configuration(json!({ "picker": true })).execute::<RequireMfa>();
        assert!(matches!(run.commands(), [Command::ChallengeWithAny { .. }]));
    }

    #[test]
    fn a_misspelled_configuration_fails_instead_of_asking_for_nothing() {
        let run = Run::new().configuration(json!({ "piker": true })).execute::<RequireMfa>();
        assert!(run.error().is_some());
    }
}
