//! Compares a report with what a leg of a scenario must come to. The first thing
//! that differs is told, with what was expected and what is.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flowhost::{LogLevel, LogLine, Outcome, Report, Secret, sign_session_token};
use serde_json::{Map, Value};

use super::scenario::{Expected, Line, Scenario, StartAndToken, States, fill, filled};

/// What of a text is shown where it differs.
const SHOWN: usize = 400;

type Compared = Result<(), String>;

/// `before` is the state that was resumed, `event` what the action must see.
pub(super) fn compare(
    scenario: &Scenario,
    expected: &Expected<'_>,
    report: &Report,
    before: &str,
    event: &Value,
) -> Compared {
    let states = States { state: report.outcome.state().unwrap_or_default(), before };
    // First what the action itself said: it explains the rest.
    let logs = logs(expected, report, states, event)?;
    no_more(scenario, expected, &logs)?;
    let outcome = report.outcome.name();
    if outcome != expected.outcome {
        let why = match &report.outcome {
            Outcome::Failed(failure) => format!(" ({}: {})", failure.code, failure.message),
            _ => String::new(),
        };
        return Err(differs("the outcome", expected.outcome, &format!("{outcome}{why}")));
    }
    let json = report.to_json();
    for (name, value) in expected.details.into_iter().flatten() {
        let found = &json[outcome][name];
        let wanted = filled(value, states);
        let one_of = wanted.as_array().filter(|_| name == "code");
        if !one_of.map_or(wanted == *found, |codes| codes.contains(found)) {
            return Err(differs(name, &wanted.to_string(), &found.to_string()));
        }
    }
    if let Some(url) = expected.result_url {
        same("the result URL", &url.into(), &json["result_url"])?;
    }
    if let Some(methods) = expected.methods {
        same("the methods", &methods.into(), &json["authentication_methods"])?;
    }
    if let Some(commands) = expected.commands {
        let found = json["runs"].as_array().and_then(|runs| runs.last());
        let found = found.map(|run| run["commands"].clone()).unwrap_or_default();
        same("the commands", &filled(&commands.into(), states), &found)?;
    }
    Ok(())
}

fn same(what: &str, wanted: &Value, found: &Value) -> Compared {
    if wanted == found {
        return Ok(());
    }
    Err(differs(what, &wanted.to_string(), &found.to_string()))
}

fn differs(what: &str, wanted: &str, found: &str) -> String {
    format!("{what}: expected {}, found {}", shortened(wanted), shortened(found))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// Compares the messages that must be there; those behind them.
fn logs<'a>(
    expected: &Expected<'_>,
    report: &'a Report,
    states: States<'_>,
    event: &Value,
) -> Result<Vec<&'a LogLine>, String> {
    let found: Vec<&LogLine> = report.runs.iter().flat_map(|run| &run.logs).collect();
    for (index, line) in expected.logs.iter().enumerate() {
        let what = format!("message {}", index + 1);
        let Some(found) = found.get(index) else {
            let end = match &report.outcome {
                Outcome::Failed(failure) => {
                    format!("the end: {}: {}", failure.code, failure.message)
                }
                _ => "the end".to_owned(),
            };
            return Err(differs(&what, &wanted(line, states), &end));
        };
        message(line, found, states, event).map_err(|why| {
            let found = shortened(&found.message);
            format!("{what}: expected {}, found {found}{why}", shortened(&wanted(line, states)))
        })?;
    }
    Ok(found.into_iter().skip(expected.logs.len()).collect())
}

/// What failed may say where, by its stack or by what it wrote before it crashed. What a
/// step says is no such thing: the handler went on after it had given up.
fn no_more(scenario: &Scenario, expected: &Expected<'_>, more: &[&LogLine]) -> Compared {
    let of_a_step = |message: &str| {
        message.split_once(": ").is_some_and(|(name, _)| scenario.calls().any(|call| call == name))
    };
    let says_where = |line: &LogLine| {
        expected.outcome == "failed"
            && matches!(line.level, LogLevel::Warn | LogLevel::Error)
            && !of_a_step(&line.message)
    };
    match more.iter().find(|line| !says_where(line)) {
        Some(line) => Err(differs("the messages", "no more", &line.message)),
        None => Ok(()),
    }
}

fn wanted(line: &Line, states: States<'_>) -> String {
    match line {
        Line::Info(text) => fill(text, states),
        Line::At(at) => {
            let line = at.line.as_deref().map_or("anything".to_owned(), |line| fill(line, states));
            format!("{line} at level {}", at.level)
        }
        Line::Json(line) => format!("{}{}", line.start, filled(&line.json, states)),
        Line::Token(line) => {
            format!("{}a token with {}", line.start, Value::Object(line.token.clone()))
        }
        Line::Event(line) => format!("{}the event", line.start),
    }
}

/// The error says what is not seen at once.
fn message(line: &Line, found: &LogLine, states: States<'_>, event: &Value) -> Compared {
    let level = serde_json::to_value(found.level).unwrap_or_default();
    let wanted_level = if let Line::At(at) = line { at.level.as_str() } else { "info" };
    if level != wanted_level {
        return Err(format!(" at level {}", level.as_str().unwrap_or_default()));
    }
    let rest = |start: &str| found.message.strip_prefix(start).ok_or_else(String::new);
    let same = |same: bool| if same { Ok(()) } else { Err(String::new()) };
    match line {
        Line::Info(text) => same(found.message == fill(text, states)),
        Line::At(at) => {
            same(at.line.as_deref().is_none_or(|line| found.message == fill(line, states)))
        }
        Line::Json(line) => same(json(rest(&line.start)?)? == filled(&line.json, states)),
        Line::Event(line) => {
            let found = json(rest(&line.start)?)?;
            same(found == *event)
        }
        Line::Token(line) => token(line, rest(&line.start)?),
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!(", which is no JSON: {error}"))
}

/// A token is the one that the claims in it come to, signed again.
fn token(line: &StartAndToken, token: &str) -> Compared {
    let claims = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Map<String, Value>> =
        claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let claims = claims.ok_or(", which is no token")?;
    if claims != line.token {
        return Err(format!(" with {}", Value::Object(claims)));
    }
    match sign_session_token(&claims, &Secret::new(line.secret.clone())) {
        Ok(signed) if signed == token => Ok(()),
        _ => Err(", which is signed with another secret".to_owned()),
    }
}
