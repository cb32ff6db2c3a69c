//! [`Document`]: a JSON object, parsed once into a flat list: each value is followed by
//! what it consists of and knows where that ends. Strings stay where they are in the
//! text; nothing is hashed, and reading copies nothing.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::pointer;

/// Up to so many names are compared with each other.
const FEW: usize = 32;

/// An object and its text.
pub(crate) struct Document {
    text: String,
    /// The same without what does not count, where a name occurs twice.
    plain: Option<String>,
    /// Strings that are escaped there.
    unescaped: String,
    nodes: Vec<Node>,
}

/// A value, in the list of all.
struct Node {
    /// What it is called in its object.
    name: Span,
    kind: Kind,
    /// The first one that is not part of it.
    end: u32,
}

enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Span),
    List,
    Object,
}

/// A place in the text or, beyond its end, among the unescaped strings.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// What has no name.
const NOTHING: Span = Span { start: 0, end: 0 };

impl Document {
    /// Parses an object, whose members differ in name. In the objects inside of it the
    /// last one of a name counts.
    pub(crate) fn parse(text: String) -> serde_json::Result<Document> {
        // Names and values are about as long as this together.
        let nodes = Vec::with_capacity(text.len() / 24);
        let mut builder = Builder { text: &text, unescaped: String::new(), nodes, repeats: false };
        let mut parser = serde_json::Deserializer::from_str(&text);
        parser.deserialize_map(Fill { builder: &mut builder, name: NOTHING })?;
        parser.end()?;
        let Builder { unescaped, nodes, repeats, .. } = builder;
        if repeats {
            let value: Value = serde_json::from_str(&text)?;
            let Document { text: plain, unescaped, nodes, .. } =
                Document::parse(value.to_string())?;
            return Ok(Document { text, plain: Some(plain), unescaped, nodes });
        }
        Ok(Document { text, plain: None, unescaped, nodes })
    }

    /// What it was parsed from.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The object.
    pub(crate) fn root(&self) -> Json<'_> {
        Json { document: self, at: 0 }
    }

    fn str(&self, span: Span) -> &str {
        span.of(self.plain(), &self.unescaped)
    }

    fn plain(&self) -> &str {
        self.plain.as_ref().unwrap_or(&self.text)
    }
}

/// A value in a document.
#[derive(Clone, Copy)]
pub(crate) struct Json<'d> {
    document: &'d Document,
    at: usize,
}

impl<'d> Json<'d> {
    fn node(self) -> &'d Node {
        &self.document.nodes[self.at]
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.node().kind, Kind::Null)
    }

    pub(crate) fn is_object(self) -> bool {
        matches!(self.node().kind, Kind::Object)
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self.node().kind, Kind::List)
    }

    /// What it is, in words.
    pub(crate) fn kind(self) -> &'static str {
        match self.node().kind {
            Kind::Null => "null",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List => "a list",
            Kind::Object => "an object",
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
        let mut parts = self.is_object().then(|| self.parts())?;
        parts.find(|part| part.is_called(name))
    }

    /// The value that a JSON Pointer (RFC 6901) leads to from here.
    pub(crate) fn follow(self, mut pointer: &str) -> Option<Json<'d>> {
        let mut value = self;
        while !pointer.is_empty() {
            let (token, rest) = pointer::split(pointer)?;
            value = match value.node().kind {
                Kind::Object => value.get(&token)?,
                Kind::List => value.items().nth(pointer::index(&token)?)?,
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
        let (document, own) = (self.document, self.node().name);
        own.len() == name.len()
            && own.bytes(document.plain(), &document.unescaped) == name.as_bytes()
    }

    fn parts(self) -> impl Iterator<Item = Json<'d>> {
        let (document, end) = (self.document, self.node().end as usize);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let part = (at < end).then_some(Json { document, at })?;
            at = part.node().end as usize;
            Some(part)
        })
    }
}

impl Node {
    fn weight(&self) -> usize {
        let own = match self.kind {
            Kind::Text(span) => span.len(),
            Kind::List | Kind::Object => 0,
            _ => size_of::<f64>(),
        };
        self.name.len() + own
    }
}

