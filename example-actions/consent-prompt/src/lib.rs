//! Has the user agree to something before the reset goes on.
//!
//! Renders the prompt `consent` with the text's version; the answer must be
//! `yes`, and for the version that was shown.

use flowhost_action::{Action, Api, Continue, Error, Event, Form};
use serde::Deserialize;
use serde_json::json;

struct ConsentPrompt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// The version of the text that must be agreed to.
    version: String,
}

/// What the user filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answers {
    agree: String,
}

/// What the prompt was shown with.
#[derive(Deserialize)]
struct Shown {
    version: String,
}

impl Action for ConsentPrompt {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let Configuration { version } = event.configuration().parse()?;
        let agreed = event.text_at("/user/app_metadata/consent");
        if agreed.as_deref() == Some(&version) {
            return Ok(());
        }
        let form = Form::new("consent")
            .fields(json!({ "agree": "" }))
            .vars(json!({ "version": version, "locale": event.transaction().locale }));
        Ok(api.prompt().render(form)?)
    }
}

impl Continue for ConsentPrompt {
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        let Configuration { version } = event.configuration().parse()?;
        let prompt = event.prompt();
        let part = |json: Option<String>| flowhost_action::Json::raw(json.unwrap_or("{}".into()));
        let (fields, vars) = prompt.map(|p| (p.fields, p.vars)).unwrap_or_default();
        let Answers { agree } = part(fields).parse()?;
        let Shown { version: shown } = part(vars).parse()?;
        if agree != "yes" || shown != version {
            return Ok(api.access().deny("You need to agree before you can go on.")?);
        }
        api.log().info(format!("agreed to version {version}"));
        Ok(())
    }
}

flowhost_action::export!(ConsentPrompt, on_continue);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};

    use super::*;

    fn run() -> Run {
        Run::new().configuration(json!({ "version": "2026-01" }))
    }

    #[test]
    fn the_user_is_asked_and_goes_on_with_a_yes() {
        let asked = run().execute::<ConsentPrompt>();
        assert!(matches!(asked.commands(), [Command::Render { .. }]));
        let answered = asked.answer(json!({ "agree": "yes" })).continue_::<ConsentPrompt>();
        assert_eq!((answered.error(), answered.commands()), (None, &[][..]));
    }

    #[test]
    fn anything_but_yes_is_a_denial() {
        for answers in [json!({ "agree": "no" }), json!({})] {
            let asked = run().execute::<ConsentPrompt>();
            let answered = asked.answer(answers).continue_::<ConsentPrompt>();
            assert!(matches!(answered.commands(), [Command::Deny { .. }]));
        }
    }

    #[test]
    fn who_has_agreed_before_is_not_asked_again() {
        let agreed = json!({ "user": { "app_metadata": { "consent": "2026-01" } } });
        assert!(run().event(agreed).execute::<ConsentPrompt>().commands().is_empty());
    }
}
