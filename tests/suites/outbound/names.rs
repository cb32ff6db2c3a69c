//! Names and certificates: where a granted name may lead, and who is believed to
//! be there. Names are pretended, servers are on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use flowhost::{Engine, Network, NetworkFuture};
use flowhost_tests::{Cli, Server, engine_builder, ok, outbound, project};
use serde_json::json;
use tokio::net::TcpStream;

use super::{logs, sending};

/// Public addresses that lead to servers on this machine.
#[derive(Default)]
struct Pretended {
    names: Vec<(&'static str, Vec<IpAddr>)>,
    answered: Mutex<usize>,
    connected: Arc<Mutex<Vec<SocketAddr>>>,
}

const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));
const PRIVATE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Network for Pretended {
    /// The first time the first of its addresses, then the next: a name that
    /// is bound anew between two looks.
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        let known = self.names.iter().find(|(name, _)| *name == host);
        let mut answered = self.answered.lock().expect("a lock");
        let answer = known.and_then(|(_, ips)| ips.get(*answered).or(ips.last())).copied();
        *answered += 1;
        let unknown = std::io::Error::from(std::io::ErrorKind::NotFound);
        Box::pin(async move { answer.map(|ip| vec![ip]).ok_or(unknown) })
    }

    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        self.connected.lock().expect("a lock").push(address);
        Box::pin(TcpStream::connect((LOOPBACK, address.port())))
    }
}

fn pretending(names: Vec<(&'static str, Vec<IpAddr>)>) -> (Engine, Arc<Mutex<Vec<SocketAddr>>>) {
    let network = Pretended { names, ..Pretended::default() };
    let connected = Arc::clone(&network.connected);
    let authority = std::fs::read(project().join("tests/certificates/authority.pem"));
    let builder = engine_builder().network(network).outbound_roots(authority.expect("a file"));
    (builder.build().expect("an engine"), connected)
}

fn https(name: &str, port: u16) -> String {
    format!("https://{name}:{port}")
}

#[test]
fn a_certificate_is_trusted_for_its_names_alone() {
    let server = Server::https(|_, stream| stream.write_all(&ok("safe")));
    let (right, wrong) =
        (https("risk.example.com", server.port()), https("evil.example", server.port()));
    let flow = || sending(&[&right, &wrong], json!([{ "url": right }, { "url": wrong }]));
    let names = vec![("risk.example.com", vec![PUBLIC]), ("evil.example", vec![PUBLIC])];
    let logs = logs(flow().on(&pretending(names).0));
    assert_eq!(logs[0], "200 safe");
    let begins = format!("error OutboundFailed: TLS with {wrong}: invalid peer certificate: ");
    assert!(logs[1].starts_with(&begins), "{}", logs[1]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_authority_that_is_not_the_machines_is_not_trusted_by_default() {
    let server = Server::https(|_, stream| stream.write_all(&ok("safe")));
    let origin = https("localhost", server.port());
    let line = logs(sending(&[&origin], json!([{ "url": origin }]))).remove(0);
    assert!(line.starts_with("error OutboundFailed: "), "{line}");
    assert!(server.requests().is_empty());
    let bad = engine_builder().outbound_roots("-----BEGIN CERTIFICATE-----\n*\n").build();
    assert_eq!(bad.expect_err("no PEM").code().as_str(), "engine_unavailable");
}

#[test]
fn the_environment_may_name_other_authorities() {
    let server = Server::https(|_, stream| stream.write_all(&ok("safe")));
    let (cli, origin) = (Cli::new(), https("localhost", server.port()));
    cli.write("outbound.wasm", outbound());
    let flow = format!(
        "name = \"f\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\n\
         component = \"outbound.wasm\"\noutbound = [\"{origin}\"]\n\
         configuration = {{ requests = [{{ url = \"{origin}\" }}] }}\n"
    );
    cli.write("flow.toml", flow);
    let mut command = cli.command();
    command.env("SSL_CERT_FILE", project().join("tests/certificates/authority.pem"));
    let run = command.args(["run", "flow.toml", "--event", "event.json", "--json"]);
    let output = run.output().expect("the command");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("200 safe"), "{output:?}");
}

#[test]
fn a_name_that_leads_inside_is_refused_though_it_is_granted() {
    let server = Server::https(|_, stream| stream.write_all(&ok("safe")));
    let origin = https("risk.example.com", server.port());
    for (address, what) in
        [(PRIVATE, "10.0.0.1, a private address"), (LOOPBACK, "127.0.0.1, a loopback address")]
    {
        let (engine, connected) = pretending(vec![("risk.example.com", vec![address])]);
        let line = logs(sending(&[&origin], json!([{ "url": origin }])).on(&engine)).remove(0);
        assert_eq!(line, format!("error OutboundRefused: risk.example.com resolves to {what}"));
        assert!(connected.lock().expect("a lock").is_empty());
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_name_that_is_bound_anew_is_connected_where_it_was_checked() {
    let server = Server::https(|_, stream| stream.write_all(&ok("safe")));
    let origin = https("risk.example.com", server.port());
    let names = vec![("risk.example.com", vec![PUBLIC, PRIVATE])];
    let (engine, connected) = pretending(names);
    let requests = json!([{ "url": origin, "times": 2 }]);
    let logs = logs(sending(&[&origin], requests).on(&engine));
    assert_eq!(logs[0], "200 safe");
    assert!(logs[1].contains("resolves to 10.0.0.1"), "each request is checked: {}", logs[1]);
    let expected = [SocketAddr::new(PUBLIC, server.port())];
    assert_eq!(*connected.lock().expect("a lock"), expected);
}

#[test]
fn a_name_that_nobody_knows_is_a_failure() {
    let (engine, _) = pretending(Vec::new());
    let origin = "https://risk.example.com";
    let line = logs(sending(&[origin], json!([{ "url": origin }])).on(&engine));
    assert_eq!(line, ["error OutboundFailed: risk.example.com cannot be resolved"]);
}
