//! Tokens a script saved, and their `${name}` in later steps.

use serde_json::Value;

#[derive(Default)]
pub(crate) struct Variables(Vec<(String, String)>);

impl Variables {
    pub(crate) fn save(&mut self, name: Option<String>, value: &str) {
        self.0.extend(name.map(|name| (format!("${{{name}}}"), value.to_owned())));
    }

    /// `value` with every `${name}` in its strings replaced. A name not saved
    /// yet stays: a `repeat` is filled in before its steps have run.
    pub(crate) fn fill_in(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_in_text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.fill_in(item)).collect(),
            Value::Object(entries) => {
                entries.into_iter().map(|(key, entry)| (key, self.fill_in(entry))).collect()
            }
            other => other,
        }
    }

    fn fill_in_text(&self, text: String) -> String {
        // Latest first: a name saved twice means the later token.
        self.0.iter().rev().fold(text, |text, (name, value)| text.replace(name, value))
    }
}