impl Span {
    /// What is there, for those who only compare.
    fn bytes<'s>(self, text: &'s str, unescaped: &'s str) -> &'s [u8] {
        let (start, end) = (self.start as usize, self.end as usize);
        match start.checked_sub(text.len()) {
            None => &text.as_bytes()[start..end],
            Some(start) => &unescaped.as_bytes()[start..end - text.len()],
        }
    }

    fn of<'s>(self, text: &'s str, unescaped: &'s str) -> &'s str {
        let (start, end) = (self.start as usize, self.end as usize);
        match start.checked_sub(text.len()) {
            None => &text[start..end],
            Some(start) => &unescaped[start..end - text.len()],
        }
    }

    fn len(self) -> usize {
        (self.end - self.start) as usize
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
            Kind::List => serializer.collect_seq(self.items()),
            Kind::Object => serializer.collect_map(self.members()),
        }
    }
}

/// A document that is being parsed.
struct Builder<'t> {
    text: &'t str,
    unescaped: String,
    nodes: Vec<Node>,
    /// Whether a name occurs twice in an object inside.
    repeats: bool,
}

impl<'t> Builder<'t> {
    fn push<E: Error>(&mut self, name: Span, kind: Kind) -> Result<usize, E> {
        let at = self.nodes.len();
        self.nodes.push(Node { name, kind, end: offset(at + 1)? });
        Ok(at)
    }

    /// Ends what consists of all that came since.
    fn close<E: Error>(&mut self, at: usize) -> Result<(), E> {
        self.nodes[at].end = offset(self.nodes.len())?;
        Ok(())
    }

    /// A string that is part of the text.
    fn borrowed<E: Error>(&self, part: &'t str) -> Result<Span, E> {
        let start = part.as_ptr().addr() - self.text.as_ptr().addr();
        Ok(Span { start: offset(start)?, end: offset(start + part.len())? })
    }

    /// A string that is escaped there.
    fn escaped<E: Error>(&mut self, part: &str) -> Result<Span, E> {
        let start = self.text.len() + self.unescaped.len();
        self.unescaped.push_str(part);
        Ok(Span { start: offset(start)?, end: offset(start + part.len())? })
    }

    /// The names of an object's members.
    fn names(&self, object: usize) -> impl Iterator<Item = Span> {
        let mut at = object + 1;
        std::iter::from_fn(move || {
            let node = self.nodes.get(at)?;
            at = node.end as usize;
            Some(node.name)
        })
    }

    /// A name that two of so many members have.
    fn repeated(&self, object: usize, members: usize) -> Option<Span> {
        let text = |name: Span| name.bytes(self.text, &self.unescaped);
        if members > FEW {
            let mut known = HashSet::with_capacity(members);
            return self.names(object).find(|name| !known.insert(text(*name)));
        }
        let same = |one: Span, other: Span| one.len() == other.len() && text(one) == text(other);
        let twice = |(place, name): &(usize, Span)| {
            self.names(object).take(*place).any(|known| same(known, *name))
        };
        self.names(object).enumerate().find(twice).map(|(_, name)| name)
    }
}

/// No document is longer than this can say.
fn offset<E: Error>(place: usize) -> Result<u32, E> {
    u32::try_from(place).map_err(|_| E::custom("longer than 4 GiB"))
}

/// Adds the value that comes next.
struct Fill<'b, 't> {
    builder: &'b mut Builder<'t>,
    name: Span,
}

impl Fill<'_, '_> {
    fn push<E: Error>(self, kind: Kind) -> Result<(), E> {
        self.builder.push(self.name, kind).map(|_| ())
    }
}

impl<'t> DeserializeSeed<'t> for Fill<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Fill<'_, 't> {
    type Value = ();

