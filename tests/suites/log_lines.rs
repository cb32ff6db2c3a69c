//! Text of others in what is printed and logged: one record is one line, nothing
//! in it moves a cursor or turns the direction of writing, and a flood of it is
//! counted, not kept.

use flowhost_tests::serving::{Serving, request};
use flowhost_tests::{Cli, Scenario, event};
use serde_json::{Value, json};

/// Control characters, line separators and what turns the direction of text.
fn misleads(c: char) -> bool {
    let code = u32::from(c);
    code < 0x20
        || (0x7f..0xa0).contains(&code)
        || [0x061c, 0x200e, 0x200f, 0x2028, 0x2029].contains(&code)
        || (0x202a..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code)
}

/// What misleads in a text of many lines.
fn raw(text: &str) -> Vec<char> {
    text.chars().filter(|c| misleads(*c) && *c != '\n').collect()
}

/// All that mislead.
fn misleading() -> String {
    (0..0x3000).filter_map(char::from_u32).filter(|c| misleads(*c)).collect()
}

/// A flow file of one scripted action.
fn flow(execute: &Value) -> String {
    let configuration = json!({ "execute": execute });
    let configuration = toml::Value::try_from(&configuration).expect("TOML");
    format!(
        "name = \"t\"\ntrigger = \"post-challenge@1\"\n\n[limits]\nevent = \"32 MiB\"\n\
         [[action]]\nname = \"one\"\ncomponent = \"scripted.wasm\"\n\
         configuration = {configuration}\n[action.limits]\nlog_bytes = \"64 MiB\"\n\
         log_lines = 10000\nhost_bytes = \"256 MiB\"\nhost_calls = 100000\n\
         fuel = 100000000000\n"
    )
}

