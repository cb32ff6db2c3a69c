//! Sends the user to another site, and goes on when that site says so.

use flowhost_action::{Action, Api, Continue, Error, Event, Secret};
use serde_json::json;

struct Verify;

impl Action for Verify {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let verifier = event
            .text_at("/configuration/verifier")
            .ok_or_else(|| Error::new("Configuration", "the flow file names no `verifier`"))?;
        let payload = json!({ "reason": "password reset" });
        let token = api.redirect().encode_token(Secret::named("TOKEN_KEY"), payload, None)?;
        api.redirect().send_user_to(&verifier, &[("session_token", &token)])?;
        Ok(())
    }
}

impl Continue for Verify {
    fn on_continue(_event: &Event, api: &Api) -> Result<(), Error> {
        // Signed by the other site, for this user and this redirect, and not expired.
        match api.redirect().validate_token(Secret::named("TOKEN_KEY"), None) {
            Ok(claims) if claims.value()?["result"] == "ok" => return Ok(()),
            Ok(_) => api.log().info("the other site did not say ok"),
            Err(refusal) => api.log().warn(refusal.to_string()),
        }
        api.access().deny("We could not verify that it is you.")?;
        Ok(())
    }
}

flowhost_action::export!(Verify, on_continue);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};

    use super::*;

    fn run() -> Run {
        let configuration = json!({ "verifier": "https://verify.example.com/start" });
        Run::new().configuration(configuration).secret("TOKEN_KEY", "a key")
    }

    #[test]
    fn the_user_is_sent_away_with_a_token() {
        let run = run().execute::<Verify>();
        let [Command::SendUserTo { url, query }] = run.commands() else { panic!("{run:?}") };
        assert_eq!(url, "https://verify.example.com/start");
        assert_eq!(query[0].0, "session_token");
    }

    #[test]
    fn who_comes_back_with_the_other_sites_word_may_go_on() {
        let run = run().execute::<Verify>().resume(json!({}), json!({}));
        let report = run.token(Ok(json!({ "result": "ok" }))).continue_::<Verify>();
        assert!(report.commands().is_empty(), "{report:?}");
    }

    #[test]
    fn who_comes_back_without_a_token_is_refused() {
        let report = run().execute::<Verify>().resume(json!({}), json!({})).continue_::<Verify>();
        assert!(matches!(report.commands(), [Command::Deny { .. }]), "{report:?}");
    }
}
