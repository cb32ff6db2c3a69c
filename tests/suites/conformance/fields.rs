//! Every field of the event, in each of its states, is in some scenario. The fields are
//! those of the WIT, each at the place where an action logs it: two records may have
//! fields of one name.

use std::collections::HashSet;

use flowhost_tests::project;
use serde_json::Value;
use wit_parser::{Resolve, Type, TypeDefKind};

/// Whoever answers a prompt always has answered something.
const NEVER_NONE: [&str; 1] = ["event.prompt.fields"];

/// Those that read one place, by a pointer or a name.
const NO_GROUPS: [&str; 4] = ["get-secret", "get-json", "get-json-at", "get-text-at"];

/// What must be logged somewhere, of a place in the event.
#[derive(PartialEq, Eq, Hash, Debug, Clone)]
enum State {
    There(String),
    None(String),
    Empty(String),
}

#[test]
fn every_field_of_the_event_is_read_in_every_way() {
    let mut resolve = Resolve::default();
    _ = resolve.push_dir(project().join("host/wit")).expect("the WIT");
    let mut wanted = Vec::new();
    let event = resolve.interfaces.iter().map(|(_, interface)| interface);
    let event = event.into_iter().find(|interface| interface.name.as_deref() == Some("event"));
    for (name, function) in &event.expect("the event").functions {
        if NO_GROUPS.contains(&name.as_str()) {
            continue;
        }
        let group = name.strip_prefix("get-").expect("a getter");
        let result = function.result.expect("a result");
        // It gives the one field of its record.
        match group {
            "stats" => wanted.push(State::There("event.stats.logins-count".to_owned())),
            _ => states(&resolve, &result, &format!("event.{group}"), &mut wanted),
        }
    }
    assert!(wanted.len() > 150, "only {} states are found", wanted.len());
    for supplemental in ["risk-assessment", "risk-assessment.supplemental"] {
        assert!(wanted.contains(&State::None(format!("event.authentication.{supplemental}"))));
    }
    let found: HashSet<State> = logged().iter().flat_map(|line| said(line)).collect();
    let missing: Vec<&State> = wanted.iter().filter(|state| !found.contains(state)).collect();
    assert!(missing.is_empty(), "no scenario has {missing:#?}");
}

/// The states that a value of this type at this place can be in.
fn states(resolve: &Resolve, of: &Type, place: &str, wanted: &mut Vec<State>) {
    let kind = match of {
        Type::Id(id) => &resolve.types[*id].kind,
        _ => return wanted.push(State::There(place.to_owned())),
    };
    match kind {
        TypeDefKind::Type(other) => states(resolve, other, place, wanted),
        TypeDefKind::Option(of) => {
            if !NEVER_NONE.contains(&place) {
                wanted.push(State::None(place.to_owned()));
            }
            states(resolve, of, place, wanted);
        }
        TypeDefKind::List(of) => {
            wanted.push(State::Empty(place.to_owned()));
            states(resolve, of, place, wanted);
        }
        TypeDefKind::Record(record) => {
            for field in &record.fields {
                states(resolve, &field.ty, &format!("{place}.{}", field.name), wanted);
            }
        }
        TypeDefKind::Tuple(_) => wanted.push(State::There(place.to_owned())),
        other => panic!("{place}: a {} has no place yet", other.as_str()),
    }
}

/// What a message of an action says of the event; of no other message anything.
fn said(line: &str) -> Option<State> {
    let mut place = String::new();
    let mut rest = line;
    while let Some(index) = rest.find(['[', ' ']) {
        place += &rest[..index];
        rest = &rest[index..];
        let Some(inside) = rest.strip_prefix('[') else { break };
        // An index, or a name that may hold anything.
        rest = match inside.starts_with('"') {
            true => inside[closing(inside)?..].strip_prefix(']')?,
            false => inside.split_once(']')?.1,
        };
    }
    let value = rest.strip_prefix(" = ").filter(|_| place.starts_with("event."))?;
    Some(match value {
        "none" => State::None(place),
        "[]" => State::Empty(place),
        _ => State::There(place),
    })
}

/// Behind the quote that closes the string that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let closes = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        closes
    });
    end.map(|(index, _)| index + 1)
}

/// The messages of all legs.
fn logged() -> Vec<String> {
    let scenarios: Value = toml::from_str::<toml::Table>(&format!("_ = 0\n{}", super::scenarios()))
        .map(|table| serde_json::to_value(table).expect("JSON"))
        .expect("scenarios");
    let legs = scenarios["scenario"].as_array().expect("scenarios").iter();
    let legs = legs.flat_map(|scenario| scenario["leg"].as_array().expect("legs"));
    let lines = legs.flat_map(|leg| leg["logs"].as_array().expect("messages"));
    // A start is followed by JSON that is compared as such.
    let text = |line: &Value| match line["start"].as_str() {
        Some(start) => Some(format!("{start}{}", line["json"])),
        None => line.as_str().map(str::to_owned),
    };
    lines.filter_map(text).collect()
}

#[test]
fn places_are_told_from_names_and_values() {
    assert_eq!(said("event.a.b = none"), Some(State::None("event.a.b".to_owned())));
    assert_eq!(said("event.a[0].b = []"), Some(State::Empty("event.a.b".to_owned())));
    let name = r#"event.client.metadata["\"ü\" = ]"] = "none""#;
    assert_eq!(said(name), Some(State::There("event.client.metadata".to_owned())));
    assert_eq!(said("event: ok"), None);
    assert_eq!(said("get-json-at: ok none"), None);
}
