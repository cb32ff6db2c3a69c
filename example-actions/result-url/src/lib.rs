//! Chooses where the user goes after the reset.
//!
//! The organization's portal if there is one, else the page that the client
//! names in its metadata under `after_reset`, else nothing: the default stays.

use flowhost_action::{Action, Api, Error, Event};

struct ResultUrl;

impl Action for ResultUrl {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let locale = event.transaction().locale;
        let query = [("reset", "done"), ("ui_locale", locale.as_str())];
        match destination(event) {
            Some(url) => Ok(api.transaction().set_result_url(&url, &query)?),
            None => Ok(()),
        }
    }
}

fn destination(event: &Event) -> Option<String> {
    let portal = event.organization().and_then(|organization| {
        organization.metadata.into_iter().find(|(name, _)| name == "portal")
    });
    let page = || event.client().metadata.into_iter().find(|(name, _)| name == "after_reset");
    portal.or_else(page).map(|(_, url)| url)
}

flowhost_action::export!(ResultUrl);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_organizations_portal_comes_before_the_clients_page() {
        let client =
            json!({ "client": { "metadata": { "after_reset": "https://app.example.com/" } } });
        let query = [("reset", "done"), ("ui_locale", "en")];
        let run = Run::with_event(client);
        let expected = Command::set_result_url("https://app.example.com/", &query);
        assert_eq!(run.clone().execute::<ResultUrl>().commands(), [expected]);
        let organization = json!({ "organization": {
            "id": "org_1", "name": "acme", "display_name": "Acme",
            "metadata": { "portal": "https://acme.example.com/" },
        } });
        let expected = Command::set_result_url("https://acme.example.com/", &query);
        assert_eq!(run.event(organization).execute::<ResultUrl>().commands(), [expected]);
    }

    #[test]
    fn without_either_the_default_stays() {
        assert!(Run::new().execute::<ResultUrl>().commands().is_empty());
    }
}
