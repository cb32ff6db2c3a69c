//! [`ApiKeys`]: who may use the API. Keys are compared by their digests in
//! constant time, each with each, so that time tells nothing about them.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use flowhost::{Code, Error, Result};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// The shortest key, in bytes.
const SHORTEST: usize = 32;

/// The digests of the keys.
pub(crate) struct ApiKeys(Vec<[u8; 32]>);

impl ApiKeys {
    /// Reads keys: one in each line; lines that begin with `#` are comments.
    ///
    /// # Errors
    /// `usage` when there is none, or one is too short. Never shows a key.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let hint = "one in each line, at least 32 characters: openssl rand -hex 32";
        let wrong = |what: String| Error::new(Code::Usage, what).with_hint(hint);
        let lines = text.lines().map(str::trim).enumerate();
        let mut keys = Vec::new();
        for (number, key) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            if key.len() < SHORTEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                let what = format!(
                    "the API key in line {} is not {SHORTEST} or more printable characters",
                    number + 1
                );
                return Err(wrong(what));
            }
            keys.push(digest(key.as_bytes()));
        }
        match keys.is_empty() {
            true => Err(wrong("there is no API key: who may start flows?".to_owned())),
            false => Ok(ApiKeys(keys)),
        }
    }

    /// Whether a request carries one of them.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return false };
        let Some((scheme, key)) = value.as_bytes().split_at_checked(7) else { return false };
        let presented = digest(key);
        let equal = |known: &[u8; 32]| known.ct_eq(&presented);
        let any = self.0.iter().map(equal).fold(Choice::from(0), |any, one| any | one);
        scheme.eq_ignore_ascii_case(b"Bearer ") & bool::from(any)
    }
}

fn digest(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn admits(keys: &ApiKeys, header: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header.parse().expect("a header"));
        keys.admit(&headers)
    }

    #[test]
    fn any_of_the_keys_is_admitted_and_nothing_else() {
        let keys = ApiKeys::parse(&format!("# old\n{KEY}\n\n  {}  \n", KEY.replace('0', "x")));
        let keys = keys.expect("keys");
        assert!(admits(&keys, &format!("Bearer {KEY}")));
        assert!(admits(&keys, &format!("bearer {}", KEY.replace('0', "x"))));
        for header in ["", "Bearer ", KEY, &format!("Basic  {KEY}"), &format!("Bearer {KEY}x")] {
            assert!(!admits(&keys, header), "{header}");
        }
        assert!(!keys.admit(&HeaderMap::new()));
    }

    #[test]
    fn short_keys_and_none_are_refused() {
        for text in ["", "# no key", &KEY[1..], "0123456789abcdef 0123456789abcdef"] {
            assert!(ApiKeys::parse(text).is_err(), "{text}");
        }
    }
}
