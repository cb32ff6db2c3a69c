//! [`Error`]: what the library answers when it cannot do what was asked. Part
//! of the interface: a stable [`Code`], what happened, where, and what to do.
//!
//! An error is not an outcome. A flow that ran and ended badly is
//! [`Outcome::Failed`](crate::Outcome::Failed); an `Error` means that no flow
//! ended: nothing ran, or what ran was not recorded and may be tried again.

mod code;

use std::fmt;
use std::path::Path;

use serde::Serialize;

pub use code::{Code, Kind};

/// One thing wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The file, if the input came from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in the line, in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The place inside the input, such as `event.user.user_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is wrong there.
    pub message: String,
    /// The line the problem is in, for showing it.
    #[serde(skip)]
    pub source_line: Option<String>,
}

impl Problem {
    /// A problem at a place inside the input.
    pub(crate) fn at_path(path: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { path: Some(path.into()), ..Problem::new(message) }
    }

    /// A problem at byte `offset` of `text`.
    pub(crate) fn at_offset(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let offset = text.floor_char_boundary(offset);
        let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            line: Some(text[..start].matches('\n').count() + 1),
            column: Some(text[start..offset].chars().count() + 1),
            source_line: text[start..].lines().next().map(str::to_owned),
            ..Problem::new(message)
        }
    }

    /// A problem at a line and column of `text`, both from 1.
    #[cfg(feature = "javascript")]
    pub(crate) fn at_place(
        text: &str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        Problem {
            line: Some(line),
            column: Some(column.max(1)),
            source_line: text.lines().nth(line.saturating_sub(1)).map(str::to_owned),
            ..Problem::new(message)
        }
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Problem { file: None, line: None, column: None, path: None, message, source_line: None }
    }
}

/// `path: message`, the place first.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}:")?;
        }
        if self.file.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        match &self.path {
            Some(path) => write!(f, "{path}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// An error of the library.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.describe())]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    message: String,
    hint: Option<String>,
    problems: Vec<Problem>,
}

impl Error {
    /// An error with `code`; `message` says what happened.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Error(Box::new(Inner { code, message, hint: None, problems: Vec::new() }))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.0.problems = problems;
        self
    }

    /// Says which file the problems are in.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        let file = file.display().to_string();
        if self.0.problems.is_empty() {
            self.0.message = format!("{file}: {}", self.0.message);
        }
        for problem in &mut self.0.problems {
            problem.file.get_or_insert_with(|| file.clone());
        }
        self
    }

    /// The stable name of the error.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened, in one line. For operators: see
    /// [`public_message`](Error::public_message) for users.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The single things that are wrong, with their places.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// What an end user may see: a fixed text without any detail.
    pub fn public_message(&self) -> &'static str {
        match self.code().kind() {
            Kind::Refused => "This link is no longer valid. Please start again.",
            _ => crate::outcome::PUBLIC_FAILURE,
        }
    }

    fn describe(&self) -> String {
        let problems = self.0.problems.iter().map(|problem| format!("\n  {problem}"));
        self.0.message.clone() + &problems.collect::<String>()
    }
}

/// A result of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_counts_lines_and_characters_from_one() {
        let problem = Problem::at_offset("a = 1\nßb = 2\n", 8, "bad");
        assert_eq!((problem.line, problem.column), (Some(2), Some(2)));
        assert_eq!(problem.source_line.as_deref(), Some("ßb = 2"));
    }

    #[test]
    fn an_offset_inside_a_character_does_not_panic() {
        assert_eq!(Problem::at_offset("ß", 1, "bad").column, Some(1));
        assert_eq!(Problem::at_offset("", 9, "bad").line, Some(1));
    }
}
