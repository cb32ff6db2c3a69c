//! How parts of a record are written, so that a suspended flow takes little room:
//! [`event`] as the JSON it is, [`definition`] with the limits alone that differ from
//! those of the flow, and for the flow from what they were when this form was made.

/// JSON text within JSON text.
pub(super) mod event {
    use serde::de::Deserialize as _;
    use serde::ser::{Error as _, Serialize as _};
    use serde::{Deserializer, Serializer};
    use serde_json::value::RawValue;

    pub(in crate::suspension) fn serialize<S: Serializer>(
        event: &str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let event: &RawValue = serde_json::from_str(event).map_err(S::Error::custom)?;
        event.serialize(serializer)
    }

    pub(in crate::suspension) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<String, D::Error> {
        let event = Box::<RawValue>::deserialize(deserializer)?;
        Ok(String::from(Box::<str>::from(event)))
    }
}

/// A definition: of each action the limits that differ from the flow's, of the flow
/// those that differ from [`BASE`].
pub(super) mod definition {
    use serde::de::{Deserialize as _, Error as _};
    use serde::ser::{Error as _, Serialize as _};
    use std::sync::LazyLock;

    use serde::{Deserializer, Serializer};
    use serde_json::{Map, Value};

    use crate::flow::FlowDefinition;

    /// The limits that a flow of this form has where it says nothing. Part of the form:
    /// the defaults of flows may change, these must not. What is not among them is
    /// always written.
    const BASE: &str = r#"{
        "actions": 4, "fuel": 500000000, "cpu_time": 1000, "wall_clock": 20000,
        "memory": 67108864, "table_elements": 20000, "instances": 64, "handles": 256,
        "host_calls": 1000, "host_call_bytes": 1048576, "host_bytes": 4194304, "commands": 32,
        "challenges": 4, "suspensions": 8, "state_lifetime": 3600000, "event": 262144,
        "continue_request": 65536, "redirect_url": 8192, "deny_reason": 1024, "prompt": 24576,
        "outbound_requests": 10, "outbound_response": 1048576, "log_bytes": 16384,
        "log_lines": 256, "component": 33554432, "functions": 200000, "modules": 256,
        "compile_time": 60000, "compile_memory": 2147483648, "machine_code": 134217728
    }"#;

    type Limits = Map<String, Value>;

    fn base() -> &'static Limits {
        static LIMITS: LazyLock<Limits> =
            LazyLock::new(|| serde_json::from_str(BASE).unwrap_or_default());
        &LIMITS
    }

    pub(in crate::suspension) fn serialize<S: Serializer>(
        definition: &FlowDefinition,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(definition).map_err(S::Error::custom)?;
        each_action(&mut value, leave_out);
        of_flow(&mut value, |limits| leave_out(limits, base()));
        value.serialize(serializer)
    }

    pub(in crate::suspension) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FlowDefinition, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        of_flow(&mut value, |limits| fill_in(limits, base()));
        each_action(&mut value, fill_in);
        serde_json::from_value(value).map_err(D::Error::custom)
    }

    fn leave_out(limits: &mut Limits, known: &Limits) {
        limits.retain(|name, limit| known.get(name) != Some(limit));
    }

    fn fill_in(limits: &mut Limits, known: &Limits) {
        for (name, limit) in known {
            limits.entry(name).or_insert_with(|| limit.clone());
        }
    }

    fn of_flow(definition: &mut Value, change: impl Fn(&mut Limits)) {
        if let Some(limits) = definition.get_mut("limits").and_then(Value::as_object_mut) {
            change(limits);
        }
    }

    /// The limits of each action, beside those of the flow.
    fn each_action(definition: &mut Value, change: impl Fn(&mut Limits, &Limits)) {
        let of_flow = definition.get("limits").and_then(Value::as_object).cloned();
        let actions = definition.get_mut("actions").and_then(Value::as_array_mut);
        for action in actions.into_iter().flatten() {
            let limits = action.get_mut("limits").and_then(Value::as_object_mut);
            if let (Some(limits), Some(of_flow)) = (limits, &of_flow) {
                change(limits, of_flow);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use crate::flow::FlowDefinition;

    #[derive(Serialize, Deserialize)]
    struct Record {
        #[serde(with = "super::definition")]
        definition: FlowDefinition,
        #[serde(with = "super::event")]
        event: String,
    }

    fn definition() -> FlowDefinition {
        let action = |name: &str, limits| {
            json!({
                "name": name, "component": "00".repeat(32), "configuration": {},
                "limits": limits, "secrets": [],
            })
        };
        let definition = json!({
            "name": "reset", "trigger": "post-challenge@1", "factors": null,
            "limits": { "fuel": 7, "wall_clock": 9 },
            "redirects": { "allow": null, "allow_http": false, "strict_issuer": false },
            "actions": [
                action("as-the-flow", json!({ "fuel": 7, "wall_clock": 9 })),
                action("another-fuel", json!({ "fuel": 8, "wall_clock": 9 })),
            ],
        });
        serde_json::from_value(definition).expect("a definition")
    }

    #[test]
    fn a_record_says_the_same_in_less_room() {
        // Spaces, spelling of numbers and order are the caller's.
        let event = "{ \"b\": 1.0e2,\n \"a\": \"\\u00e9\" }".to_owned();
        let record = Record { definition: definition(), event: event.clone() };
        let text = serde_json::to_string(&record).expect("text");
        let limits = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            [0, 1].map(|action| value["definition"]["actions"][action]["limits"].clone())
        };
        assert_eq!(limits(&text), [json!({}), json!({ "fuel": 8 })]);
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["definition"]["limits"], json!({ "fuel": 7, "wall_clock": 9 }));
        let read: Record = serde_json::from_str(&text).expect("a record");
        assert_eq!(read.event, event);
        assert_eq!(read.definition, definition());
        assert_eq!(read.definition.digest(), definition().digest());
    }

    /// The form outlives the defaults: what it says of them is written here again.
    #[test]
    fn limits_that_are_not_written_are_those_of_the_form() {
        let text = json!({ "definition": definition(), "event": {} }).to_string();
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        value["definition"]["limits"] = json!({});
        value["definition"]["actions"][0]["limits"] = json!({});
        let read: Record = serde_json::from_value(value).expect("a record");
        let limits = [&read.definition.limits, &read.definition.actions[0].limits];
        for limits in limits {
            let of = |name| limits.get(name);
            assert_eq!(of("fuel"), Some(500_000_000));
            assert_eq!(of("memory"), Some(67_108_864));
            assert_eq!(of("state_lifetime"), Some(3_600_000));
            assert_eq!(of("machine_code"), Some(134_217_728));
        }
    }

    /// Of when there were fewer of them: it still opens, and a limit that it does not
    /// know is what new flows have.
    #[test]
    fn a_record_may_lack_a_limit_that_came_later() {
        let text = json!({ "definition": definition(), "event": {} }).to_string();
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let limits = value["definition"]["limits"].as_object_mut().expect("limits");
        assert!(limits.remove("log_lines").is_some());
        let read: Record = serde_json::from_value(value).expect("a record");
        assert_eq!(read.definition.limits.get("log_lines"), Some(256));
    }

    #[test]
    fn an_event_that_is_no_json_makes_no_record() {
        let record = Record { definition: definition(), event: "{} {}".to_owned() };
        assert!(serde_json::to_string(&record).is_err());
    }
}
