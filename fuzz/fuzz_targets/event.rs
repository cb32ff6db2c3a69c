//! Bytes → event. What is accepted is passed on as it came in, and is accepted
//! again; what is refused is refused with the place.

use std::collections::HashSet;

use flowhost::{Code, Event, fuzzing};
use serde_json::Value;

/// What belongs to actions, and is not taken from the caller.
const NOT_FROM_CALLER: [&str; 3] = ["secrets", "configuration", "prompt"];

pub(crate) fn fuzz(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Event::from_json(text) {
        Ok(event) => accepted(text, &event),
        Err(error) => {
            _ = error.to_string();
            let placed = |p: &flowhost::Problem| p.path.is_some() || p.line.is_some();
            match error.code() {
                Code::EventInvalid => {
                    assert!(!error.problems().is_empty(), "no problem is named: {error}");
                    assert!(error.problems().iter().all(placed), "without a place: {error}");
                }
                Code::ConnectionNotSupported | Code::ClassicLoginNotSupported => {}
                other => panic!("an event is not refused with {other}"),
            }
        }
    }
}

fn accepted(text: &str, event: &Event) {
    let written = fuzzing::event_json(event);
    let again = Event::from_json(&written).expect("what was accepted is accepted again");
    assert_eq!(fuzzing::event_json(&again), written);
    assert!(fuzzing::read_event(event) == fuzzing::read_event(&again));
    let mut came: Value = serde_json::from_str(text).expect("JSON");
    let groups = came.as_object_mut().expect("an object");
    groups.retain(|name, _| !NOT_FROM_CALLER.contains(&name.as_str()));
    let goes: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(goes, came, "it is passed on as it came in");
    assert_eq!(fuzzing::event_value(event), came, "and read as it came in");
    let kept = |event: &Event| -> HashSet<String> {
        event.warnings().iter().map(ToString::to_string).collect()
    };
    let lost: Vec<_> = kept(&again).difference(&kept(event)).cloned().collect();
    assert!(lost.is_empty(), "other warnings the second time: {lost:?}");
    // What only a database user who logs in the new way has.
    let strategy = goes.pointer("/connection/strategy").and_then(Value::as_str);
    assert!(matches!(strategy, Some("auth0" | "database")), "{strategy:?}");
    assert!(goes.pointer("/user/user_id").is_some_and(Value::is_string));
}
