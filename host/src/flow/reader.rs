//! Reading TOML with all problems at once: each table is asked for the keys it
//! may have, and whatever is left over, of the wrong type or missing is noted
//! with its line and column. Knows TOML, not what a flow is.

use std::borrow::Cow;
use std::cell::RefCell;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Problem;

/// A text being read, and what is wrong with it.
pub(super) struct Source<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Source { text, problems: RefCell::default() }
    }

    pub(super) fn note(&self, offset: usize, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::at_offset(self.text, offset, message));
    }

    /// The same where the line may hold a secret, and is not shown.
    pub(super) fn note_unseen(&self, offset: usize, message: impl Into<String>) {
        let problem = Problem::at_offset(self.text, offset, message);
        self.problems.borrow_mut().push(Problem { source_line: None, ..problem });
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

/// A value that knows where it stands.
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) offset: usize,
    /// Whether it is there; a problem was noted when it is not.
    pub(super) found: bool,
}

/// A table whose keys are taken one after another.
pub(super) struct Reader<'s, 't> {
    source: &'s Source<'t>,
    table: DeTable<'t>,
    offset: usize,
    what: &'static str,
    /// Whether what is in it must not be shown.
    hidden: bool,
}

impl<'s, 't> Reader<'s, 't> {
    pub(super) fn new(
        source: &'s Source<'t>,
        table: Spanned<DeTable<'t>>,
        what: &'static str,
    ) -> Self {
        let offset = table.span().start;
        Reader { source, table: table.into_inner(), offset, what, hidden: false }
    }

    /// A table whose lines may hold secrets.
    pub(super) fn hidden(
        source: &'s Source<'t>,
        table: Spanned<DeTable<'t>>,
        what: &'static str,
    ) -> Self {
        Reader { hidden: true, ..Reader::new(source, table, what) }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn note(&self, offset: usize, message: impl Into<String>) {
        match self.hidden {
            true => self.source.note_unseen(offset, message),
            false => self.source.note(offset, message),
        }
    }

    fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        self.table.remove(key)
    }

    /// Notes what was not asked for. `known` is for the reader of the message.
    pub(super) fn finish(self, known: &[&str]) {
        for (name, _) in &self.table {
            let list = known.join(", ");
            let message =
                format!("unknown key `{}` in {}; known: {list}", name.get_ref(), self.what);
            self.note(name.span().start, message);
        }
    }

    /// A string that must be there; empty when it is not, with a problem.
    pub(super) fn required_text(&mut self, key: &str) -> At<String> {
        self.optional_text(key).unwrap_or_else(|| {
            if !self
                .source
                .problems
                .borrow()
                .iter()
                .any(|p| p.message.starts_with(&format!("`{key}`")))
            {
                self.note(self.offset, format!("`{key}` is missing in {}", self.what));
            }
            At { value: String::new(), offset: self.offset, found: false }
        })
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Option<At<String>> {
        let value = self.take(key)?;
        text(self.source, key, value, self.hidden)
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.note(value.span().start, format!("`{key}` must be true or false"));
                None
            }
        }
    }

    /// A list of strings.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<At<String>>> {
        let value = self.take(key)?;
        let offset = value.span().start;
        let DeValue::Array(items) = value.into_inner() else {
            self.note(offset, format!("`{key}` must be a list of strings"));
            return None;
        };
        Some(
            items
                .into_iter()
                .filter_map(|item| text(self.source, key, item, self.hidden))
                .collect(),
        )
    }

    /// A table with keys of its own.
    pub(super) fn table(&mut self, key: &str, what: &'static str) -> Option<Reader<'s, 't>> {
        let value = self.take(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => {
                Some(Reader { source: self.source, table, offset: span.start, what, hidden: false })
            }
            _ => {
                self.note(span.start, format!("`{key}` must be a table"));
                None
            }
        }
    }

    /// `[[key]]`: a list of tables.
    pub(super) fn tables(&mut self, key: &str, what: &'static str) -> Vec<Reader<'s, 't>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let offset = value.span().start;
        let DeValue::Array(items) = value.into_inner() else {
            self.note(offset, format!("`{key}` must be written `[[{key}]]`"));
            return Vec::new();
        };
        let reader = |item: Spanned<DeValue<'t>>| {
            let offset = item.span().start;
            let DeValue::Table(table) = item.into_inner() else {
                self.note(offset, format!("`{key}` must be written `[[{key}]]`"));
                return None;
            };
            Some(Reader { source: self.source, table, offset, what, hidden: false })
        };
        items.into_iter().filter_map(reader).collect()
    }

    /// All entries, in order, for tables whose keys are free.
    pub(super) fn entries(self) -> Vec<(At<String>, Spanned<DeValue<'t>>)> {
        let entry = |(name, value): (Spanned<Cow<'t, str>>, _)| {
            let offset = name.span().start;
            (At { value: name.into_inner().into_owned(), offset, found: true }, value)
        };
        self.table.into_iter().map(entry).collect()
    }

    pub(super) fn source(&self) -> &'s Source<'t> {
        self.source
    }
}

fn text(
    source: &Source<'_>,
    key: &str,
    value: Spanned<DeValue<'_>>,
    hidden: bool,
) -> Option<At<String>> {
    let offset = value.span().start;
    match value.into_inner() {
        DeValue::String(value) => Some(At { value: value.into_owned(), offset, found: true }),
        _ => {
            let message = format!("`{key}` must be a string");
            match hidden {
                true => source.note_unseen(offset, message),
                false => source.note(offset, message),
            }
            None
        }
    }
}

/// The JSON a TOML value stands for. Dates become their text.
pub(super) fn to_json(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| to_json(source, item)).collect(),
        DeValue::Table(table) => {
            let member = |(name, value): (&Spanned<Cow<'_, str>>, _)| {
                (name.get_ref().to_string(), to_json(source, value))
            };
            Value::Object(table.iter().map(member).collect::<Map<_, _>>())
        }
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::from(number),
            Err(_) => {
                source.note(value.span().start, "the number is out of range");
                Value::Null
            }
        },
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().and_then(Number::from_f64);
            if parsed.is_none() {
                source.note(value.span().start, "JSON has no such number");
            }
            parsed.map_or(Value::Null, Value::Number)
        }
    }
}
