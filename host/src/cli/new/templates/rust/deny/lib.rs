//! Refuses resets from elsewhere than the flow file allows.

use flowhost_action::{Action, Api, Error, Event};
use serde::Deserialize;

struct DenyElsewhere;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// ISO 3166-1 alpha-2.
    allowed_countries: Vec<String>,
}

impl Action for DenyElsewhere {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let Configuration { allowed_countries } = event.configuration().parse()?;
        let country = event.request().geoip.country_code;
        // An address that nobody can place is in none of them.
        if !country.is_some_and(|country| allowed_countries.contains(&country)) {
            api.access().deny("A password cannot be reset from where you are.")?;
        }
        Ok(())
    }
}

flowhost_action::export!(DenyElsewhere);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Report, Run};
    use serde_json::json;

    use super::*;

    fn run_from(geoip: serde_json::Value) -> Report {
        let event = json!({ "request": { "geoip": geoip } });
        let configuration = json!({ "allowed_countries": ["CH", "LI"] });
        Run::with_event(event).configuration(configuration).execute::<DenyElsewhere>()
    }

    #[test]
    fn an_allowed_country_may_go_on() {
        assert!(run_from(json!({ "countryCode": "LI" })).commands().is_empty());
    }

    #[test]
    fn another_country_may_not() {
        assert_eq!(run_from(json!({ "countryCode": "US" })).commands().len(), 1);
    }
}
