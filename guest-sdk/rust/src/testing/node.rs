//! A place in the event's JSON that knows its own path.
//!
//! Used by `records.rs` to read typed records. A test whose event has a wrong
//! type or lacks a required field panics with the path, as the host would
//! refuse the event.

use serde_json::Value;

pub(super) struct Node<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> Node<'a> {
    pub(super) fn event(value: &'a Value) -> Self {
        Self { value: Some(value), path: "event".to_owned() }
    }

    pub(super) fn at(&self, key: &str) -> Self {
        let value = self.value.and_then(|value| value.get(key)).filter(|value| !value.is_null());
        Self { value, path: format!("{}.{key}", self.path) }
    }

    /// This place, if there is something.
    pub(super) fn present(self) -> Option<Self> {
        self.value.is_some().then_some(self)
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.at(key).required(self.opt_text(key))
    }

    pub(super) fn opt_text(&self, key: &str) -> Option<String> {
        self.at(key).read("a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn number(&self, key: &str) -> f64 {
        self.at(key).required(self.opt_number(key))
    }

    pub(super) fn opt_number(&self, key: &str) -> Option<f64> {
        self.at(key).read("a number", Value::as_f64)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.at(key).required(self.opt_flag(key))
    }

    pub(super) fn opt_flag(&self, key: &str) -> Option<bool> {
        self.at(key).read("a boolean", Value::as_bool)
    }

    pub(super) fn json(&self, key: &str) -> String {
        self.at(key).required(self.opt_json(key))
    }

    pub(super) fn opt_json(&self, key: &str) -> Option<String> {
        self.at(key).read("an object", |value| value.is_object().then(|| value.to_string()))
    }

    /// A list of strings; empty when absent.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let read = |value: &Value| value.as_array()?.iter().map(text).collect();
        self.at(key).read("a list of strings", read).unwrap_or_default()
    }

    /// An object of strings; empty when absent.
    pub(super) fn texts_by_name(&self, key: &str) -> Vec<(String, String)> {
        let pair =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let read = |value: &Value| value.as_object()?.iter().map(pair).collect();
        self.at(key).read("an object of strings", read).unwrap_or_default()
    }

    /// The elements of a list; `None` when absent.
    pub(super) fn opt_list(&self, key: &str) -> Option<Vec<Self>> {
        let node = self.at(key);
        let items = node.read("a list", |value| Some(value.as_array()?.iter()))?;
        let element = |(i, value)| Self { value: Some(value), path: format!("{}[{i}]", node.path) };
        Some(items.enumerate().map(element).collect())
    }

    fn read<T>(&self, kind: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let wrong = || panic!("{}: is not {kind}", self.path);
        self.value.map(|value| read(value).unwrap_or_else(wrong))
    }

    fn required<T>(&self, value: Option<T>) -> T {
        value.unwrap_or_else(|| panic!("{}: missing", self.path))
    }
}