    /// Anything but for the whole, and that is asked for by name.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(Kind::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(Kind::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.push(Kind::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(Kind::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.push(Number::from_f64(value).map_or(Kind::Null, Kind::Number))
    }

    fn visit_borrowed_str<E: Error>(self, part: &'t str) -> Result<(), E> {
        let span = self.builder.borrowed(part)?;
        self.push(Kind::Text(span))
    }

    fn visit_str<E: Error>(self, part: &str) -> Result<(), E> {
        let span = self.builder.escaped(part)?;
        self.push(Kind::Text(span))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<(), A::Error> {
        let Fill { builder, name } = self;
        let at = builder.push(name, Kind::List)?;
        while list.next_element_seed(Fill { builder, name: NOTHING })?.is_some() {}
        builder.close(at)
    }

    fn visit_map<A: MapAccess<'t>>(self, mut object: A) -> Result<(), A::Error> {
        let Fill { builder, name } = self;
        let at = builder.push(name, Kind::Object)?;
        let mut members = 0;
        while let Some(name) = object.next_key_seed(Name(builder))? {
            object.next_value_seed(Fill { builder, name })?;
            members += 1;
        }
        match builder.repeated(at, members) {
            // Readers differ in which of two they believe.
            Some(name) if at == 0 => {
                let name = name.of(builder.text, &builder.unescaped);
                return Err(A::Error::custom(format!("`{name}` occurs twice")));
            }
            Some(_) => builder.repeats = true,
            None => {}
        }
        builder.close(at)
    }
}

/// Reads the name of a member.
struct Name<'b, 't>(&'b mut Builder<'t>);

impl<'t> DeserializeSeed<'t> for Name<'_, 't> {
    type Value = Span;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for Name<'_, 't> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'t str) -> Result<Span, E> {
        self.0.borrowed(name)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Span, E> {
        self.0.escaped(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Document {
        Document::parse(text.to_owned()).expect("an object")
    }

    #[test]
    fn it_holds_what_the_library_reads() {
        let text = r#" {"a":[null,true,-7,18446744073709551615,0.12088995980580641,1e3,"x",[],{}],
            "\u0061\n":{"b":"q\"\u20ac","":{"c":[[1],[2,[3]]]}},"z":""} "#;
        let document = parsed(text);
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(document.text(), text);
        assert_eq!(document.root().to_value(), value);
        assert_eq!(document.root().to_string(), value.to_string());
        for pointer in ["", "/a", "/a/3", "/a/7", "/a/9", "/a/01", "/a~0", "/z", "/z/0", "/a\n/b"] {
            let found = document.root().follow(pointer).map(Json::to_value);
            assert_eq!(found.as_ref(), value.pointer(pointer), "{pointer}");
        }
        let deep = document.root().follow("/a\n//c/1/1/0").and_then(Json::as_f64);
        assert_eq!(deep, Some(3.0));
    }

    #[test]
    fn of_two_members_the_last_counts_and_at_the_top_there_are_no_two() {
        let many: String = (0..100).map(|number| format!("\"{number}\":0,")).collect();
        for more in ["", &many] {
            let text = format!(r#"{{"o":{{{more}"a":1,"b":2,"\u0061":[3]}}}}"#);
            let document = parsed(&text);
            assert_eq!(document.root().follow("/o/a/0").and_then(Json::as_f64), Some(3.0));
            let value: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(document.root().to_value(), value);
            assert_eq!(document.text(), text);
        }
        let error = Document::parse(r#"{"a":1,"b":2,"\u0061":3}"#.to_owned()).err().expect("twice");
        assert_eq!(error.to_string(), "`a` occurs twice at line 1 column 24");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "1", "{}{}", "{\"a\":}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}"] {
            assert!(Document::parse(text.to_owned()).is_err(), "{text}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(Document::parse(deep).is_err());
    }

    #[test]
    fn a_weight_is_that_of_names_and_texts() {
        let document = parsed(r#"{"ab":{"c":"def","g":[true,"h"]}}"#);
        let part = document.root().get("ab").expect("a member");
        assert_eq!(part.weight(), 1 + 3 + 1 + size_of::<f64>() + 1);
    }

    #[test]
    fn numbers_stay_what_they_are() {
        let value = json!({ "a": 0.12088995980580641, "b": u64::MAX, "c": i64::MIN, "d": -0.0 });
        assert_eq!(parsed(&value.to_string()).root().to_string(), value.to_string());
    }
}
