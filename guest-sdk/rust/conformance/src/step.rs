//! [`Step`]: a place in the configuration, and the arguments that stand there.
//! They are read with the contract's own functions, so that nothing here needs a
//! reader of JSON.

use std::str::FromStr;

use flowhost_action::{Event, Json};

pub(crate) struct Step<'a> {
    event: &'a Event,
    /// A JSON Pointer.
    place: String,
}

impl<'a> Step<'a> {
    pub(crate) fn new(event: &'a Event, place: String) -> Self {
        Self { event, place }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.event.json_at(&self.place).is_some()
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.place)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.event.text_at(&self.at(name))
    }

    /// A text that every step of its kind has.
    pub(crate) fn required(&self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| panic!("{}: no `{name}`", self.place))
    }

    /// A number, true or false.
    pub(crate) fn plain<T: FromStr>(&self, name: &str) -> Option<T> {
        let text = self.event.json_at(&self.at(name))?;
        let value = text.as_str().parse().ok();
        Some(value.unwrap_or_else(|| panic!("{}/{name}: {text}", self.place)))
    }

    /// JSON, or what stands for it as text.
    pub(crate) fn json(&self, name: &str) -> Option<Json> {
        let text = self.text(&format!("{name}-text")).map(Json::raw);
        text.or_else(|| self.event.json_at(&self.at(name)))
    }

    pub(crate) fn part(&self, name: &str) -> Step<'a> {
        Step { event: self.event, place: self.at(name) }
    }

    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = Step<'a>> {
        let items = (0..).map(move |index| self.part(&format!("{name}/{index}")));
        items.take_while(Step::is_there)
    }

    pub(crate) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        self.list(name).map(|pair| (pair.required("0"), pair.required("1"))).collect()
    }
}
