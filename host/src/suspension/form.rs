//! How parts of a record are written, so that a suspended flow takes little room:
//! [`event`] as the JSON it is, [`definition`] without the limits that an action has
//! from its flow.

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

/// A definition: all limits of the flow, and of each action those that differ.
pub(super) mod definition {
    use serde::de::{Deserialize as _, Error as _};
    use serde::ser::{Error as _, Serialize as _};
    use serde::{Deserializer, Serializer};
    use serde_json::{Map, Value};

    use crate::flow::FlowDefinition;

    pub(in crate::suspension) fn serialize<S: Serializer>(
        definition: &FlowDefinition,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(definition).map_err(S::Error::custom)?;
        each_action(&mut value, |limits, of_flow| {
            limits.retain(|name, limit| of_flow.get(name) != Some(limit));
        });
        value.serialize(serializer)
    }

    pub(in crate::suspension) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FlowDefinition, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        each_action(&mut value, |limits, of_flow| {
            for (name, limit) in of_flow {
                limits.entry(name).or_insert_with(|| limit.clone());
            }
        });
        serde_json::from_value(value).map_err(D::Error::custom)
    }

    /// The limits of each action, beside those of the flow.
    fn each_action(
        definition: &mut Value,
        change: impl Fn(&mut Map<String, Value>, &Map<String, Value>),
    ) {
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
        let read: Record = serde_json::from_str(&text).expect("a record");
        assert_eq!(read.event, event);
        assert_eq!(read.definition, definition());
        assert_eq!(read.definition.digest(), definition().digest());
    }

    #[test]
    fn an_event_that_is_no_json_makes_no_record() {
        let record = Record { definition: definition(), event: "{} {}".to_owned() };
        assert!(serde_json::to_string(&record).is_err());
    }
}
