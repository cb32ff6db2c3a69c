//! [`Builder`]: a document on its way out of a parser.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::{Kind, NOTHING, Node, Span};

/// Up to so many names are compared with each other.
const FEW: usize = 32;

/// A document that is being parsed.
pub(super) struct Builder<'t> {
    text: &'t str,
    pub(super) unescaped: String,
    pub(super) nodes: Vec<Node>,
    /// Whether a name occurs twice in an object inside.
    pub(super) repeats: bool,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // Names and values are about as long as this together.
        let nodes = Vec::with_capacity(text.len() / 24);
        Builder { text, unescaped: String::new(), nodes, repeats: false }
    }

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
pub(super) struct Fill<'b, 't> {
    builder: &'b mut Builder<'t>,
    name: Span,
}

impl<'b, 't> Fill<'b, 't> {
    /// Adds what everything else is part of.
    pub(super) fn whole(builder: &'b mut Builder<'t>) -> Self {
        Fill { builder, name: NOTHING }
    }

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
