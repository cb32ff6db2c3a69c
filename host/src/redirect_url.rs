//! [`RedirectUrl`]: the only way a URL of an action gets out. Absolute,
//! normalised (WHATWG URL), of an allowed scheme and origin, without
//! credentials, of bounded length.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::error::Code;
use crate::flow::RedirectPolicy;

/// `state` is 32 bytes in base64url.
const STATE_LENGTH: usize = 43;

/// A URL an action may send the user to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectUrl(Url);

/// Why a URL was refused.
pub(crate) type Refusal = (Code, String);

impl RedirectUrl {
    /// Checks `url` after each pair of `query` replaced the parameters of the
    /// same name. `limit` is in bytes and leaves room for `state`.
    pub(crate) fn new(
        url: &str,
        query: &[(String, String)],
        policy: &RedirectPolicy,
        limit: u64,
    ) -> Result<Self, Refusal> {
        let given: usize =
            url.len() + query.iter().map(|(n, v)| n.len() + v.len() + 2).sum::<usize>();
        // Before any work on it: a megabyte of parameters takes minutes.
        if given as u64 > limit {
            return Err(too_long(given, limit));
        }
        let invalid = |error: url::ParseError| (Code::InvalidUrl, format!("Invalid URL: {error}"));
        let mut url = Url::parse(url).map_err(invalid)?;
        set_parameters(&mut url, query);
        check_scheme(&url, policy)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(not_allowed("credentials in a URL are not allowed"));
        }
        if let Some(allow) = &policy.allow {
            let origin = url.origin().ascii_serialization();
            if !allow.contains(&origin) {
                return Err(not_allowed(&format!(
                    "{origin} is not among the flow's `redirects.allow`"
                )));
            }
        }
        // Adding the state writes the whole query anew, which may lengthen it.
        let length = RedirectUrl::with_state(url.as_str(), &"s".repeat(STATE_LENGTH)).len();
        if length as u64 > limit {
            return Err(too_long(length, limit));
        }
        Ok(RedirectUrl(url))
    }

    /// What is beyond the origin, as it is and decoded: where a secret would
    /// be seen by others.
    pub(crate) fn readable(&self) -> Vec<String> {
        let encoded = &self.0[url::Position::BeforePath..];
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let mut parts = vec![encoded.to_owned(), decoded(encoded)];
        parts.extend(self.0.query_pairs().flat_map(|(n, v)| [n.into_owned(), v.into_owned()]));
        parts
    }

    pub(crate) fn into_string(self) -> String {
        self.0.into()
    }

    /// A URL that was checked before, with `state` set.
    pub(crate) fn with_state(checked: &str, state: &str) -> String {
        match Url::parse(checked) {
            Ok(mut url) => {
                set_parameters(&mut url, &[("state".to_owned(), state.to_owned())]);
                url.into()
            }
            Err(_) => checked.to_owned(),
        }
    }
}

/// Puts each pair in the place of all parameters of its name.
fn set_parameters(url: &mut Url, pairs: &[(String, String)]) {
    if pairs.is_empty() {
        return;
    }
    let last: HashMap<&str, usize> =
        pairs.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !last.contains_key(&**name)).collect();
    let set = pairs.iter().enumerate().filter(|(at, (name, _))| last.get(&**name) == Some(at));
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(set.map(|(_, pair)| pair));
}

fn too_long(length: usize, limit: u64) -> Refusal {
    let message = format!("the URL has {length} bytes with its state; {limit} are allowed");
    (Code::UrlTooLong, message)
}

fn check_scheme(url: &Url, policy: &RedirectPolicy) -> Result<(), Refusal> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if policy.allow_http || is_loopback(url) => Ok(()),
        "http" => Err(not_allowed("http is allowed to loopback addresses only; use https")),
        scheme => Err(not_allowed(&format!("the scheme `{scheme}` is not allowed; use https"))),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn not_allowed(why: &str) -> Refusal {
    (Code::UrlNotAllowed, why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, query: &[(&str, &str)]) -> Result<String, Code> {
        let query: Vec<_> = query.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        RedirectUrl::new(url, &query, &RedirectPolicy::default(), 8192)
            .map(RedirectUrl::into_string)
            .map_err(|(code, _)| code)
    }

    #[test]
    fn pairs_replace_parameters_of_the_same_name() {
        let url = check("https://a.example/?x=1&y=2&x=3", &[("x", "4 5")]);
        assert_eq!(url.as_deref(), Ok("https://a.example/?y=2&x=4+5"));
    }

    #[test]
    fn the_url_is_normalised() {
        let url = check("HTTPS://A.Example:443/b/../c d", &[]);
        assert_eq!(url.as_deref(), Ok("https://a.example/c%20d"));
    }

    #[test]
    fn state_overrides_one_already_there() {
        let url = RedirectUrl::with_state("https://a.example/?state=old&x=1", "new");
        assert_eq!(url, "https://a.example/?x=1&state=new");
    }

    #[test]
    fn schemes_hosts_and_credentials_that_are_refused() {
        for url in ["/relative", "", "https://", "https://[::1", "http:///"] {
            assert_eq!(check(url, &[]), Err(Code::InvalidUrl), "{url}");
        }
        let refused = [
            "http://example.com/",
            "http://localhost.example.com/",
            "http://0x7f000001.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com/",
            "https://user@example.com/",
            "https://user:secret@example.com/",
        ];
        for url in refused {
            assert_eq!(check(url, &[]), Err(Code::UrlNotAllowed), "{url}");
        }
        for url in ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/", "http://0x7f.1/"] {
            assert!(check(url, &[]).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_allow_list_compares_whole_origins() {
        let allow = Some(vec!["https://a.example".to_owned()]);
        let policy = RedirectPolicy { allow, ..RedirectPolicy::default() };
        let check = |url| RedirectUrl::new(url, &[], &policy, 8192).map_err(|(code, _)| code);
        assert!(check("https://a.example/x").is_ok());
        for url in ["https://b.a.example/", "https://a.example:8443/", "https://evila.example/"] {
            assert_eq!(check(url).err(), Some(Code::UrlNotAllowed), "{url}");
        }
    }

    #[test]
    fn the_length_counts_the_state_to_come() {
        let fits = format!(
            "https://a.example/{}",
            "x".repeat(8192 - "https://a.example/?state=".len() - STATE_LENGTH)
        );
        assert!(check(&fits, &[]).is_ok());
        assert_eq!(RedirectUrl::with_state(&fits, &"s".repeat(43)).len(), 8192);
        assert_eq!(check(&(fits + "x"), &[]), Err(Code::UrlTooLong));
        // `/` in a query is written `%2F` when the state is added.
        let grows = format!("https://a.example/?x={}", "/".repeat(4000));
        assert_eq!(check(&grows, &[]), Err(Code::UrlTooLong));
    }
}
