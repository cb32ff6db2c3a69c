//! Where requests of actions never get: every address that is not public, and
//! every way to spell or to reach one. No test here opens a connection.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Empty};
use tokio::net::TcpStream;

use super::*;

/// Answers what it was told, in turn, the last one for ever. No connection
/// comes about; who it was asked for is kept.
#[derive(Default)]
struct Pretended {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    resolved: Mutex<Vec<String>>,
    connected: Mutex<Vec<SocketAddr>>,
}

impl Network for Arc<Pretended> {
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        self.resolved.lock().expect("a lock").push(host.to_owned());
        let mut answers = self.answers.lock().expect("a lock");
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(async move { Ok(answer.unwrap_or_default()) })
    }

    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        self.connected.lock().expect("a lock").push(address);
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn ips(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| ip(text)).collect()
}

fn gate(connector: Option<Connector>, granted: &[&str]) -> Gate {
    Gate {
        connector: Arc::new(connector.expect("no roots")),
        granted: granted.iter().map(|text| Origin::granted(text).expect(text)).collect(),
        requests: 0,
        max_requests: 10,
        max_response: 1 << 20,
        meter: Meter::new(Duration::from_secs(1)),
        max_exchanged: 1 << 20,
    }
}

fn empty() -> WasiBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// How a request ended that cannot have been answered.
fn ended(sent: Box<dyn Future<Output = Answer> + Send>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    match runtime.expect("a runtime").block_on(Box::into_pin(sent)) {
        Err(Error::InternalError(Some(text))) => text,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("answered"),
    }
}

/// What comes of a request to `url` where `granted` is, and whom it got to.
fn request(granted: &[&str], url: &str, answers: &[&[&str]]) -> (String, Vec<SocketAddr>) {
    request_with("GET", granted, url, answers)
}

fn request_with(
    method: &str,
    granted: &[&str],
    url: &str,
    answers: &[&[&str]],
) -> (String, Vec<SocketAddr>) {
    let network = Arc::new(Pretended::default());
    *network.answers.lock().expect("a lock") = answers.iter().map(|texts| ips(texts)).collect();
    let mut gate = gate(Connector::new(Some(Arc::new(Arc::clone(&network))), b""), granted);
    let Ok(request) = Request::builder().method(method).uri(url).body(empty()) else {
        return ("OutboundRefused: no URI".to_owned(), Vec::new());
    };
    let sent = gate.send_request(request, None, Box::new(async { Ok(()) }));
    let text = ended(sent);
    let connected = network.connected.lock().expect("a lock").clone();
    let resolved = network.resolved.lock().expect("a lock").clone();
    let after = text.contains(" resolves to ") || text.starts_with("OutboundFailed: ");
    assert!(after || resolved.is_empty(), "{url} was resolved, then refused: {text}");
    assert!(resolved.len() <= 1, "{url} was resolved more than once");
    (text, connected)
}

/// One or more of each block, its first and last where that says something.
const NOT_PUBLIC: &str = "
    0.0.0.0 0.0.0.1 0.1.2.3 0.255.255.255 10.0.0.0 10.0.0.1 10.1.2.3 10.255.255.255 100.64.0.0
    100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.0 127.0.0.1 127.0.1.1 127.1.2.3
    127.255.255.255 168.63.129.16 169.254.0.1 169.254.169.253 169.254.169.254 169.254.170.2
    169.254.255.255 172.16.0.0 172.16.0.1 172.17.0.1 172.31.255.255 192.0.0.0 192.0.0.1
    192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.0 192.0.2.1 192.0.2.255 192.88.99.1 192.168.0.0
    192.168.0.1 192.168.1.1 192.168.255.255 198.18.0.0 198.18.0.1 198.19.255.255 198.51.100.1
    198.51.100.255 203.0.113.1 203.0.113.255 224.0.0.0 224.0.0.1 224.0.0.251 239.255.255.255
    240.0.0.0 240.0.0.1 250.1.2.3 255.255.255.254 255.255.255.255 :: ::1 ::2 ::7f00:1
    ::127.0.0.1 ::10.0.0.1 ::169.254.169.254 ::8.8.8.8 ::ffff:0.0.0.0 ::ffff:127.0.0.1
    ::ffff:10.0.0.1 ::ffff:192.168.1.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:7f00:1
    ::ffff:0:127.0.0.1 ::ffff:0:10.0.0.1 64:ff9b:: 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1
    64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1:: 64:ff9b:1::10.0.0.1
    64:ff9b:1:ffff:ffff:ffff:ffff:ffff 100:: 100::1 100:0:0:1::1 200::1 400::1 1000::1
    1fff:ffff::1 2001:: 2001::1 2001:0:7f00:1::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1
    2001:2::1 2001:2:0:ffff::1 2001:3::1 2001:4:112::1 2001:10::1 2001:1f:ffff::1 2001:20::1
    2001:2f:ffff::1 2001:1ff:ffff::1 2001:db8:: 2001:db8::1 2001:db8:ffff::1 2002::
    2002:7f00:1::1 2002:a00:1::1 2002:c0a8:101::1 2002:a9fe:a9fe::1 2002:808:808::1 3fff::1
    3fff:fff:ffff::1 2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:127.0.0.1 4000::1 5f00::1
    8000::1 c000::1 f000::1 fc00:: fc00::1 fd00::1 fd00:ec2::254 fd12:3456:789a::1
    fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00::1 fe7f::1 fe80:: fe80::1 fe80::a9fe:a9fe
    febf:ffff::1 fec0:: fec0::1 feff:ffff::1 ff00:: ff01::1 ff02::1 ff02::fb ff05::2 ff0e::1
    ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
