//! [`Json`]: a value in a document, as those who read it see it.

use std::fmt;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::{Document, Kind, Node, siblings};
use crate::event::pointer;

/// A value in a document.
#[derive(Clone, Copy)]
pub(crate) struct Json<'d> {
    document: &'d Document,
    at: usize,
}

impl<'d> Json<'d> {
    pub(super) fn root(document: &'d Document) -> Self {
        Json { document, at: 0 }
    }

    fn node(self) -> &'d Node {
        &self.document.nodes[self.at]
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.node().kind, Kind::Null)
    }

    pub(crate) fn is_object(self) -> bool {
        matches!(self.node().kind, Kind::Object(_))
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self.node().kind, Kind::List(_))
    }

    /// What it is, in words.
    pub(crate) fn kind(self) -> &'static str {
        match self.node().kind {
            Kind::Null => "null",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }

    pub(crate) fn as_str(self) -> Option<&'d str> {
        match self.node().kind {
            Kind::Text(span) => Some(self.document.str(span)),
            _ => None,
        }
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match self.node().kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_f64(self) -> Option<f64> {
        match &self.node().kind {
            Kind::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The members of an object; none of what is none.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'d str, Json<'d>)> {
        let parts = self.is_object().then(|| self.parts()).into_iter().flatten();
        parts.map(|part| (part.document.str(part.node().name), part))
    }

    /// The items of a list; none of what is none.
    pub(crate) fn items(self) -> impl Iterator<Item = Json<'d>> {
        self.is_list().then(|| self.parts()).into_iter().flatten()
    }

    /// The member of an object that is called so.
    pub(crate) fn get(self, name: &str) -> Option<Json<'d>> {
        let Kind::Object(parts) = self.node().kind else { return None };
        let Some(index) = self.document.indexed(parts) else {
            return self.parts().find(|part| part.is_called(name));
        };
        let known = |at: &u32| self.document.name(*at as usize).cmp(name.as_bytes());
        index.binary_search_by(known).ok().map(|place| self.other(index[place]))
    }

    /// The item of a list at this place.
    fn item(self, place: usize) -> Option<Json<'d>> {
        let Kind::List(parts) = self.node().kind else { return None };
        match self.document.indexed(parts) {
            Some(index) => index.get(place).map(|at| self.other(*at)),
            None => self.items().nth(place),
        }
    }

    fn other(self, at: u32) -> Json<'d> {
        Json { document: self.document, at: at as usize }
    }

    /// The value that a JSON Pointer (RFC 6901) leads to from here.
    pub(crate) fn follow(self, mut pointer: &str) -> Option<Json<'d>> {
        let mut value = self;
        while !pointer.is_empty() {
            let (token, rest) = pointer::split(pointer)?;
            value = match value.node().kind {
                Kind::Object(_) => value.get(&token)?,
                Kind::List(_) => value.item(pointer::index(&token)?)?,
                _ => return None,
            };
            pointer = rest;
        }
        Some(value)
    }

    /// A copy that stands alone.
    pub(crate) fn to_value(self) -> Value {
        // What was parsed can be written.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// About the bytes that it takes on its way to an action.
    pub(crate) fn weight(self) -> usize {
        let nodes = &self.document.nodes[self.at..self.node().end as usize];
        nodes.iter().map(Node::weight).sum::<usize>() - self.node().name.len()
    }

    /// Most names differ in length already.
    fn is_called(self, name: &str) -> bool {
        self.node().name.len() == name.len() && self.document.name(self.at) == name.as_bytes()
    }

    fn parts(self) -> impl Iterator<Item = Json<'d>> {
        let (document, end) = (self.document, self.node().end as usize);
        siblings(&document.nodes, self.at + 1, end).map(move |at| Json { document, at })
    }
}

/// As JSON text.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.node().kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(number) => number.serialize(serializer),
            Kind::Text(span) => serializer.serialize_str(self.document.str(*span)),
            Kind::List(_) => serializer.collect_seq(self.items()),
            Kind::Object(_) => serializer.collect_map(self.members()),
        }
    }
}
