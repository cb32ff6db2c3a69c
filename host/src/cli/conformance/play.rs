//! Plays one scenario with a component: a flow of one or two actions, all of the
//! same component, started and gone on with as the scenario says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flowhost::{
    ActionSpec, Component, Engine, Event, FactorType, FlowSpec, ManualClock, Report, Result,
    Resume, Secret, Timestamp, sign_session_token,
};
use serde_json::{Map, Value, json};

use super::expect;
use super::scenario::{NO_STATES, Parameter, Return, Scenario, States, broken, fill, filled};

/// 2026-01-31T12:00:00Z.
const BEGINNING: i64 = 1_769_860_800_000;

/// An engine that scenarios share, and its clock.
pub(super) struct Stage {
    engine: Engine,
    clock: Arc<ManualClock>,
    javascript: bool,
}

/// What a scenario with a component came to.
pub(super) struct Played {
    /// Where it first differed from what must be.
    pub(super) difference: Option<String>,
    /// Of all runs.
    pub(super) fuel: u64,
}

/// An interpreter such as Python's takes half a minute on two idle processors.
const PATIENCE_MILLIS: u64 = 600_000;

impl Stage {
    pub(super) fn new(javascript: bool) -> Result<Self> {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(BEGINNING)));
        let builder = Engine::builder().clock(Arc::clone(&clock) as Arc<dyn flowhost::Clock>);
        let engine = crate::cli::cache::cached(builder).build()?;
        Ok(Stage { engine, clock, javascript })
    }

    /// Loads and compiles the component, as every scenario will need it.
    pub(super) async fn try_on(&self, component: &[u8]) -> Result<()> {
        let mut action = ActionSpec::new("action", Component::Bytes(component.to_vec()));
        // How long compiling takes says nothing about the contract.
        action.limits.compile_time = PATIENCE_MILLIS;
        self.engine.load(FlowSpec::new("conformance").action(action)).await.map(|_| ())
    }

    pub(super) async fn play(&self, scenario: &Scenario, component: &[u8]) -> Result<Played> {
        let name = flow_name(scenario);
        let event = scenario.event(&name)?;
        let spec = flow(scenario, &name, component)?;
        let whole = whole(&event, &spec);
        let flow = self.engine.load(spec).await?;
        let mut moved = 0;
        let mut fuel = 0;
        let mut difference = None;
        let mut last: Option<Report> = None;
        for (number, leg) in scenario.legs.iter().enumerate() {
            moved += self.pass(scenario, leg.after.as_deref())?;
            let before = last.as_ref().and_then(|report| report.outcome.state());
            let before = before.unwrap_or_default().to_owned();
            let report = match &leg.resume {
                None => self.engine.start(&flow, Event::from_json(&event.to_string())?).await,
                Some(back) => self.engine.resume(&before, resume(scenario, back, &before)?).await,
            };
            let compared = match &report {
                Ok(report) => {
                    let expected = leg.expected(self.javascript);
                    expect::compare(scenario, &expected, report, &before, &whole)
                }
                // What the action asked for does not fit what was to come.
                Err(error) => Err(format!("{}: {}", error.code(), error.message())),
            };
            fuel += report.iter().flat_map(|report| &report.runs).map(|run| run.fuel).sum::<u64>();
            if let Err(differs) = compared {
                difference = Some(match scenario.legs.len() {
                    1 => differs,
                    _ => format!("leg {}: {differs}", number + 1),
                });
                break;
            }
            last = report.ok();
        }
        self.clock.advance_millis(-moved);
        Ok(Played { difference, fuel })
    }

    /// Lets time pass; the milliseconds.
    fn pass(&self, scenario: &Scenario, after: Option<&str>) -> Result<i64> {
        let time = after.map_or(Ok(Duration::ZERO), humantime::parse_duration);
        let time = time.map_err(|error| broken(&scenario.name, error))?;
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.clock.advance_millis(millis);
        Ok(millis)
    }
}

/// A name in letters and hyphens, as flows have them.
fn flow_name(scenario: &Scenario) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    scenario.name.chars().map(plain).take(64).collect()
}

/// What of the flow is not data for the action is read like any flow file.
fn flow(scenario: &Scenario, name: &str, component: &[u8]) -> Result<FlowSpec> {
    let mut action = scenario.action.clone();
    action.insert("name".to_owned(), "action".into());
    action.insert("component".to_owned(), "action.wasm".into());
    let mut next = action.clone();
    next.insert("name".to_owned(), "next".into());
    let actions = if scenario.next.is_empty() { vec![action] } else { vec![action, next] };
    let mut file = scenario.flow.clone();
    file.insert("name".to_owned(), name.into());
    file.insert("trigger".to_owned(), flowhost::TRIGGER.into());
    file.insert("action".to_owned(), actions.into());
    let mut spec = FlowSpec::from_toml(&file.to_string(), Path::new(""))?;
    let scripts = [
        json!({ "execute": scenario.execute, "continue": scenario.resume }),
        json!({ "execute": scenario.next }),
    ];
    for (action, script) in spec.actions.iter_mut().zip(&scripts) {
        action.component = Component::Bytes(component.to_vec());
        action.configuration = object(&filled(script, NO_STATES));
        for (name, value) in &scenario.secrets {
            *action = action.clone().secret(name, Secret::new(value.clone()));
        }
    }
    Ok(spec)
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn resume(scenario: &Scenario, back: &Return, state: &str) -> Result<Resume> {
    if let Some(factor) = &back.passed {
        let factor = FactorType::from_name(factor);
        return factor
            .map(Resume::passed)
            .ok_or_else(|| broken(&scenario.name, "an unknown factor"));
    }
    let parameters = |named: &BTreeMap<String, Parameter>| -> Result<Vec<(String, String)>> {
        let named = named.iter();
        named.map(|(name, parameter)| Ok((name.clone(), value(parameter, state)?))).collect()
    };
    let query = parameters(&back.query)?;
    Ok(match back.body.is_empty() {
        true => Resume::get(query),
        false => Resume::post(query, parameters(&back.body)?),
    })
}

fn value(parameter: &Parameter, state: &str) -> Result<String> {
    let states = States { state, before: state };
    match parameter {
        Parameter::Text(text) => Ok(fill(text, states)),
        Parameter::Token(token) => {
            let claims = object(&filled(&Value::Object(token.claims.clone()), states));
            sign_session_token(&claims, &Secret::new(token.secret.clone()))
        }
    }
}

/// The event as the action must see it.
fn whole(event: &Value, spec: &FlowSpec) -> Value {
    let mut whole = event.clone();
    let action = spec.actions.first();
    let configuration = action.map(|action| action.configuration.clone());
    // Their values are taken out of the log.
    let secrets = action.map(|action| {
        let names = action.secrets.keys();
        names.map(|name| (name.clone(), format!("[secret {name}]").into())).collect()
    });
    whole["secrets"] = Value::Object(secrets.unwrap_or_default());
    whole["configuration"] = Value::Object(configuration.unwrap_or_default());
    whole
}
