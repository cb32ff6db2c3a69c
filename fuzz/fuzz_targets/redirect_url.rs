//! Text → a URL that the user may be sent to. What is accepted is read by the
//! `url` crate as what it is: the same host, an allowed scheme, no credentials,
//! of bounded length, and with the state exactly once.
//!
//! The input: a line of switches, a line with the URL, and the pairs of the
//! query, name and value in turn, a line each.

use flowhost::{Code, RedirectPolicy, fuzzing};
use url::{Host, Url};

const LIMIT: u64 = 8192;
const STATE: &str = "GSuYPEySycn-DW9cw1Jrou3RDZwVrCrfc6gx4opsSJU";

pub(crate) fn fuzz(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.split('\n');
    let switches = lines.next().unwrap_or_default();
    let mut policy = RedirectPolicy::default();
    policy.allow_http = switches.contains('h');
    if switches.contains('a') {
        policy.allow = Some(vec!["https://a.example".into(), "http://localhost:8080".into()]);
    }
    let url = lines.next().unwrap_or_default();
    let mut pairs = Vec::new();
    while let Some(name) = lines.next() {
        pairs.push((name.to_owned(), lines.next().unwrap_or_default().to_owned()));
    }
    match fuzzing::redirect_url(url, &pairs, &policy, LIMIT, STATE) {
        Ok((checked, sent)) => accepted(url, &pairs, &policy, (&checked, &sent)),
        Err(code) => {
            let known = [Code::InvalidUrl, Code::UrlNotAllowed, Code::UrlTooLong];
            assert!(known.contains(&code), "{code}");
        }
    }
}

fn accepted(
    given: &str,
    pairs: &[(String, String)],
    policy: &RedirectPolicy,
    (checked, sent): (&str, &str),
) {
    let given = Url::parse(given).expect("what is accepted is a URL");
    let checked_url = Url::parse(checked).expect("what was checked is a URL");
    assert_eq!(checked_url.as_str(), checked, "it is normalised");
    let url = Url::parse(sent).expect("what is sent is a URL");
    assert_eq!(url.as_str(), sent, "it is normalised");
    for seen in [&url, &checked_url] {
        assert_eq!(seen.host(), given.host());
        assert_eq!(seen.origin(), given.origin());
        assert_eq!(seen.path(), given.path());
        assert_eq!(seen.fragment(), given.fragment());
        assert!(seen.username().is_empty() && seen.password().is_none(), "credentials: {seen}");
        let loopback = match seen.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => panic!("no host: {seen}"),
        };
        let scheme = seen.scheme();
        assert!(scheme == "https" || scheme == "http" && (policy.allow_http || loopback), "{seen}");
        if let Some(allow) = &policy.allow {
            assert!(allow.contains(&seen.origin().ascii_serialization()), "{seen}");
        }
        assert!(seen.as_str().is_ascii() && !seen.as_str().contains(char::is_control));
    }
    assert!(sent.len() as u64 <= LIMIT, "{} bytes", sent.len());
    let states: Vec<_> = url.query_pairs().filter(|(name, _)| name == "state").collect();
    assert!(matches!(&states[..], [(_, value)] if value == STATE), "{sent}");
    for (name, _) in pairs.iter().filter(|(name, _)| name != "state") {
        let last = pairs.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let mut values = url.query_pairs().filter(|(other, _)| other == name);
        let value = values.next().map(|(_, value)| value.into_owned());
        assert_eq!(value.as_deref(), last, "`{name}` in {sent}");
        assert!(values.next().is_none(), "`{name}` twice in {sent}");
    }
}
