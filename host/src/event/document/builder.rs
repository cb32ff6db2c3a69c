//! [`Builder`]: a document on its way out of a parser.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::{FEW, Kind, NOTHING, Node, Parts, Span, siblings};

/// A document that is being parsed.
pub(super) struct Builder<'t> {
    text: &'t str,
    unescaped: String,
    nodes: Vec<Node>,
    index: Vec<u32>,
    /// Members of which there is another with their name, behind them.
    overridden: Vec<usize>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // Names and values are about as long as this together.
        let nodes = Vec::with_capacity(text.len() / 24);
        let (index, overridden) = (Vec::new(), Vec::new());
        Builder { text, unescaped: String::new(), nodes, index, overridden }
    }

    /// All there is: unescaped strings, nodes, and the index.
    pub(super) fn finish(mut self) -> serde_json::Result<(String, Vec<Node>, Vec<u32>)> {
        if !self.overridden.is_empty() {
            self.leave_out()?;
        }
        Ok((self.unescaped, self.nodes, self.index))
    }

    fn push<E: Error>(&mut self, name: Span, kind: Kind) -> Result<usize, E> {
        let at = self.nodes.len();
        self.nodes.push(Node { name, kind, end: offset(at + 1)? });
        Ok(at)
    }

    /// Ends a list or an object: all that came since is part of it.
    fn close<E: Error>(&mut self, at: usize) -> Result<(), E> {
        self.nodes[at].end = offset(self.nodes.len())?;
        self.count(at)
    }

    /// Counts the parts of a list or an object, and keeps where many of them are.
    fn count<E: Error>(&mut self, at: usize) -> Result<(), E> {
        let count = self.parts(at).count();
        let index = self.index.len();
        if count > FEW {
            let mut parts: Vec<usize> = self.parts(at).collect();
            if matches!(self.nodes[at].kind, Kind::Object(_)) {
                parts.sort_by_key(|part| self.name(*part));
            }
            for part in parts {
                self.index.push(offset(part)?);
            }
        }
        let counted = Parts { count: offset(count)?, index: offset(index)? };
        if let Kind::List(parts) | Kind::Object(parts) = &mut self.nodes[at].kind {
            *parts = counted;
        }
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

    fn name(&self, at: usize) -> &[u8] {
        self.nodes[at].name.bytes(self.text, &self.unescaped)
    }

    /// Where the parts of a list or an object are.
    fn parts(&self, of: usize) -> impl Iterator<Item = usize> {
        siblings(&self.nodes, of + 1, self.nodes[of].end as usize)
    }

    /// Whether one of the first members of an object that is not finished has this name:
    /// many are compared when all are there.
    fn has(&self, object: usize, name: Span) -> bool {
        let name = name.bytes(self.text, &self.unescaped);
        let mut members = siblings(&self.nodes, object + 1, self.nodes.len()).take(FEW);
        members.any(|known| self.name(known) == name)
    }

    /// The members of a finished object that have the name of one behind them.
    fn repeated(&self, object: usize) -> Vec<usize> {
        let Kind::Object(Parts { count, index }) = self.nodes[object].kind else {
            return Vec::new();
        };
        let (count, index) = (count as usize, index as usize);
        if count > FEW {
            // In the index those with one name are neighbours, in their order.
            let pairs = self.index[index..index + count].array_windows();
            let pairs = pairs.map(|[one, other]| (*one as usize, *other as usize));
            let same = pairs.filter(|(one, other)| self.name(*one) == self.name(*other));
            return same.map(|(one, _)| one).collect();
        }
        let length = |at: usize| self.nodes[at].name.len();
        let same = |one: usize, other: usize| {
            length(one) == length(other) && self.name(one) == self.name(other)
        };
        let end = self.nodes[object].end as usize;
        let behind = |one: usize| siblings(&self.nodes, self.nodes[one].end as usize, end);
        self.parts(object).filter(|one| behind(*one).any(|other| same(*one, other))).collect()
    }

    fn twice<E: Error>(&self, name: Span) -> E {
        E::custom(format!("`{}` occurs twice", name.of(self.text, &self.unescaped)))
    }

    /// Leaves out what is overridden.
    fn leave_out(&mut self) -> serde_json::Result<()> {
        let mut left_out = vec![false; self.nodes.len()];
        for at in std::mem::take(&mut self.overridden) {
            if !left_out[at] {
                left_out[at..self.nodes[at].end as usize].fill(true);
            }
        }
        // Where each node goes, and what comes behind the last.
        let mut places = Vec::with_capacity(left_out.len() + 1);
        let mut place = 0;
        for left_out in &left_out {
            places.push(place);
            place += usize::from(!left_out);
        }
        places.push(place);
        let mut at = 0..;
        self.nodes.retain(|_| at.next().is_none_or(|at| !left_out[at]));
        for node in &mut self.nodes {
            node.end = offset(places[node.end as usize])?;
        }
        self.index.clear();
        (0..self.nodes.len()).try_for_each(|at| self.count(at))
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
        let at = builder.push(name, Kind::List(Parts::default()))?;
        while list.next_element_seed(Fill { builder, name: NOTHING })?.is_some() {}
        builder.close(at)
    }

    fn visit_map<A: MapAccess<'t>>(self, mut object: A) -> Result<(), A::Error> {
        let Fill { builder, name } = self;
        let at = builder.push(name, Kind::Object(Parts::default()))?;
        while let Some(name) = object.next_key_seed(Name(builder))? {
            // Said where it is.
            if at == 0 && builder.has(at, name) {
                return Err(builder.twice(name));
            }
            object.next_value_seed(Fill { builder, name })?;
        }
        builder.close(at)?;
        match builder.repeated(at) {
            // Readers differ in which of two they believe.
            repeated if at == 0 => match repeated.first() {
                Some(member) => Err(builder.twice(builder.nodes[*member].name)),
                None => Ok(()),
            },
            repeated => {
                builder.overridden.extend(repeated);
                Ok(())
            }
        }
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
