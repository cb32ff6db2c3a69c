//! [`Secret`]: a value that must not be shown. It has no `Debug` that prints
//! it, no `Display` and no `Serialize`, and is wiped when dropped.
//!
//! [`Redactor`] takes secrets out of text on its way to a log, a message or a
//! report.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Result;

/// A secret of an action.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `value`.
    pub fn new(value: impl Into<String>) -> Self {
        Secret(Zeroizing::new(value.into()))
    }

    /// A new key: 256 random bits, written as 43 characters of base64url.
    ///
    /// # Errors
    /// `internal` when the system has no randomness.
    pub fn random() -> Result<Self> {
        crate::suspension::random_key().map(Secret::new)
    }

    /// The value. Whoever calls this must not let it out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Secret::new(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Shorter lines of a secret, such as `}`, say nothing by themselves.
const TELLING_LINE: usize = 8;

/// Replaces the secrets of an action in text by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    /// Longest value first, so that a secret inside another does not leave
    /// the rest of the longer one standing.
    secrets: Vec<(String, Secret)>,
}

impl Redactor {
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = (&'a str, &'a Secret)>) -> Self {
        let mut secrets: Vec<_> = secrets
            .flat_map(|(name, secret)| {
                // A key of many lines is often printed line by line.
                let lines = secret.expose().lines().map(str::trim);
                let telling = lines.filter(|line| line.len() >= TELLING_LINE).map(Secret::new);
                let parts: Vec<_> = std::iter::once(secret.clone()).chain(telling).collect();
                // As it stands in the JSON that actions log.
                let as_json = parts.iter().map(|part| {
                    let text = serde_json::to_string(part.expose()).map(Secret::new);
                    let text = text.as_ref().map_or("", Secret::expose);
                    Secret::new(text.get(1..text.len().saturating_sub(1)).unwrap_or_default())
                });
                let written: Vec<_> = as_json.filter(|json| !parts.contains(json)).collect();
                parts.into_iter().chain(written).map(move |part| (name.to_owned(), part))
            })
            .filter(|(_, secret)| !secret.expose().is_empty())
            .collect();
        secrets.sort_by_key(|(_, secret)| std::cmp::Reverse(secret.expose().len()));
        Redactor { secrets }
    }

    /// The text without secret values.
    pub(crate) fn redact(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, (name, secret)| {
            if text.contains(secret.expose()) {
                let text = Zeroizing::new(text);
                text.replace(secret.expose(), &format!("[secret {name}]"))
            } else {
                text
            }
        })
    }

    /// The name of a secret that occurs in `text`, if any.
    pub(crate) fn find(&self, text: &str) -> Option<&str> {
        let found = self.secrets.iter().find(|(_, secret)| text.contains(secret.expose()));
        found.map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_inside_another_leaves_nothing_of_either() {
        let (short, long) = (Secret::new("hunter"), Secret::new("hunter2-and-more"));
        let redactor = Redactor::new([("A", &short), ("B", &long)].into_iter());
        let text = redactor.redact("x hunter2-and-more y hunter z".to_owned());
        assert_eq!(text, "x [secret B] y [secret A] z");
    }

    #[test]
    fn a_secret_of_many_lines_is_found_line_by_line() {
        let key = Secret::new("-----BEGIN KEY-----\nc2VjcmV0LWxpbmU=\n}\n");
        let redactor = Redactor::new([("K", &key)].into_iter());
        assert_eq!(redactor.redact("x c2VjcmV0LWxpbmU= }".to_owned()), "x [secret K] }");
    }

    /// What it must not be able to do, it cannot even be asked for.
    #[test]
    fn it_has_no_text_and_no_json() {
        use std::marker::PhantomData;

        struct Shows<T>(PhantomData<T>);
        trait Otherwise {
            const AS_TEXT: bool = false;
            const AS_JSON: bool = false;
        }
        // What a type can do comes before what all are said to.
        impl<T> Otherwise for Shows<T> {}
        struct Text<T>(PhantomData<T>);
        impl<T> Otherwise for Text<T> {}
        impl<T: fmt::Display> Text<T> {
            const AS_TEXT: bool = true;
        }
        impl<T: serde::Serialize> Shows<T> {
            const AS_JSON: bool = true;
        }
        const { assert!(Text::<String>::AS_TEXT && Shows::<String>::AS_JSON) }
        const { assert!(!Text::<Secret>::AS_TEXT && !Shows::<Secret>::AS_JSON) }
    }

    #[test]
    fn debug_does_not_show_the_value() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
