//! Queries and forms: strict where libraries guess. What is no UTF-8 is
//! refused, and a parameter that is given twice.

use flowhost::Code;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::problem::Problem;

/// More parameters than any form has.
const MOST: usize = 1000;

/// The parameters of a query or a form, in order.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |what: &str| Problem::new(Code::RequestInvalid, what);
        let mut pairs = Vec::new();
        let mut names = std::collections::HashSet::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name).ok_or_else(|| wrong("a parameter is no UTF-8"))?;
            let value = decoded(value).ok_or_else(|| wrong("a parameter is no UTF-8"))?;
            if !names.insert(name.clone()) {
                return Err(wrong("a parameter is given twice"));
            }
            if names.len() > MOST {
                return Err(wrong("there are too many parameters"));
            }
            pairs.push((name, value));
        }
        Ok(Parameters(pairs))
    }

    /// The parameter with this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// As a query.
    pub(super) fn to_query(&self) -> String {
        let pairs =
            self.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// A text as it may stand in a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let read = Parameters::parse("a=1+2&b=%C3%A4%0d%0a&c&=d").expect("parameters");
        let pairs: Vec<_> = read.iter().collect();
        assert_eq!(pairs, [("a", "1 2"), ("b", "ä\r\n"), ("c", ""), ("", "d")]);
        let again = Parameters::parse(&read.to_query()).expect("parameters");
        assert_eq!(again.into_pairs(), read.into_pairs());
    }

    #[test]
    fn twice_and_broken_are_refused() {
        for text in ["a=1&a=1", "a=1&%61=2", "a=%ff", "%c3=1"] {
            assert!(Parameters::parse(text).is_err(), "{text}");
        }
    }
}
