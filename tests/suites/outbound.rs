//! Requests of actions to other sites: what a flow grants, what is refused on
//! whatever way, and what ends a request. Servers are on this machine. That no
//! address and no spelling gets around the rules is tested beside them.

mod names;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use flowhost::{ActionSpec, Component, Event, FlowSpec};
use flowhost_tests::{
    Cli, Scenario, Server, Step, engine_builder, nobody, ok, outbound, shared_engine, wait_for,
};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// A flow of one action that sends these requests and may send any to `granted`.
fn sending(granted: &[&str], requests: Value) -> Scenario {
    let script = json!({ "requests": requests });
    Scenario::new().component("a", outbound(), script).last(|action| {
        action.outbound = Some(granted.iter().map(|&origin| origin.to_owned()).collect());
    })
}

/// What the action logged for each request.
#[track_caller]
fn logs(scenario: Scenario) -> Vec<String> {
    scenario.start().expect("completed").logs()
}

/// What comes of a single GET to a server, at a path.
#[track_caller]
fn get(server: &Server, path: &str) -> String {
    let origin = server.origin();
    logs(sending(&[&origin], json!([{ "url": origin.clone() + path }]))).remove(0)
}

// What is granted.

#[test]
fn a_granted_origin_is_reached_by_get_and_post() {
    let server = Server::saying("hello");
    let (origin, host) = (server.origin(), server.address());
    let requests = json!([
        { "url": format!("{origin}/a?b=c"), "headers": [["x-key", "v"], ["accept", "text/plain"]] },
        { "url": format!("{origin}?b=c"), "method": "POST", "body": "ping" },
        { "url": origin, "method": "PUT", "body": "ping", "headers": [["content-length", "4"]] },
    ]);
    assert_eq!(logs(sending(&[&origin], requests)), ["200 hello"; 3]);
    let seen = server.requests();
    assert!(seen[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{}", seen[0]);
    for line in ["x-key: v", "accept: text/plain", &format!("host: {host}")] {
        assert!(seen[0].contains(&format!("\r\n{line}\r\n")), "{line} in {}", seen[0]);
    }
    assert!(seen[1].starts_with("POST /?b=c HTTP/1.1\r\n"), "{}", seen[1]);
    assert!(seen[1].ends_with("\r\n\r\n4\r\nping\r\n0\r\n\r\n"), "{}", seen[1]);
    assert!(seen[2].starts_with("PUT / HTTP/1.1\r\n") && seen[2].ends_with("\r\n\r\nping"));
}

#[test]
fn without_a_grant_the_component_is_refused_when_it_is_loaded() {
    // The same component, granted to another action, is compiled already.
    sending(&[], json!([])).load().expect("a flow");
    let flow = sending(&[], json!([])).last(|action| action.outbound = None);
    let error = flow.load().expect_err("refused");
    assert_eq!(error.code().as_str(), "component_import_refused");
    let problems: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert!(
        problems.iter().any(|p| p.starts_with("wasi:http/outgoing-handler@0.2")),
        "{problems:?}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("outbound = [")), "{:?}", error.hint());

    let action = |name| ActionSpec::new(name, Component::Bytes(outbound().to_vec()));
    let both = FlowSpec::new("both").action(action("a").outbound(["https://a.example"]));
    let refused = wait_for(shared_engine().load(both.action(action("b")))).expect_err("refused");
    assert_eq!(refused.code().as_str(), "component_import_refused");
    let alone = FlowSpec::new("alone").action(action("a"));
    let fresh = engine_builder().build().expect("an engine");
    let refused = wait_for(fresh.load(alone)).expect_err("refused");
    assert_eq!(refused.code().as_str(), "component_import_refused");
}

#[test]
fn a_grant_is_for_requests_and_for_nothing_else_of_wasi() {
    for interface in ["http/incoming-handler@0.2.6", "sockets/tcp@0.2.6", "http/types@0.3.0"] {
        let wat = format!("(component (import \"wasi:{interface}\" (instance)))");
        let component = Component::Bytes(wat::parse_str(wat).expect("a component"));
        let flow = FlowSpec::new("f")
            .action(ActionSpec::new("a", component).outbound(["https://risk.example.com"]));
        let error = wait_for(shared_engine().load(flow)).expect_err(interface);
        assert_eq!(error.code().as_str(), "component_import_refused", "{interface}");
    }
}

#[test]
fn an_empty_list_loads_and_refuses_every_request() {
    let server = Server::saying("hello");
    let logs = logs(sending(&[], json!([{ "url": server.origin() }])));
    let origin = server.origin();
    let expected =
        format!("error OutboundRefused: {origin} is not among this action's outbound origins");
    assert_eq!(logs, [expected]);
    assert!(server.requests().is_empty());
}

#[test]
fn another_port_scheme_or_host_is_another_origin() {
    let (granted, other) = (Server::saying("granted"), Server::saying("other"));
    let port = granted.port();
    let requests = json!([
        { "url": other.origin() },
        { "url": format!("https://127.0.0.1:{port}") },
        { "url": format!("http://localhost:{port}") },
        { "url": format!("http://127.0.0.2:{port}") },
        { "url": format!("http://user:hidden@127.0.0.1:{port}") },
        { "url": format!("ftp://127.0.0.1:{port}") },
        { "url": granted.origin() },
        { "url": format!("http://127.1:{port}") },
        { "url": format!("http://0x7f000001:{port}") },
    ]);
    let logs = logs(sending(&[&granted.origin()], requests));
    for line in &logs[..6] {
        assert!(line.starts_with("error OutboundRefused: "), "{line}");
        assert!(!line.contains("hidden"), "{line}");
    }
    // Other spellings of what is granted.
    assert_eq!(logs[6..], ["200 granted"; 3]);
    assert!(
        granted.requests().iter().all(|head| head.contains(&format!("host: 127.0.0.1:{port}")))
    );
    assert!(other.requests().is_empty());
}

#[test]
fn each_hop_of_a_redirect_is_asked_for_anew() {
    let there = Server::saying("there");
    let to = there.origin();
    let server = Server::http(move |request, stream| {
        let location = match request.split(' ').nth(1).unwrap_or_default() {
            "/near" => "/far".to_owned(),
            "/there" => to.clone(),
            path => format!("http:/{path}"),
        };
        write!(stream, "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
    });
    let (origin, to) = (server.origin(), there.origin());
    let hop = |path: &str| json!({ "url": format!("{origin}{path}"), "follow": 20 });
    let requests = json!([
        hop("/there"),
        hop("/10.0.0.1/"),
        hop("/169.254.169.254/latest/meta-data"),
        hop("/localhost:1/"),
    ]);
    let refused = logs(sending(&[&origin], requests.clone()));
    assert!(refused.iter().all(|line| line.starts_with("error OutboundRefused: ")), "{refused:?}");
    assert!(there.requests().is_empty());
    assert_eq!(logs(sending(&[&origin, &to], requests))[0], "200 there");
    // A hundred hops end with the tenth request.
    let circle = Server::http(|request, stream| {
        let host = request.split("host: ").nth(1).and_then(|rest| rest.lines().next());
        let location = format!("http://{}/", host.unwrap_or_default());
        write!(stream, "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
    });
    let circling = json!([{ "url": circle.origin(), "follow": 100 }]);
    let ended = logs(sending(&[&circle.origin()], circling));
    assert_eq!(ended, ["error OutboundRefused: more than 10 requests in one run"]);
    assert_eq!(circle.requests().len(), 10);
}

// Limits.

#[test]
fn the_eleventh_request_of_a_run_is_refused() {
    let server = Server::saying("hello");
    let origin = server.origin();
    let flow = || sending(&[&origin], json!([{ "url": origin, "times": 12 }]));
    let refused = "error OutboundRefused: more than 10 requests in one run";
    let expected = [vec!["200 hello"; 10], vec![refused; 2]].concat();
    assert_eq!(logs(flow()), expected);
    assert_eq!(server.requests().len(), 10);
    let more = flow().last(|action| action.limits.outbound_requests = 12);
    assert_eq!(logs(more), ["200 hello"; 12]);
    // Those that were refused count, and those that run at the same time.
    let at_once = json!({ "requests": [{ "url": origin, "times": 11 }], "at_once": true });
    let flow = sending(&[&origin], json!([])).last(|action| {
        action.configuration = at_once.as_object().cloned().unwrap_or_default();
    });
    assert_eq!(logs(flow)[10], refused);
}

/// Answers a number with so many bytes, in chunks if it begins with `c`.
fn zeros() -> Server {
    Server::http(|request, stream| {
        let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
        let size: usize = path.trim_start_matches('c').parse().unwrap_or(0);
        let zeros = vec![b'0'; size];
        if !path.starts_with('c') {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n")?;
            return stream.write_all(&zeros);
        }
        write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        for chunk in zeros.chunks(50_000) {
            write!(stream, "{:x}\r\n", chunk.len())?;
            stream.write_all(chunk)?;
            write!(stream, "\r\n")?;
        }
        write!(stream, "0\r\n\r\n")
    })
}

#[test]
fn a_response_has_at_most_one_mebibyte() {
    let server = zeros();
    let full = format!("200 {MIB} bytes 00000000000000000000");
    assert_eq!(get(&server, &format!("/{MIB}")), full);
    assert_eq!(get(&server, &format!("/c{MIB}")), full);
    let refused = "OutboundRefused: the response has more than 1 MiB";
    assert_eq!(get(&server, &format!("/{}", MIB + 1)), format!("error {refused}"));
    assert_eq!(get(&server, &format!("/c{}", MIB + 1)), format!("error {refused}"));
    let origin = server.origin();
    let flow = |limit| {
        let flow = sending(&[&origin], json!([{ "url": format!("{origin}/c20000") }]));
        flow.last(|action| action.limits.outbound_response = limit)
    };
    assert_eq!(logs(flow(20_000)), ["200 20000 bytes 00000000000000000000"]);
    let refused = "OutboundRefused: the response has more than 19999 B";
    assert_eq!(logs(flow(19_999)), [format!("error {refused}")]);
}

#[test]
fn what_is_compressed_stays_compressed() {
    let server = Server::http(|_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n";
        stream.write_all(head.as_bytes())?;
        stream.write_all(&[b'z'; 1000])
    });
    assert_eq!(get(&server, "/"), "200 1000 bytes zzzzzzzzzzzzzzzzzzzz");
    assert!(!server.requests()[0].to_lowercase().contains("accept-encoding"));
}

#[test]
fn what_a_request_carries_counts_as_handed_to_the_host() {
    let server = Server::saying("hello");
    let origin = server.origin();
    let flow = |request: Value| {
        sending(&[&origin], json!([request])).last(|action| action.limits.host_bytes = 60_000)
    };
    let body = |zeros: usize| json!({ "url": origin, "method": "POST", "zeros": zeros });
    flow(body(50_000)).start().expect("completed");
    flow(body(70_000)).start().expect_failure("action_error", "host_call_bytes_exceeded");
    let sent = server.requests();
    assert!(sent.iter().all(|request| request.len() < 65_000), "more went out");
    let long = format!("{origin}/{}", "x".repeat(30_000));
    flow(json!({ "url": long, "times": 3 }))
        .start()
        .expect_failure("action_error", "host_call_bytes_exceeded");
}

// Time.

#[test]
fn waiting_for_an_answer_is_no_computing() {
    let server = Server::http(|_, stream| {
        sleep(Duration::from_millis(400));
        stream.write_all(&ok("late"))
    });
    let flow = sending(&[&server.origin()], json!([{ "url": server.origin() }]));
    assert_eq!(logs(flow.last(|action| action.limits.cpu_time = 200)), ["200 late"]);
}

#[test]
fn a_slow_body_ends_with_the_flows_time_and_so_does_its_connection() {
    let gone = Arc::new(OnceLock::new());
    let told = Arc::clone(&gone);
    let server = Server::http(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
        loop {
            sleep(Duration::from_millis(20));
            if stream.write_all(b"0").is_err() {
                _ = told.set(());
                return Ok(());
            }
        }
    });
    let started = now();
    let flow = sending(&[&server.origin()], json!([{ "url": server.origin() }]));
    let flow = flow.flow(|flow| flow.limits.wall_clock = 700);
    flow.start().expect_failure("action_timeout", "wall_clock_exceeded");
    assert!(started.elapsed() < Duration::from_secs(5));
    while gone.get().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "the connection is still there");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_action_may_wait_for_less_than_the_host_would() {
    let server = Server::http(|_, _| {
        sleep(Duration::from_secs(5));
        Ok(())
    });
    let origin = server.origin();
    let flow = sending(&[&origin], json!([{ "url": origin, "first_byte_ms": 100 }]));
    assert_eq!(logs(flow), [format!("error OutboundFailed: {origin}: no answer in time")]);
}

#[test]
fn a_request_that_nobody_waits_for_ends_with_its_run() {
    let connected = Arc::new(AtomicUsize::new(0));
    let gone = Arc::clone(&connected);
    let server = Server::http(move |_, stream| {
        gone.fetch_add(1, Ordering::SeqCst);
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {
            sleep(Duration::from_millis(5));
        }
        gone.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    });
    let script = json!({
        "requests": [{ "url": server.origin(), "times": 3 }], "at_once": true, "abandon": true,
    });
    let engine = shared_engine();
    let flow = sending(&[&server.origin()], json!([])).last(|action| {
        action.configuration = script.as_object().cloned().unwrap_or_default();
    });
    let (loaded, event) = (flow.load().expect("a flow"), flow.event_json());
    // The runtime goes on, so that what is left behind would, too.
    wait_for(async {
        let event = Event::from_json(&event).expect("an event");
        let report = engine.start(&loaded, event).await.expect("a report");
        Step::new(engine, report).expect("completed");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(connected.load(Ordering::SeqCst), 0, "connections that outlived the run");
    });
}

// What servers do.

#[test]
fn answers_without_a_body_are_answers() {
    let server = Server::http(|request, stream| match request.split(' ').next() {
        Some("HEAD") => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"),
        Some("DELETE") => stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"),
        _ => stream.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    });
    let origin = server.origin();
    let requests = ["HEAD", "DELETE", "GET"].map(|name| json!({ "url": origin, "method": name }));
    let expected = ["200 ", "204 ", "304 "];
    assert_eq!(logs(sending(&[&origin], requests.as_slice().into())), expected);
}

#[test]
fn an_endless_head_is_not_read_to_its_end() {
    let server = Server::http(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        for number in 0.. {
            write!(stream, "x-{number}: {}\r\n", "y".repeat(1000))?;
        }
        Ok(())
    });
    let line = get(&server, "/");
    assert!(line.starts_with("error OutboundFailed: "), "{line}");
}

#[test]
fn what_is_no_proper_answer_is_a_failure_that_repeats_nothing_of_it() {
    let answers: [&[u8]; 7] = [
        b"",
        b"\x00\x01\x02 leak",
        b"SSH-2.0-leak\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nleak",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nleak\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nleak",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: leak\r\n\r\n",
    ];
    for answer in answers {
        let server = Server::http(move |_, stream| stream.write_all(answer));
        let line = get(&server, "/?key=hidden");
        assert!(line.starts_with("error OutboundFailed: "), "{line}");
        assert!(!line.contains("leak") && !line.contains("hidden"), "{line}");
    }
}

#[test]
fn nobody_listening_is_a_failure_by_name() {
    let origin = format!("http://{}", nobody());
    let line = logs(sending(&[&origin], json!([{ "url": format!("{origin}/?key=hidden") }])));
    assert_eq!(line, [format!("error OutboundFailed: {origin}: connection refused")]);
}

#[test]
fn fields_that_belong_to_the_connection_are_the_hosts() {
    let server = Server::saying("hello");
    let origin = server.origin();
    let names = ["host", "connection", "upgrade", "transfer-encoding", "proxy-authorization", "te"];
    for name in names {
        let request = json!([{ "url": origin, "headers": [[name, "x"]] }]);
        assert_eq!(logs(sending(&[&origin], request)), ["error header: HeaderError::Forbidden"]);
    }
    let broken = json!([{ "url": origin, "headers": [["x", "a\r\nhost: evil.example"]] }]);
    assert_eq!(logs(sending(&[&origin], broken)), ["error header: HeaderError::InvalidSyntax"]);
    let method = json!([{ "url": origin, "method": "CONNECT" }]);
    let refused = "error OutboundRefused: the method CONNECT is not allowed";
    assert_eq!(logs(sending(&[&origin], method)), [refused]);
    assert!(server.requests().is_empty());
}

// Around it.

#[test]
fn a_suspended_flow_keeps_what_it_was_granted() {
    let server = Server::saying("hello");
    let origin = server.origin();
    let flow = |granted: &[&str]| {
        let script = json!({
            "requests": [{ "url": origin }],
            "redirect": "https://verify.example.com/",
        });
        sending(granted, json!([])).flow(|flow| "pinned".clone_into(&mut flow.name)).last(
            |action| {
                action.configuration = script.as_object().cloned().unwrap_or_default();
            },
        )
    };
    let refused =
        format!("error OutboundRefused: {origin} is not among this action's outbound origins");
    let (more, less) = (flow(&[&origin]), flow(&[]));
    let suspended: Vec<Step> = [&more, &less].map(|flow| flow.start().expect("redirect")).into();
    assert_eq!(suspended[0].logs(), ["200 hello"]);
    assert_eq!(suspended[1].logs(), [refused.as_str()]);
    // A deploy in between, either way.
    for newest in [&less, &more] {
        newest.load().expect("a flow");
    }
    assert_eq!(suspended[1].returns(&[]).expect("completed").logs(), [refused]);
    less.load().expect("a flow");
    assert_eq!(suspended[0].returns(&[]).expect("completed").logs(), ["200 hello"]);
}

#[test]
fn the_command_reads_grants_from_the_flow_file_and_no_proxy_from_the_environment() {
    let (server, proxy) = (Server::saying("hello"), Server::saying("proxied"));
    let (cli, origin) = (Cli::new(), server.origin());
    cli.write("outbound.wasm", outbound());
    let flow = |grant: &str| {
        format!(
            "name = \"f\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\n\
             component = \"outbound.wasm\"\n{grant}\n\
             configuration = {{ requests = [{{ url = \"{origin}/?key=hidden\" }}] }}\n"
        )
    };
    cli.write("flow.toml", flow(&format!("outbound = [\"{origin}\"]")));
    let mut command = cli.command();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        command.env(name, proxy.origin());
    }
    let run = command.args(["run", "flow.toml", "--event", "event.json", "--json"]);
    let output = run.output().expect("the command");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["outcome"], "completed", "{report:#}");
    assert!(report.to_string().contains("200 hello"), "{report:#}");
    assert!(proxy.requests().is_empty());

    cli.write("flow.toml", flow(""));
    let alone = cli.run(&["check", "outbound.wasm"]).exits(0);
    assert!(alone.stdout.contains("every request is refused unless `outbound`"), "{alone:?}");
    let inspected = cli.run(&["inspect", "outbound.wasm"]).exits(0);
    assert!(inspected.stdout.contains("needs     outbound"), "{inspected:?}");
    let refused = cli.run(&["check", "flow.toml"]).exits(2);
    assert!(refused.stderr.contains("wasi:http/outgoing-handler@0.2"), "{}", refused.stderr);
    assert!(refused.stderr.contains("outbound = ["), "{}", refused.stderr);
}

#[expect(clippy::disallowed_methods, reason = "how long a test takes is no date")]
fn now() -> Instant {
    Instant::now()
}
