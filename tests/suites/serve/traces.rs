//! Traces: what a collector gets to see.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use flowhost_tests::Cli;
use flowhost_tests::serving::{Serving, wait_until};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};

use super::{flow_file, redirect, sent_away};

/// A collector of traces on a port of its own.
pub(super) struct Collector {
    address: SocketAddr,
    exports: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let exports = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&exports);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    while let Some(body) = read(&mut stream) {
                        kept.lock().expect("a lock").push(body);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        _ = stream.get_mut().write_all(answer);
                    }
                });
            }
        });
        Collector { address, exports }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` says of it.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that was sent, as it was.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.exports.lock().expect("a lock").concat()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        let exports = self.exports.lock().expect("a lock");
        let decoded = exports.iter().map(|bytes| ExportTraceServiceRequest::decode(&bytes[..]));
        let requests = decoded.map(|request| request.expect("protobuf"));
        let resources = requests.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

/// The body of one request; none at the end.
fn read(stream: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

/// The attributes of a span, as JSON.
fn attributes(span: &Span) -> Value {
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
    let pairs = span.attributes.iter().filter_map(|attribute| {
        let value = match attribute.value.as_ref()?.value.as_ref()? {
            Any::StringValue(text) => json!(text),
            Any::IntValue(number) => json!(number),
            Any::BoolValue(flag) => json!(flag),
            other => json!(format!("{other:?}")),
        };
        Some((attribute.key.clone(), value))
    });
    Value::Object(pairs.collect())
}

#[test]
fn each_request_each_leg_and_each_run_is_a_span() {
    let collector = Collector::start();
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([{ "deny": "no" }])));
    let server = Serving::with(&cli, &["flow.toml"], |command| {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    });
    let (started, mut browser, state) = sent_away(&server);
    browser.get(&server, &format!("/continue?state={state}")).expect(303);
    server.stop();
    wait_until("the spans", || !collector.spans().is_empty());

    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let (legs, runs) = (named("flow"), named("action"));
    assert_eq!((legs.len(), runs.len()), (2, 2), "{spans:#?}");
    for (index, (outcome, handler, route)) in
        [("redirect", "on-execute", "/begin"), ("denied", "on-continue", "/continue")]
            .into_iter()
            .enumerate()
    {
        let (leg, run) = (attributes(legs[index]), attributes(runs[index]));
        assert_eq!(leg["flow"], "reset");
        assert_eq!(leg["flow_id"], started["flow_id"]);
        assert_eq!(leg["outcome"], outcome);
        assert_eq!(run["action"], "first");
        assert_eq!(run["flow"], "reset");
        assert_eq!(run["handler"], handler);
        assert_eq!(run["outcome"], "ok");
        assert!(run["fuel"].as_i64() > Some(0), "{run:#}");
        assert_eq!(runs[index].parent_span_id, legs[index].span_id);
        let parent = spans.iter().find(|span| span.span_id == legs[index].parent_span_id);
        let request = parent.expect("a request");
        assert_eq!(request.name, format!("GET {route}"));
        let request = attributes(request);
        assert_eq!(request["http.route"], route, "{request:#}");
        assert_eq!(request["http.response.status_code"], 303, "{request:#}");
    }
}

#[test]
fn a_collector_that_is_away_is_nobodys_trouble() {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    let server = Serving::with(&cli, &["flow.toml"], |command| {
        let nobody = format!("http://{}", flowhost_tests::nobody());
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", nobody);
    });
    let (_, mut browser, state) = sent_away(&server);
    browser.get(&server, &format!("/continue?state={state}")).expect(303);
    server.stop();
}
