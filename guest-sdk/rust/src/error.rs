//! Why a handler gave up, and why a call was refused.
//!
//! [`Error`] is what a handler returns; everything that implements
//! [`std::error::Error`] becomes one by `?`. [`ApiError`] is the refusal of a
//! single call; it has a code that is fit for comparing.

use std::any::{Any, type_name};
use std::fmt;

use crate::bindings::flowhost::post_challenge::types;

/// Why a handler gave up. The flow fails with it.
///
/// The name is for sorting failures: an [`ApiError`] gives its code, any other
/// error the name of its type.
///
/// ```
/// use flowhost_action::Error;
///
/// fn attempts(text: &str) -> Result<u32, Error> {
///     Ok(text.parse()?)
/// }
///
/// let error = attempts("many").unwrap_err();
/// assert_eq!(error.to_string(), "ParseIntError: invalid digit found in string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    name: String,
    message: String,
    stack: Option<String>,
}

impl Error {
    /// An error of the author's own, such as `("MissingEmail", "user has no email")`.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), stack: None }
    }

    /// Say where it happened.
    #[must_use]
    pub fn with_stack(mut self, stack: impl Into<String>) -> Self {
        self.stack = Some(stack.into());
        self
    }

    /// The error's kind.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What happened, for an operator.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

// `Error` itself is no `std::error::Error`: this conversion would then collide
// with the reflexive one of the standard library.
impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        match (&error as &dyn Any).downcast_ref::<ApiError>() {
            Some(refusal) => Self::new(&refusal.code, &refusal.message),
            None => Self::new(type_label::<E>(), error.to_string()),
        }
    }
}

impl From<Error> for types::Failure {
    fn from(error: Error) -> Self {
        Self { name: error.name, message: error.message, stack: error.stack }
    }
}

/// The last segment of a type's path, without type arguments.
fn type_label<T>() -> &'static str {
    let path = type_name::<T>();
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// A call that was refused. Nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Stable and fit for comparing, such as `MaxSideEffectsExceeded`.
    pub code: String,
    /// For the action's author.
    pub message: String,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<types::ApiError> for ApiError {
    fn from(refusal: types::ApiError) -> Self {
        Self { code: refusal.code, message: refusal.message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Wrapped<T>(T);

    impl<T> fmt::Display for Wrapped<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("wrapped")
        }
    }

    impl<T: fmt::Debug> std::error::Error for Wrapped<T> {}

    #[test]
    fn a_converted_error_is_named_after_its_type() {
        assert_eq!(Error::from("x".parse::<u8>().unwrap_err()).name(), "ParseIntError");
    }

    #[test]
    fn type_arguments_are_no_part_of_the_name() {
        assert_eq!(Error::from(Wrapped(Some("a::b"))).name(), "Wrapped");
    }

    #[test]
    fn a_refused_call_is_named_by_its_code() {
        let refusal = ApiError { code: "InvalidUrl".into(), message: "no scheme".into() };
        assert_eq!(Error::from(refusal), Error::new("InvalidUrl", "no scheme"));
    }

    #[test]
    fn the_failure_keeps_name_message_and_stack() {
        let failure = types::Failure::from(Error::new("A", "b").with_stack("c"));
        assert_eq!((failure.name, failure.message), ("A".to_owned(), "b".to_owned()));
        assert_eq!(failure.stack.as_deref(), Some("c"));
    }
}
