//! [`BrowserCookie`]: what ties a flow to one browser. Any flow that begins in
//! a browser is bound to the same value, so that several may go on at once.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use cookie::{Cookie, SameSite};
use flowhost::{Result, Secret};
use url::Url;

/// The prefix makes browsers refuse it from anywhere but this host, over TLS.
const NAME: &str = "__Host-flowhost";

/// Without TLS, on this machine.
const NAME_WITHOUT_TLS: &str = "flowhost-dev";

/// 32 bytes in base64url.
const LENGTH: usize = 43;

/// The value of the cookie.
pub(super) struct BrowserCookie(Secret);

impl BrowserCookie {
    /// A new one.
    pub(super) fn random() -> Result<Self> {
        Secret::random().map(BrowserCookie)
    }

    /// The one that a request carries.
    pub(super) fn of(public_url: &Url, headers: &HeaderMap) -> Option<Self> {
        let name = name(public_url);
        let lines = headers.get_all(COOKIE).iter();
        // As bytes: other cookies of this host may hold anything.
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let mut ours = pairs.filter_map(|pair| value_of(name, pair));
        // Of two one may be somebody else's.
        let (one, None) = (ours.next()?, ours.next()) else { return None };
        Some(BrowserCookie(Secret::new(one)))
    }

    pub(super) fn value(&self) -> &str {
        self.0.expose()
    }

    /// As a header sets it.
    pub(super) fn to_header(&self, public_url: &Url) -> String {
        Cookie::build((name(public_url), self.value()))
            .path("/")
            .http_only(true)
            .secure(is_secure(public_url))
            .same_site(SameSite::Lax)
            .build()
            .to_string()
    }
}

fn is_secure(public_url: &Url) -> bool {
    public_url.scheme() == "https"
}

fn name(public_url: &Url) -> &'static str {
    if is_secure(public_url) { NAME } else { NAME_WITHOUT_TLS }
}

/// The value, if this pair has that name and the value is one of ours.
fn value_of<'p>(name: &str, pair: &'p [u8]) -> Option<&'p str> {
    let value = pair.trim_ascii().strip_prefix(name.as_bytes())?.trim_ascii_start();
    let value = std::str::from_utf8(value.strip_prefix(b"=")?.trim_ascii()).ok()?;
    fits(value).then_some(value)
}

fn fits(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    value.len() == LENGTH && value.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(url: &str, line: impl AsRef<[u8]>) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_bytes(line.as_ref()).expect("a header"));
        let url = url.parse().expect("a URL");
        BrowserCookie::of(&url, &headers).map(|cookie| cookie.value().to_owned())
    }

    #[test]
    fn it_reads_back_what_it_sets() {
        let cookie = BrowserCookie::random().expect("randomness");
        for (url, name, secure) in [
            ("https://reset.example.com/", "__Host-flowhost", true),
            ("http://127.0.0.1:1/", "flowhost-dev", false),
        ] {
            let header = cookie.to_header(&url.parse().expect("a URL"));
            let attributes: Vec<&str> = header.split("; ").collect();
            assert_eq!(attributes[0], format!("{name}={}", cookie.value()));
            for expected in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(attributes.contains(&expected), "{header}");
            }
            assert_eq!(attributes.contains(&"Secure"), secure, "{header}");
            let line = format!("a=b; {}", attributes[0]);
            assert_eq!(read(url, &line).as_deref(), Some(cookie.value()));
        }
    }

    #[test]
    fn other_cookies_may_hold_anything() {
        let url = "https://reset.example.com/";
        let value = "x".repeat(LENGTH);
        let ours = format!("__Host-flowhost={value}");
        for line in [
            [b"name=J\xfcrgen; ".as_slice(), ours.as_bytes()].concat(),
            [ours.as_bytes(), ";name=J\u{fc}rgen".as_bytes()].concat(),
            format!("a; =b;; __Host-flowhost2={value}; {ours} ;").into_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&line).into_owned();
            assert_eq!(read(url, &line).as_deref(), Some(value.as_str()), "{shown}");
        }
        let broken = [ours.as_bytes(), b"\xfc"].concat();
        assert_eq!(read(url, &broken), None);
    }

    #[test]
    fn two_and_broken_ones_are_none() {
        let url = "https://reset.example.com/";
        let value = "x".repeat(LENGTH);
        let one = format!("__Host-flowhost={value}");
        assert!(read(url, &one).is_some());
        for line in
            ["__Host-flowhost=x", &format!("{one}; {one}"), &format!("flowhost-dev={value}")]
        {
            assert_eq!(read(url, line), None, "{line}");
        }
    }
}
