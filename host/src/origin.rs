//! [`Origin`]: scheme, host and port, as the URL standard reads them. What a
//! flow grants an action and what the action asks for are compared in this
//! form only, so that no two spellings of a host differ: `0x7f.1` is
//! `127.0.0.1`, `A.Example.` is `a.example`, `https` means port 443.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Where requests may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Origin {
    https: bool,
    host: Host,
    port: u16,
}

impl Origin {
    /// An origin that a flow grants.
    pub(crate) fn granted(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "no origin like `https://risk.example.com`";
        let spelled = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '@');
        if text.contains(spelled) || !text.contains("://") {
            return Err(EXPECTED);
        }
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("more than an origin: scheme, host and port are all that is granted");
        }
        Origin::of(&url)
    }

    fn of(url: &Url) -> Result<Self, &'static str> {
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("a scheme that is not allowed; use https"),
        };
        let host = match url.host() {
            // A dot at the end names the same host.
            Some(Host::Domain(name)) => match name.strip_suffix('.').unwrap_or(name) {
                name if name.contains('*') => {
                    return Err("a pattern; name each host by itself");
                }
                name if name.split('.').any(str::is_empty) => return Err("no name of a host"),
                name => Host::Domain(name.to_owned()),
            },
            Some(host) => host.to_owned(),
            None => return Err("no name of a host"),
        };
        let port = url.port().unwrap_or(if https { 443 } else { 80 });
        let origin = Origin { https, host, port };
        match https || origin.is_loopback() {
            true => Ok(origin),
            false => Err("http beyond loopback addresses; use https"),
        }
    }

    /// Whether this machine itself is named, not by some name that leads here.
    pub(crate) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// Whether a page of this address may be shown to users: https, or http on
    /// this machine.
    pub(crate) fn serves_pages(url: &Url) -> bool {
        Origin::of(url).is_ok()
    }
}

#[cfg(feature = "outbound")]
impl Origin {
    /// The origin that a request asks for.
    pub(crate) fn requested(scheme: &str, authority: &str) -> Result<Self, &'static str> {
        let url = Url::parse(&format!("{scheme}://{authority}/"));
        let url = url.map_err(|_| "the address is no URL")?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("the address is no URL");
        }
        if authority.contains('@') {
            return Err("credentials in a URL are not allowed");
        }
        Origin::of(&url)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Host and port, as the `host` header has them.
    pub(crate) fn authority(&self) -> String {
        let default = if self.https { 443 } else { 80 };
        match self.port == default {
            true => self.host.to_string(),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, default) = if self.https { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        match self.port == default {
            true => Ok(()),
            false => write!(f, ":{}", self.port),
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> String {
        origin.to_string()
    }
}

impl TryFrom<String> for Origin {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Origin::granted(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "outbound")]
    #[test]
    fn spellings_of_one_origin_are_equal() {
        let same = |grant: &str, scheme: &str, authority: &str| {
            assert_eq!(Origin::granted(grant), Origin::requested(scheme, authority), "{authority}");
        };
        same("https://Risk.Example.com", "https", "risk.example.com:443");
        same("https://risk.example.com/", "HTTPS", "RISK.example.com.");
        same("https://api.example.com:8443", "https", "api.example.com:8443");
        for authority in ["127.1:80", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1."] {
            same("http://127.0.0.1", "http", authority);
        }
        same("http://[::1]:81", "http", "[0:0::1]:81");
        same("http://localhost:8080", "http", "LOCALHOST.:8080");
    }

    #[test]
    fn what_is_no_origin_is_not_granted() {
        let wrong = [
            "",
            "risk.example.com",
            "https:risk.example.com",
            "https://",
            "https://risk.example.com/path",
            "https://risk.example.com/?",
            "https://risk.example.com?q=1",
            "https://risk.example.com#f",
            "https://user@risk.example.com",
            "https://user:pass@risk.example.com",
            "https://@risk.example.com",
            "https://*.example.com",
            "https://*",
            "https://risk.example.com:99999",
            "https://risk..example.com",
            "https://risk.example.com..",
            "https:\\\\risk.example.com",
            " https://risk.example.com",
            "http://risk.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://risk.example.com",
            "ws://risk.example.com",
            "file:///etc/passwd",
        ];
        for text in wrong {
            assert!(Origin::granted(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_read_as_it_was_written() {
        for text in ["https://a.example", "https://a.example:8443", "http://[::1]:8080"] {
            let origin = Origin::granted(text).expect(text);
            assert_eq!(origin.to_string(), text);
            let json = serde_json::to_string(&origin).expect("JSON");
            assert_eq!(serde_json::from_str::<Origin>(&json).expect("an origin"), origin);
        }
    }
}
