//! Sends the user to a verifier, checks the signed answer they bring back,
//! then asks for a factor.
//!
//! Both sides share the secret `TOKEN_KEY`. The verifier gets to know the user
//! by the token in the URL, and answers with a token of its own that states
//! `result` and repeats the `state` of the URL.

use std::time::Duration;

use flowhost_action::{Action, Api, Continue, Error, Event, Factor, Secret};
use serde::Deserialize;
use serde_json::json;

struct RedirectVerify;

/// How long the verifier may take to look at the token.
const TOKEN_LIFETIME: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// Where the verifier is.
    verifier: String,
}

/// What the verifier answers.
#[derive(Deserialize)]
struct Answer {
    result: String,
}

impl Action for RedirectVerify {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let Configuration { verifier } = event.configuration().parse()?;
        let payload = json!({ "email": event.user().email });
        let key = Secret::named("TOKEN_KEY");
        let token = api.redirect().encode_token(key, payload, Some(TOKEN_LIFETIME))?;
        api.redirect().send_user_to(&verifier, &[("session_token", &token)])?;
        Ok(())
    }
}

impl Continue for RedirectVerify {
    fn on_continue(_event: &Event, api: &Api) -> Result<(), Error> {
        let claims = match api.redirect().validate_token(Secret::named("TOKEN_KEY"), None) {
            Ok(claims) => claims,
            Err(refusal) => {
                api.log().warn(refusal.message);
                return Ok(api.access().deny("We could not verify your identity.")?);
            }
        };
        let Answer { result } = claims.parse()?;
        if result != "ok" {
            api.log().info(format!("the verifier answered {result}"));
            return Ok(api.access().deny("We could not verify your identity.")?);
        }
        Ok(api.authentication().challenge_with_additional(Factor::otp(), [Factor::email()])?)
    }
}

flowhost_action::export!(RedirectVerify, on_continue);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};

    use super::*;

    const VERIFIER: &str = "https://verify.example.com/start";

    fn run() -> Run {
        Run::new().configuration(json!({ "verifier": VERIFIER })).secret("TOKEN_KEY", "test")
    }

    #[test]
    fn the_user_is_sent_away_with_a_token() {
        let run = run().execute::<RedirectVerify>();
        let sent = Command::send_user_to(VERIFIER, &[("session_token", "test-token-1")]);
        assert_eq!(run.commands(), [sent]);
        assert_eq!(run.tokens()[0].payload, json!({ "email": "ada@example.com" }));
    }

    #[test]
    fn a_good_answer_leads_to_a_challenge() {
        let run = run().token(Ok(json!({ "result": "ok" }))).continue_::<RedirectVerify>();
        let challenge = Command::challenge_with(Factor::otp(), [Factor::email()]);
        assert_eq!(run.commands(), [challenge]);
    }

    #[test]
    fn any_other_answer_is_a_denial() {
        let bad = run().token(Ok(json!({ "result": "failed" }))).continue_::<RedirectVerify>();
        let forged = run().token(Err("Failed signature validation")).continue_::<RedirectVerify>();
        let none = run().continue_::<RedirectVerify>();
        for run in [bad, forged, none] {
            assert!(matches!(run.commands(), [Command::Deny { .. }]));
        }
    }
}
