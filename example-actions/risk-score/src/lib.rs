//! Scores the risk of a reset; asks for more proof, or refuses.
//!
//! Each sign of risk adds points. From `challenge_at` on the user is
//! challenged, from `deny_at` on refused. How often a user has tried lately is
//! kept in the cache, where it may vanish: it can only add points.

use std::time::Duration;

use flowhost_action::{Action, Api, Error, Event, Factor};
use serde::Deserialize;

struct RiskScore;

/// How long an attempt counts.
const MEMORY: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    challenge_at: u32,
    deny_at: u32,
    /// Where users are expected, ISO 3166-1 alpha-2.
    home_countries: Vec<String>,
}

impl Action for RiskScore {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let configuration: Configuration = event.configuration().parse()?;
        let attempts = count_attempt(event, api)?;
        let score = score(event, &configuration, attempts);
        api.log().info(format!("risk score {score}, attempt {attempts}"));
        if score >= configuration.deny_at {
            return Ok(api.access().deny("This reset looks unusual. Please contact support.")?);
        }
        if score >= configuration.challenge_at {
            let factors = [Factor::webauthn_platform(), Factor::otp(), Factor::email()];
            return Ok(api.authentication().challenge_with_any(factors)?);
        }
        // Nothing suspicious: the next attempt starts from zero.
        Ok(api.cache().delete(&cache_key(event))?)
    }
}

fn score(event: &Event, configuration: &Configuration, attempts: u32) -> u32 {
    let signs = [
        (20, away_from_home(event, configuration)),
        (30, flagged_by_akamai(event)),
        (15, event.user().last_password_reset.is_none()),
        (10, event.enrolled_factors().is_none_or(|factors| factors.is_empty())),
        (5, event.stats().logins_count < 3.0),
    ];
    let points: u32 = signs.iter().filter(|(_, seen)| *seen).map(|(points, _)| points).sum();
    points + 10 * attempts.saturating_sub(1)
}

fn away_from_home(event: &Event, configuration: &Configuration) -> bool {
    let country = event.request().geoip.country_code;
    country.is_none_or(|country| !configuration.home_countries.contains(&country))
}

fn flagged_by_akamai(event: &Event) -> bool {
    let assessment = event.authentication().risk_assessment;
    let signals = assessment.and_then(|risk| risk.supplemental).and_then(|s| s.akamai);
    let risk = signals.and_then(|akamai| akamai.akamai_user_risk);
    risk.and_then(|risk| risk.score).is_some_and(|score| score >= 50.0)
}

fn cache_key(event: &Event) -> String {
    format!("try:{}", event.user().user_id).chars().take(60).collect()
}

fn count_attempt(event: &Event, api: &Api) -> Result<u32, Error> {
    let key = cache_key(event);
    let before = api.cache().get(&key).and_then(|entry| entry.value.parse().ok()).unwrap_or(0_u32);
    let attempts = before.saturating_add(1);
    if let Err(refusal) = api.cache().set(&key, &attempts.to_string(), MEMORY) {
        api.log().warn(format!("attempts are not counted: {refusal}"));
    }
    Ok(attempts)
}

flowhost_action::export!(RiskScore);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Run};
    use serde_json::{Value, json};

    use super::*;

    fn run(event: Value) -> Run {
        let known = json!({
            "user": { "last_password_reset": "2025-01-01T00:00:00.000Z", "enrolledFactors": [{ "type": "otp" }] },
            "request": { "geoip": { "countryCode": "CH" } },
            "stats": { "logins_count": 9 },
        });
        let limits = json!({ "challenge_at": 20, "deny_at": 50, "home_countries": ["CH"] });
        Run::with_event(known).event(event).configuration(limits)
    }

    #[test]
    fn a_usual_reset_goes_on_and_is_forgotten() {
        let run = run(json!({})).execute::<RiskScore>();
        assert_eq!((run.error(), run.commands()), (None, &[][..]));
        assert_eq!(run.cached("try:auth0|ada"), None);
    }

    #[test]
    fn a_reset_from_elsewhere_is_challenged() {
        let run =
            run(json!({ "request": { "geoip": { "countryCode": "AQ" } } })).execute::<RiskScore>();
        assert!(matches!(run.commands(), [Command::ChallengeWithAny { .. }]));
        assert_eq!(run.cached("try:auth0|ada"), Some("1"));
    }

    #[test]
    fn a_flagged_user_from_elsewhere_is_refused() {
        let akamai = json!({ "akamaiUserRisk": { "score": 80 } });
        let run = run(json!({
            "request": { "geoip": { "countryCode": "AQ" } },
            "authentication": { "riskAssessment": { "supplemental": { "akamai": akamai } } },
        }));
        assert!(matches!(run.execute::<RiskScore>().commands(), [Command::Deny { .. }]));
    }

    #[test]
    fn every_further_attempt_adds_points() {
        let run = run(json!({ "user": { "last_password_reset": null } }));
        assert!(run.clone().execute::<RiskScore>().commands().is_empty());
        let third = run.cached("try:auth0|ada", "4").execute::<RiskScore>();
        assert!(matches!(third.commands(), [Command::Deny { .. }]));
    }
}
