//! What records of suspended flows look like to other versions of flowhost.

use super::*;

fn pinned(action: ActionSpec) -> serde_json::Value {
    let spec = FlowSpec::new("f").action(action);
    let components = std::iter::once(Digest::of(b""));
    serde_json::to_value(FlowDefinition::of(&spec, components)).expect("JSON")
}

fn action() -> ActionSpec {
    ActionSpec::new("a", Component::Bytes(Vec::new()))
}

#[test]
fn a_record_that_knows_no_outbound_requests_grants_none() {
    let record = pinned(action());
    assert!(!record["actions"][0].as_object().expect("an object").contains_key("outbound"));
    let read: FlowDefinition = serde_json::from_value(record).expect("a definition");
    assert_eq!(read.actions[0].outbound, None);
}

#[test]
fn granted_origins_are_pinned_in_one_spelling_and_nothing_else_is_read() {
    let mut record = pinned(action().outbound(["https://Risk.Example.com:443/"]));
    let origins = &mut record["actions"][0]["outbound"];
    assert_eq!(*origins, serde_json::json!(["https://risk.example.com"]));
    *origins = serde_json::json!(["https://*"]);
    assert!(serde_json::from_value::<FlowDefinition>(record).is_err());
}