/// Every character once, in a field of the event, and from there in the log.
#[test]
fn every_character_is_printed_on_its_line_and_none_misleads() {
    let all: Vec<char> = (0..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
    let chunks: Vec<String> = all.chunks(4000).map(|chunk| chunk.iter().collect()).collect();
    let mut event = event();
    event["user"]["user_metadata"]["x"] = json!(chunks);
    let read = |at| json!({ "text_at": format!("/user/user_metadata/x/{at}") });
    let cli = Cli::new();
    cli.write("event.json", event.to_string());
    cli.write("flow.toml", flow(&(0..chunks.len()).map(read).collect()));
    let run = |more: &[&str]| {
        let ran = cli.run(&[&["run", "flow.toml", "-e", "event.json"], more].concat()).exits(0);
        assert_eq!(raw(&ran.stdout), Vec::<char>::new());
        assert_eq!(ran.stderr, "");
        ran
    };
    let report = run(&["--json"]).json();
    let logs = report["runs"][0]["logs"].as_array().expect("lines");
    assert_eq!(logs.len(), chunks.len());
    for (line, chunk) in logs.iter().zip(&chunks) {
        // Escaped where it is printed, and the same when it is read.
        assert_eq!(line["message"], format!("text_at: {chunk}"));
    }
    // The first chunk has a line break: what is after it has a margin.
    let printed = run(&[]).stdout;
    assert_eq!(printed.lines().filter(|line| line.starts_with("    info ")).count(), chunks.len());
    let others = printed.lines().filter(|line| line.starts_with("           │ ")).count();
    assert_eq!(others, 1, "{printed:.2000}");
    for named in ["\\u{0}", "\\u{1b}", "\\u{9b}", "\\u{61c}", "\\u{202e}", "\\u{2066}"] {
        assert!(printed.contains(named), "{named}");
    }
}

/// Wherever an action's text ends in what is printed.
#[test]
fn whatever_an_action_says_misleads_nobody() {
    let text = misleading();
    let steps = [
        json!({ "log": { "level": "warn", "message": text } }),
        json!({ "print": text }),
        json!({ "deny": text }),
        json!({ "fail": { "name": text, "message": text, "stack": text } }),
        json!({ "panic": text }),
        json!({ "render": { "id": text, "fields": { &text: text }, "vars": { "x": [text] } } }),
        json!({ "send_user_to": { "url": format!("https://a.example/{text}?{text}") } }),
        json!({ "send_user_to": { "url": text } }),
        json!({ "set_result_url": { "url": format!("https://a.example/#{text}") } }),
        json!({ "challenge_with": { "factor": { "type": text, "options": { &text: text } } } }),
        json!({ "validate_token": { "secret": { "named": text }, "parameter": text } }),
        json!({ "cache_get": text }),
        json!({ &text: text }),
    ];
    let cli = Cli::new();
    for step in steps {
        cli.write("flow.toml", flow(&json!([step])));
        for more in [&[][..], &["--json"]] {
            let ran = cli.run(&[&["run", "flow.toml", "-e", "event.json"], more].concat());
            assert!([0, 10, 12, 20].contains(&ran.exit), "{step}: {ran:#?}");
            let found = (raw(&ran.stdout), raw(&ran.stderr));
            assert_eq!(found, (vec![], vec![]), "{step} {more:?}: {ran:#?}");
        }
    }
}

#[test]
fn no_message_looks_like_another_record() {
    const FAKE: &str = "x\n    info   fake\r\n\n  Outcome  completed fake\n\u{2028}fake";
    let steps = [
        json!({ "log": { "level": "info", "message": FAKE } }),
        json!({ "deny": FAKE }),
        json!({ "fail": { "name": "E", "message": FAKE, "stack": FAKE } }),
    ];
    let cli = Cli::new();
    for step in steps {
        cli.write("flow.toml", flow(&json!([step])));
        let ran = cli.run(&["run", "flow.toml", "-e", "event.json"]);
        assert!(ran.stdout.contains("fake"), "{ran:#?}");
        let outcomes = ran.stdout.lines().filter(|line| line.trim_start().starts_with("Outcome"));
        assert_eq!(outcomes.count(), 1, "{ran:#?}");
        let infos = ran.stdout.lines().filter(|line| line.trim_start().starts_with("info  "));
        assert!(infos.count() <= 1, "{ran:#?}");
    }
}

/// Names in a component are anything until it is validated.
#[test]
fn names_in_a_component_mislead_nobody() {
    use std::fmt::Write as _;
    let name = misleading().chars().fold(String::new(), |mut name, c| {
        _ = write!(name, "\\u{{{:x}}}", u32::from(c));
        name
    });
    let cli = Cli::new();
    let component = format!(
        "(component (import \"{name}\" (instance)) (instance $i) (export \"{name}\" (instance $i)))"
    );
    cli.write("odd.wasm", wat::parse_str(component).expect("a component"));
    let flow = flow(&json!([])).replace("scripted.wasm", "odd.wasm");
    cli.write("flow.toml", flow);
    for arguments in [
        &["inspect", "odd.wasm"][..],
        &["check", "odd.wasm"],
        &["run", "flow.toml", "-e", "event.json"],
    ] {
        for more in [&[][..], &["--json"]] {
            let ran = cli.run(&[arguments, more].concat());
            let printed = format!("{}{}", ran.stdout, ran.stderr);
            assert!(printed.contains("202e"), "{arguments:?}: {printed}");
            assert_eq!(raw(&printed), Vec::<char>::new(), "{arguments:?}: {printed}");
        }
    }
}

/// A script may pass on what others typed.
#[test]
fn arguments_that_are_wrong_mislead_nobody() {
    let cli = Cli::new();
    // The first one is the end of an argument.
    let text: String = misleading().chars().skip(1).collect();
    let option = format!("--{text}");
    let pair = format!("--query={text}");
    for arguments in [
        &["run", &option][..],
        &[&text],
        &["explain", &text],
        &["resume", &text],
        &["resume", "x", &pair],
        &["run", &text, "-e", &text],
        &["run", "flow.toml", "-e", "event.json", "--store", &text],
        &["token", "--secret-file", &text, "--state", &text, "--sub", &text],
    ] {
        for more in [&[][..], &["--json"]] {
            let ran = cli.run(&[arguments, more].concat());
            let printed = format!("{}{}", ran.stdout, ran.stderr);
            assert!(ran.exit > 0 && !printed.is_empty(), "{arguments:?}");
            assert_eq!(raw(&printed), Vec::<char>::new(), "{arguments:?}: {printed}");
        }
    }
}

/// Of an action, of the backend, of the browser: in the log each record is one
/// line.
#[test]
fn a_servers_log_has_one_line_for_each_record() {
    let text = misleading();
    let steps = json!([
        { "log": { "level": "error", "message": text } },
        { "print": text },
        { "deny": text },
    ]);
    for format in ["text", "json"] {
        let cli = Cli::new();
        cli.write("flow.toml", flow(&steps));
        let server = Serving::with(&cli, &["flow.toml", "--log", format], |_| {});
        let mut event = event();
        event["user"]["user_metadata"]["x"] = json!(text);
        event["request"]["user_agent"] = json!(text);
        let start = |flow: &str| json!({ "flow": flow, "event": event, "wait_for_browser": false });
        server.call("POST", "/v1/flows", Some(&start("t"))).expect(200);
        server.call("POST", "/v1/flows", Some(&start(&text)));
        server.call("GET", "/v1/flows/%0a%1b%5b2J%e2%80%ae", None);
        let odd = format!("user-agent: \u{9b}\u{202e}\u{2028}\r\ntraceparent: {}\r\n", "\u{202e}");
        for path in ["/continue?state=%0a%1b%e2%80%ae", "/%0a%1b\u{202e}", "/begin?state=\u{9b}"] {
            server.send(&request("GET", path, &odd, b""));
        }
        let log = server.stop();
        assert!(log.lines().count() > 5, "{log}");
        assert_eq!(raw(&log), Vec::<char>::new(), "{log}");
        for line in log.lines() {
            match format {
                "json" => drop(serde_json::from_str::<Value>(line).expect(line)),
                // Each begins with its date.
                _ => assert!(line.starts_with("20") && line.contains("Z  "), "{line}: {log}"),
            }
        }
    }
}

/// An action that logs one message of `length` bytes so many times.
fn flood(length: usize, times: u64) -> Vec<u8> {
    let text = include_str!("../guests/flood.wat");
    let text = text.replace("LENGTH", &length.to_string()).replace("TIMES", &times.to_string());
    wat::parse_str(text).expect("a component")
}

const GIB: u64 = 1 << 30;

#[test]
fn a_gibibyte_of_log_is_counted_and_not_kept() {
    for length in [1 << 20, 1 << 16, 4000] {
        let times = GIB / length as u64;
        let flow = Scenario::new().component("flood", &flood(length, times), json!({}));
        let flow = flow.flow(|flow| flow.limits.wall_clock = 120_000).last(|action| {
            action.limits.host_bytes = 2 * GIB;
            action.limits.host_calls = 1 << 20;
            action.limits.cpu_time = 60_000;
            action.limits.fuel = 1 << 40;
        });
        let logs = flow.start().expect("completed").logs();
        let kept = 16 * 1024 / length as u64;
        assert_eq!(logs.len() as u64, kept + 1, "{length}");
        assert_eq!(
            logs.last().expect("a line"),
            &format!("{} more messages were not kept", times - kept)
        );
        assert!(logs[..kept as usize].iter().map(String::len).sum::<usize>() <= 16 * 1024);
    }
}

/// With the limits that everyone has, however it is written.
#[test]
fn a_flood_ends_with_the_budget_of_its_run() {
    let text = "x".repeat(64 * 1024);
    for (step, code) in [
        (json!({ "log": { "level": "info", "message": text } }), "host_call_bytes_exceeded"),
        (json!({ "print": text }), "host_calls_exceeded"),
        (json!({ "eprint": text }), "host_calls_exceeded"),
    ] {
        let many = json!([{ "repeat": { "times": 20_000, "steps": [{ "quiet": step }] } }]);
        let flow = Scenario::executing(many).last(|action| action.limits.fuel = 1 << 40);
        let flow = flow.last(|action| action.limits.cpu_time = 60_000);
        let step = flow.start().expect_failure("action_error", code);
        let logs = step.logs();
        let bytes: usize = logs.iter().map(String::len).sum();
        assert!(logs.len() <= 257 && bytes <= 16 * 1024 + 100, "{} of {bytes}", logs.len());
        assert!(logs.last().expect("a line").ends_with("more messages were not kept"), "{logs:#?}");
    }
}