";

const PUBLIC: &str = "
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0
    126.255.255.255 128.0.0.0 168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255
    172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255
    198.20.0.0 223.255.255.255 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1
    2003::1 2606:4700:4700::1111 2a00:1450:4001:80b::200e 3ffe:ffff::1 3fff:1000::1
";

#[test]
fn no_name_leads_to_an_address_that_is_not_public() {
    let addresses: Vec<&str> = NOT_PUBLIC.split_whitespace().collect();
    assert!(addresses.len() >= 120, "{} addresses", addresses.len());
    for address in addresses {
        let granted = ["https://risk.example.com"];
        let (text, connected) =
            request(&granted, "https://risk.example.com/?key=hidden", &[&[address]]);
        let found = ip(address);
        let begins = format!("OutboundRefused: risk.example.com resolves to {found}, ");
        assert!(text.starts_with(&begins), "{address}: {text}");
        assert!(connected.is_empty(), "{address}: connected");
        assert!(!text.contains("hidden"), "{text}");
    }
}

#[test]
fn granting_an_address_that_is_not_public_does_not_help() {
    for address in NOT_PUBLIC.split_whitespace() {
        let found = ip(address);
        let url = format!("https://{}", SocketAddr::new(found, 8443));
        let (text, connected) = request(&[&url], &format!("{url}/"), &[]);
        match found.is_loopback() {
            true => assert!(text.starts_with("OutboundFailed: "), "{address}: {text}"),
            false => {
                assert!(text.starts_with("OutboundRefused: "), "{address}: {text}");
                assert!(connected.is_empty(), "{address}: connected");
            }
        }
    }
}

#[test]
fn public_addresses_are_connected_to() {
    for address in PUBLIC.split_whitespace() {
        let granted = ["https://risk.example.com:8443"];
        let (text, connected) = request(&granted, "https://risk.example.com:8443/", &[&[address]]);
        assert_eq!(text, "OutboundFailed: https://risk.example.com:8443: connection refused");
        assert_eq!(connected, [SocketAddr::new(ip(address), 8443)]);
    }
}

#[test]
fn among_the_addresses_of_a_name_only_public_ones_are_tried() {
    let found: &[&str] = &["10.0.0.1", "8.8.8.8", "::1", "169.254.169.254", "2606:4700::1111"];
    let (_, connected) = request(&["https://a.example"], "https://a.example/", &[found]);
    let tried: Vec<IpAddr> = connected.iter().map(SocketAddr::ip).collect();
    assert_eq!(tried, ips(&["8.8.8.8", "2606:4700::1111"]));
}

/// The answer that was checked is the one that counts.
#[test]
fn a_name_that_answers_otherwise_the_second_time_gains_nothing() {
    let answers: &[&[&str]] = &[&["8.8.8.8"], &["127.0.0.1"]];
    let (_, connected) = request(&["https://a.example"], "https://a.example/", answers);
    assert_eq!(connected, ["8.8.8.8:443".parse().expect("an address")]);
}

