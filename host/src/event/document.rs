//! [`Document`]: a JSON object, parsed once into a flat list: each value is followed by
//! what it consists of and knows where that ends. Strings stay where they are in the
//! text, and reading copies nothing. Most objects are small: only large ones get an index.

mod builder;
mod json;

use std::ops::Range;

use serde::Deserializer as _;
use serde_json::Number;

use self::builder::{Builder, Fill};
pub(crate) use self::json::Json;

/// Up to so many parts are looked through: that takes less than an index.
pub(super) const FEW: usize = 32;

/// An object and its text.
pub(crate) struct Document {
    text: String,
    /// Strings that are escaped in the text.
    unescaped: String,
    nodes: Vec<Node>,
    /// Where the parts of what has many are: items in order, members by name.
    index: Vec<u32>,
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
    List(Parts),
    Object(Parts),
}

/// How many parts something has and, if they are many, where in the index they begin.
#[derive(Clone, Copy, Default)]
struct Parts {
    count: u32,
    index: u32,
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
        let mut builder = Builder::new(&text);
        let mut parser = serde_json::Deserializer::from_str(&text);
        parser.deserialize_map(Fill::whole(&mut builder))?;
        parser.end()?;
        let (unescaped, nodes, index) = builder.finish()?;
        Ok(Document { text, unescaped, nodes, index })
    }

    /// What it was parsed from.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The object.
    pub(crate) fn root(&self) -> Json<'_> {
        Json::root(self)
    }

    fn str(&self, span: Span) -> &str {
        span.of(&self.text, &self.unescaped)
    }

    /// What a node is called, for those who only compare.
    fn name(&self, at: usize) -> &[u8] {
        self.nodes[at].name.bytes(&self.text, &self.unescaped)
    }

    /// Where the parts of something are that has many.
    fn indexed(&self, parts: Parts) -> Option<&[u32]> {
        let (count, start) = (parts.count as usize, parts.index as usize);
        (count > FEW).then(|| &self.index[start..start + count])
    }
}

impl Node {
    fn weight(&self) -> usize {
        let own = match self.kind {
            Kind::Text(span) => span.len(),
            Kind::List(_) | Kind::Object(_) => 0,
            _ => size_of::<f64>(),
        };
        self.name.len() + own
    }
}

/// Where a node is and those beside it that come behind, up to the end of what they are
/// part of.
fn siblings(nodes: &[Node], first: usize, end: usize) -> impl Iterator<Item = usize> {
    let mut next = first;
    std::iter::from_fn(move || {
        let at = (next < end).then_some(next)?;
        next = nodes[at].end as usize;
        Some(at)
    })
}

impl Span {
    fn of<'s>(self, text: &'s str, unescaped: &'s str) -> &'s str {
        let (whole, place) = self.within(text, unescaped);
        &whole[place]
    }

    /// What is there, for those who only compare.
    fn bytes<'s>(self, text: &'s str, unescaped: &'s str) -> &'s [u8] {
        let (whole, place) = self.within(text, unescaped);
        &whole.as_bytes()[place]
    }

    fn within<'s>(self, text: &'s str, unescaped: &'s str) -> (&'s str, Range<usize>) {
        let (start, end) = (self.start as usize, self.end as usize);
        match start.checked_sub(text.len()) {
            None => (text, start..end),
            Some(start) => (unescaped, start..end - text.len()),
        }
    }

    fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

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
        let many: String = (0..100).map(|number| format!("\"{number}\":[0],")).collect();
        for more in ["", &many] {
            // Also in what does not count, and beside what comes later.
            let inner = r#""a":{"b":1,"b":{"b":2,"b":3}},"b":2,"\u0061":[3,{"c":4,"c":5}]"#;
            let text = format!(r#"{{"o":{{{more}{inner},{more}"b":6}},"p":{{"d":7}}}}"#);
            let document = parsed(&text);
            let value: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(document.root().to_value(), value);
            assert_eq!(document.text(), text);
            for pointer in ["/o/a/0", "/o/a/1/c", "/o/b", "/o/99/0", "/p/d", "/o/a/b"] {
                let found = document.root().follow(pointer).map(Json::to_value);
                assert_eq!(found.as_ref(), value.pointer(pointer), "{pointer} in {text}");
            }
        }
        let text = "{\"a\":1,\n\"b\":2,\n\"\\u0061\":3,\n\"c\":4}";
        let error = Document::parse(text.to_owned()).err().expect("twice");
        assert_eq!(error.to_string(), "`a` occurs twice at line 3 column 8");
        let error = Document::parse(format!("{{{many}\"7\":1}}")).err().expect("twice");
        assert!(error.to_string().starts_with("`7` occurs twice"), "{error}");
    }

    /// One that is looked for in vain takes longest.
    #[test]
    fn places_are_found_among_many() {
        let object: Map<String, Value> =
            (0..5_000).map(|number| (format!("k{number}"), json!([number]))).collect();
        let list: Vec<Value> = (0..5_000).map(|number| json!({ "n": number })).collect();
        let value = json!({ "object": object, "list": list, "few": { "a": 1 } });
        let document = parsed(&value.to_string());
        for pointer in ["/object/k0/0", "/object/k4999/0", "/list/0/n", "/list/4999/n", "/few/a"] {
            let found = document.root().follow(pointer).map(Json::to_value);
            assert!(found.is_some());
            assert_eq!(found.as_ref(), value.pointer(pointer), "{pointer}");
        }
        for nowhere in ["/object/k5000", "/object/k", "/object/", "/list/5000", "/list/k0"] {
            assert!(document.root().follow(nowhere).is_none(), "{nowhere}");
        }
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
