//! The scenarios, as `tests/conformance` has them: data that is part of the
//! command. Reads them; knows nothing of how they are played.

use std::collections::BTreeMap;

use flowhost::{Code, Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The event that scenarios start with.
const EVENT: &str = include_str!("../../../conformance/event.json");

macro_rules! files {
    ($($topic:literal)*) => {
        &[$(($topic, include_str!(concat!("../../../conformance/", $topic, ".toml")))),*]
    };
}

/// All there are, by topic.
const FILES: &[(&str, &str)] = files! {
    "access" "authentication" "cache" "endings" "event" "event-places" "flows" "log" "prompt"
    "redirect" "token" "transaction"
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    #[serde(skip)]
    pub(super) topic: &'static str,
    pub(super) name: String,
    /// Where the contract says so.
    pub(super) rule: String,
    pub(super) execute: Vec<Value>,
    #[serde(default, rename = "continue")]
    pub(super) resume: Vec<Value>,
    /// Of a second action.
    #[serde(default)]
    pub(super) next: Vec<Value>,
    #[serde(default)]
    event: Map<String, Value>,
    /// JSON Pointers of what the event does not have.
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) flow: toml::Table,
    #[serde(default)]
    pub(super) action: toml::Table,
    pub(super) unless_javascript: Option<String>,
    #[serde(rename = "leg")]
    pub(super) legs: Vec<Leg>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leg {
    pub(super) resume: Option<Return>,
    pub(super) after: Option<String>,
    outcome: String,
    details: Option<Map<String, Value>>,
    result_url: Option<String>,
    methods: Option<Vec<Value>>,
    commands: Option<Vec<Value>>,
    logs: Vec<Line>,
    #[serde(default)]
    javascript: Differs,
}

/// What a view has otherwise.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Differs {
    outcome: Option<String>,
    details: Option<Map<String, Value>>,
    commands: Option<Vec<Value>>,
    logs: Option<Vec<Line>>,
}

/// How the user comes back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Return {
    #[serde(default)]
    pub(super) query: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) body: BTreeMap<String, Parameter>,
    pub(super) passed: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Parameter {
    Text(String),
    Token(Token),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) secret: String,
    pub(super) claims: Map<String, Value>,
}

/// A message that must be there.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(super) enum Line {
    Info(String),
    At(AtLevel),
    Json(StartAndJson),
    Token(StartAndToken),
    Event(StartAndEvent),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct AtLevel {
    pub(super) level: String,
    /// None: its words are the host's own.
    pub(super) line: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct StartAndJson {
    pub(super) start: String,
    pub(super) json: Value,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct StartAndToken {
    pub(super) start: String,
    pub(super) secret: String,
    pub(super) token: Map<String, Value>,
}

/// The whole event behind a start.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct StartAndEvent {
    pub(super) start: String,
    #[serde(rename = "event")]
    _event: bool,
}

/// What a leg must come to, in one view.
pub(super) struct Expected<'a> {
    pub(super) outcome: &'a str,
    pub(super) details: Option<&'a Map<String, Value>>,
    pub(super) result_url: Option<&'a str>,
    pub(super) methods: Option<&'a [Value]>,
    pub(super) commands: Option<&'a [Value]>,
    pub(super) logs: &'a [Line],
}

impl Leg {
    pub(super) fn expected(&self, javascript: bool) -> Expected<'_> {
        let other = self.javascript_or_none(javascript);
        let details = other.and_then(|o| o.details.as_ref()).or(self.details.as_ref());
        let outcome = other.and_then(|o| o.outcome.as_deref());
        Expected {
            outcome: outcome.unwrap_or(&self.outcome),
            // Those of another outcome are not meant.
            details: if outcome.is_some() {
                other.and_then(|o| o.details.as_ref())
            } else {
                details
            },
            result_url: self.result_url.as_deref(),
            methods: self.methods.as_deref(),
            commands: other.and_then(|o| o.commands.as_deref()).or(self.commands.as_deref()),
            logs: other.and_then(|o| o.logs.as_deref()).unwrap_or(&self.logs),
        }
    }

    fn javascript_or_none(&self, javascript: bool) -> Option<&Differs> {
        javascript.then_some(&self.javascript)
    }
}