/// Ways to spell this machine, a private address, or another host, all of which
/// are something else than what is granted.
const ELSEWHERE: &str = "
    https://2130706433/ https://0x7f000001/ https://017700000001/ https://127.1/
    https://127.0.1/ https://0177.0.0.1/ https://0x7f.0.0.1/ https://0x7f.1/
    https://127.0.0.1./ https://0/ https://0.0.0.0/ https://[::]/ https://[::1]/
    https://[0:0:0:0:0:0:0:1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/
    https://localhost/ https://LOCALHOST/ https://localhost./ https://localhost:443/
    https://a.localhost/ https://localhost.localdomain/ https://ip6-localhost/
    https://2852039166/ https://0xa9fea9fe/ https://169.254.43518/ https://10.1/
    https://0251.0376.0251.0376/ https://169.254.169.254/ https://[fd00:ec2::254]/
    https://metadata.google.internal/ https://3232235777/ https://192.168.257/
    http://127.0.0.1/ http://127.0.0.1:80/ http://127.0.0.1:8080/ http://127.0.0.2:81/
    http://localhost:81/ http://[::1]:81/ http://0.0.0.0:81/ http://0:81/
    http://risk.example.com/ http://risk.example.com:443/ http://127.0.0.1.nip.io:81/
    https://127.0.0.1:81/ https://risk.example.com:80/ https://risk.example.com:8443/
    https://api.example.com/ https://api.example.com:443/ https://api.example.com:84430/
    https://evil.example/ https://risk.example.com.evil.example/ https://example.com/
    https://xrisk.example.com/ https://risk-example.com/ https://risk.example.com../
    https://a.risk.example.com/ https://risk%2eexample.com.evil.example/
    https://risk.example.com@evil.example/ https://risk.example.com:443@evil.example/
    https://evil.example:443@risk.example.com/ https://user@risk.example.com/
    https://:@risk.example.com/ https://%72isk.example.co/ https://*.example.com/
    ftp://risk.example.com/ ws://risk.example.com/ wss://risk.example.com/
    gopher://risk.example.com/ unix://risk.example.com/ h2c://risk.example.com/
";

#[test]
fn no_spelling_of_a_url_gets_around_the_grant() {
    let granted =
        ["https://risk.example.com", "https://api.example.com:8443", "http://127.0.0.1:81"];
    let urls: Vec<&str> = ELSEWHERE.split_whitespace().collect();
    assert!(urls.len() >= 60, "{} URLs", urls.len());
    for url in urls {
        let (scheme, authority) = url.trim_end_matches('/').split_once("://").expect("a URL");
        let origin = Origin::requested(scheme, authority).map(|origin| origin.to_string());
        assert!(origin.is_err() || !granted.contains(&origin.expect("one").as_str()), "{url}");
        let (text, connected) = request(&granted, url, &[&["8.8.8.8"]]);
        assert!(text.starts_with("OutboundRefused: "), "{url}: {text}");
        assert!(connected.is_empty(), "{url}: connected");
    }
}

#[test]
fn what_is_not_granted_is_refused_by_its_origin_alone() {
    let url = "https://evil.example/path?token=hidden#there";
    let (text, connected) = request(&["https://risk.example.com"], url, &[&["8.8.8.8"]]);
    let why = "https://evil.example is not among this action's outbound origins";
    assert_eq!(text, format!("OutboundRefused: {why}"));
    assert!(connected.is_empty());
}

#[test]
fn other_spellings_of_a_grant_reach_the_host_that_was_granted() {
    for url in ["https://RISK.example.com./a", "https://risk.example.com:443"] {
        let (text, connected) = request(&["https://risk.example.com"], url, &[&["8.8.8.8"]]);
        assert!(text.starts_with("OutboundFailed: https://risk.example.com: "), "{url}: {text}");
        assert_eq!(connected.len(), 1, "{url}");
    }
}

#[test]
fn a_loopback_origin_reaches_loopback_addresses_and_nothing_else() {
    let localhost =
        |answers: &[&str]| request(&["http://localhost:81"], "http://localhost:81/", &[answers]);
    let (_, connected) = localhost(&["8.8.8.8", "127.0.0.1", "10.0.0.1", "::1"]);
    let tried: Vec<IpAddr> = connected.iter().map(SocketAddr::ip).collect();
    assert_eq!(tried, ips(&["127.0.0.1", "::1"]));
    for address in ["8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"] {
        let (text, connected) = localhost(&[address]);
        assert!(text.starts_with("OutboundRefused: localhost resolves to "), "{text}");
        assert!(connected.is_empty(), "{address}");
    }
}

/// A network that never answers.
struct Silent;

impl Network for Silent {
    fn resolve<'a>(&'a self, _: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn an_action_may_have_less_patience_than_the_host_for_a_connection() {
    let mut gate = gate(Connector::new(Some(Arc::new(Silent)), b""), &["https://a.example"]);
    let connect_timeout = Some(Duration::from_millis(20));
    let options = RequestOptions { connect_timeout, ..RequestOptions::default() };
    let request = Request::builder().uri("https://a.example/").body(empty()).expect("a request");
    let sent = gate.send_request(request, Some(options), Box::new(async { Ok(()) }));
    let (text, expected) =
        (ended(sent), "OutboundFailed: https://a.example: no connection in time");
    assert_eq!(text, expected);
}

#[test]
fn connect_is_no_method_for_actions() {
    let granted = ["https://a.example"];
    let (text, connected) =
        request_with("CONNECT", &granted, "https://a.example/", &[&["8.8.8.8"]]);
    assert_eq!(text, "OutboundRefused: the method CONNECT is not allowed");
    assert!(connected.is_empty());
}
