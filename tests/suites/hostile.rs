//! What an action may do to its host, its neighbours and its user, written by
//! somebody who means harm. Every component comes to exactly the outcome or
//! the failure that is written down for it.

use std::time::{Duration, Instant};

use flowhost::{ActionSpec, Component, Event, FlowSpec, Resume};
use flowhost_tests::{event, shared_engine, wait_for};
use serde_json::Value;

#[path = "hostile/canaries.rs"]
mod canaries;
#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/guests.rs"]
mod guests;
#[path = "hostile/imports.rs"]
mod imports;
#[path = "hostile/many.rs"]
mod many;
#[path = "hostile/shell.rs"]
pub(crate) mod shell;
#[path = "hostile/values.rs"]
mod values;

/// The limits of a hostile run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) fuel: u64,
    pub(crate) cpu_time: u64,
    pub(crate) wall_clock: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { fuel: 20_000_000, cpu_time: 10_000, wall_clock: 20_000 }
    }
}

impl Limits {
    /// Whoever is expected to end by time has all the fuel there is, and little
    /// time.
    fn for_expected(expected: &str) -> Self {
        let mut limits = Limits::default();
        if expected.ends_with("cpu_time_exceeded") {
            (limits.fuel, limits.cpu_time) = (u64::MAX / 2, 100);
        }
        if expected.ends_with("wall_clock_exceeded") {
            limits.wall_clock = 100;
        }
        limits
    }
}

/// What loading and running a component comes to: the code that loading
/// answers, or `run: ` and the outcome or the failure's code.
pub(crate) fn comes_to(bytes: Vec<u8>, limits: &Limits) -> String {
    match report(bytes, limits) {
        Ok(report) => format!("run: {}", ending(&report)),
        Err(code) => code,
    }
}

/// The report of a run, as JSON, or the code that loading answers.
pub(crate) fn report(bytes: Vec<u8>, limits: &Limits) -> Result<Value, String> {
    timed_report(bytes, limits).map(|(report, _)| report)
}

/// The same, and how long who asked waited for it, once it was loaded.
#[expect(clippy::disallowed_methods, reason = "what is measured is the time of the machine")]
fn timed_report(bytes: Vec<u8>, limits: &Limits) -> Result<(Value, Duration), String> {
    let mut action = ActionSpec::new("a", Component::Bytes(bytes));
    action.limits.fuel = limits.fuel;
    action.limits.cpu_time = limits.cpu_time;
    let mut spec = FlowSpec::new("hostile").action(action);
    spec.limits.wall_clock = limits.wall_clock;
    let engine = shared_engine();
    let flow = wait_for(engine.load(spec)).map_err(|error| error.code().to_string())?;
    let event = Event::from_json(&event().to_string()).expect("an event");
    let started = Instant::now();
    let report = wait_for(engine.start(&flow, event)).expect("a report");
    Ok((report.to_json(), started.elapsed()))
}

/// What comes after the user was sent away and came back.
pub(crate) fn comes_back_to(bytes: Vec<u8>, limits: &Limits) -> String {
    let report = match report(bytes, limits) {
        Ok(report) => report,
        Err(code) => return code,
    };
    let Some(state) = report["redirect"]["state"].as_str() else {
        return format!("run: {}", ending(&report));
    };
    let nothing: [(&str, &str); 0] = [];
    let resumed = wait_for(shared_engine().resume(state, Resume::get(nothing)));
    match resumed {
        Ok(report) => format!("resume: {}", ending(&report.to_json())),
        Err(error) => error.code().to_string(),
    }
}

/// The code of a failure, or the outcome.
pub(crate) fn ending(report: &Value) -> &str {
    report["failed"]["code"].as_str().or(report["outcome"].as_str()).unwrap_or_default()
}