impl Scenario {
    /// What its steps are called.
    pub(super) fn calls(&self) -> impl Iterator<Item = &str> {
        let steps = self.execute.iter().chain(&self.resume).chain(&self.next);
        steps.filter_map(|step| step["call"].as_str())
    }

    /// The event it starts with. `tenant` is its own, so that no cache is shared.
    pub(super) fn event(&self, tenant: &str) -> Result<Value> {
        let mut event: Value =
            serde_json::from_str(EVENT).map_err(|error| broken("event", error))?;
        event["tenant"]["id"] = tenant.into();
        merge(&mut event, &Value::Object(self.event.clone()));
        for pointer in &self.without {
            let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
            let parent = event.pointer_mut(parent).and_then(Value::as_object_mut);
            let removed = parent.and_then(|parent| parent.shift_remove(key));
            removed.ok_or_else(|| broken(&self.name, format!("the event has no {pointer}")))?;
        }
        Ok(event)
    }
}

/// All scenarios.
pub(super) fn all() -> Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for (topic, text) in FILES {
        let file: File = toml::from_str(text).map_err(|error| broken(topic, error))?;
        scenarios.extend(file.scenario.into_iter().map(|mut scenario| {
            scenario.topic = topic;
            scenario
        }));
    }
    Ok(scenarios)
}

/// The scenarios come with the command: it is its own fault.
pub(super) fn broken(what: &str, why: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("conformance scenario {what}: {why}"))
}

/// Lays `over` over `value`: objects key by key, all else as a whole.
fn merge(value: &mut Value, over: &Value) {
    match (value, over) {
        (Value::Object(value), Value::Object(over)) => {
            for (key, over) in over {
                merge(value.entry(key.clone()).or_insert(Value::Null), over);
            }
        }
        (value, over) => *value = over.clone(),
    }
}

/// What a leg may speak of without knowing it.
#[derive(Clone, Copy)]
pub(super) struct States<'a> {
    /// `{state}`
    pub(super) state: &'a str,
    /// `{before}`
    pub(super) before: &'a str,
}

/// Before there are any.
pub(super) const NO_STATES: States<'_> = States { state: "", before: "" };

/// Fills in what stands in braces: states, and `{x*20}` for twenty times an x.
pub(super) fn fill(text: &str, states: States<'_>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            let value = match (name, name.split_once('*')) {
                ("state", _) => Some(states.state.to_owned()),
                ("before", _) => Some(states.before.to_owned()),
                (_, Some((text, times))) => times.parse().ok().map(|times| text.repeat(times)),
                _ => None,
            };
            Some((value?, after))
        });
        rest = match known {
            Some((value, after)) => {
                filled.push_str(&value);
                after
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled + rest
}

/// The same in all texts of a value.
pub(super) fn filled(value: &Value, states: States<'_>) -> Value {
    match value {
        Value::String(text) => fill(text, states).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, states)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, states))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_braces_is_filled_in() {
        let states = States { state: "S", before: "B" };
        assert_eq!(fill("a{x*3}b{state}{before}c", states), "axxxbSBc");
        assert_eq!(fill(r#"{"a":{}} {state"#, states), r#"{"a":{}} {state"#);
    }

    #[test]
    fn every_file_is_part_of_the_command_and_every_name_its_own() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .filter_map(|entry| {
                let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
                name.strip_suffix(".toml").map(str::to_owned)
            })
            .collect();
        there.sort();
        let known: Vec<&str> = FILES.iter().map(|(topic, _)| *topic).collect();
        assert_eq!(there, known);
        let scenarios = all().expect("scenarios");
        let mut names: Vec<&str> = scenarios.iter().map(|s| s.name.as_str()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "two scenarios have one name");
    }
}
