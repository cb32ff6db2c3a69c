//! [`Document`]: a JSON object, parsed once into a flat list: each value is followed by
//! what it consists of and knows where that ends. Strings stay where they are in the
//! text; nothing is hashed, and reading copies nothing.

mod builder;
mod json;

use serde::Deserializer as _;
use serde_json::{Number, Value};

use self::builder::{Builder, Fill};
pub(crate) use self::json::Json;

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
        let mut builder = Builder::new(&text);
        let mut parser = serde_json::Deserializer::from_str(&text);
        parser.deserialize_map(Fill::whole(&mut builder))?;
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
        Json::root(self)
    }

    fn str(&self, span: Span) -> &str {
        span.of(self.plain(), &self.unescaped)
    }

    fn plain(&self) -> &str {
        self.plain.as_ref().unwrap_or(&self.text)
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
