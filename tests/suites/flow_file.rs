//! Flow files: what they may say, and that everything wrong is listed at once
//! with its place.

use std::path::Path;

use flowhost::{Component, FactorType, FlowSpec, SecretSource};
use flowhost_tests::{Random, Scenario, seed};
use serde_json::json;

const GOOD: &str = r#"name = "reset"
trigger = "post-challenge@1"

[limits]
fuel = 1_000
wall_clock = "5s"
memory = "32 MiB"
event = 1024

[factors]
enabled = ["otp", "push"]

[redirects]
allow = ["https://verify.example.com", "https://other.example.com:8443"]
allow_http = true
strict_issuer = true

[[action]]
name = "first"
component = "first.wasm"
configuration = { text = "a", number = 1, float = 1.5, flag = true, list = [1, "b"], date = 2026-01-31 }
secrets = { A = "literal", B = { env = "B_KEY" }, C = { file = "keys/c.txt" } }
outbound = ["https://Risk.Example.com", "http://127.0.0.1:8080"]

[action.limits]
fuel = 2_000
cpu_time = "250ms"

[[action]]
name = "second"
source = "second"
"#;

fn parse(text: &str) -> Result<FlowSpec, flowhost::Error> {
    FlowSpec::from_toml(text, Path::new("folder"))
}

/// The problems as `line:column: message`.
#[track_caller]
fn problems(text: &str) -> Vec<String> {
    let error = parse(text).map(drop).expect_err("refused");
    error.problems().iter().map(ToString::to_string).collect()
}

/// The only problem after `from` was replaced by `to` in the good file.
#[track_caller]
fn problem(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let found = problems(&GOOD.replacen(from, to, 1));
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

#[test]
fn a_good_file_says_what_it_says() {
    let flow = parse(GOOD).expect("a flow");
    assert_eq!((flow.name.as_str(), flow.actions.len()), ("reset", 2));
    assert_eq!(flow.factors, Some(vec![FactorType::Otp, FactorType::PushNotification]));
    assert_eq!(
        (flow.limits.wall_clock, flow.limits.memory, flow.limits.event),
        (5_000, 32 << 20, 1024)
    );
    let allow = flow.redirects.allow.expect("a list");
    assert_eq!(allow, ["https://verify.example.com", "https://other.example.com:8443"]);
    assert!(flow.redirects.allow_http && flow.redirects.strict_issuer);
    let first = &flow.actions[0];
    assert!(
        matches!(&first.component, Component::File(path) if path == Path::new("folder/first.wasm"))
    );
    let expected = json!({ "text": "a", "number": 1, "float": 1.5, "flag": true, "list": [1, "b"], "date": "2026-01-31" });
    assert_eq!(serde_json::Value::from(first.configuration.clone()), expected);
    let outbound = first.outbound.clone().expect("a list");
    assert_eq!(outbound, ["https://risk.example.com", "http://127.0.0.1:8080"]);
    assert_eq!(flow.actions[1].outbound, None);
    assert_eq!(first.limits.fuel, 2_000, "the action's");
    assert_eq!((first.limits.cpu_time, first.limits.memory), (250, 32 << 20), "the flow's");
    assert!(matches!(&first.secrets["B"], SecretSource::Env(name) if name == "B_KEY"));
    assert!(
        matches!(&first.secrets["C"], SecretSource::File(path) if path == Path::new("folder/keys/c.txt"))
    );
    assert!(
        matches!(&flow.actions[1].component, Component::Source(path) if path == Path::new("folder/second"))
    );
    assert_eq!(flow.actions[1].limits.fuel, 1_000, "the flow's");
}

#[test]
fn a_browser_returns_over_https_or_to_this_machine() {
    let with = |url: &str| {
        let line = format!("name = \"reset\"\nreturn_url = \"{url}\"");
        GOOD.replacen("name = \"reset\"", &line, 1)
    };
    assert_eq!(parse(GOOD).expect("a flow").return_url, None);
    for url in ["https://app.example.com/reset?a=b", "http://localhost:3000/", "http://[::1]/x"] {
        assert_eq!(parse(&with(url)).expect("a flow").return_url.as_deref(), Some(url));
    }
    for url in [
        "http://app.example.com/",
        "https://a:b@app.example.com/",
        "https://app.example.com/#part",
        "javascript:alert(1)",
        "//app.example.com",
        "",
    ] {
        let found = problems(&with(url));
        assert!(
            found.len() == 1 && found[0].starts_with("2:14: `return_url` must be"),
            "{found:?}"
        );
    }
}

#[test]
fn limits_beyond_what_any_run_can_have_are_refused() {
    let of = |line: &str| problem("fuel = 1_000", line);
    assert!(of("instances = 65").ends_with("`instances` is at most 64"));
    assert!(of("table_elements = 1_048_577").ends_with("`table_elements` is at most 1048576"));
    assert!(problem("memory = \"32 MiB\"", "memory = \"5 GiB\"").ends_with("at most 4 GiB"));
    let flow = Scenario::executing(json!([])).last(|action| action.limits.instances = 65);
    assert_eq!(flow.refused(), "flow_invalid");
}

#[test]
fn limits_apply_to_actions_wherever_they_stand_in_the_file() {
    let text = "name = \"t\"\ntrigger = \"post-challenge@1\"\n[[action]]\nname = \"a\"\ncomponent = \"x\"\n[limits]\nfuel = 7\n";
    assert_eq!(parse(text).expect("a flow").actions[0].limits.fuel, 7);
}

#[test]
fn each_problem_is_found_at_its_place() {
    let table = [
        ("name = \"reset\"", "name = \"has space\"", "1:8: the name of the flow"),
        ("name = \"reset\"", "name = 7", "1:8: `name` must be a string"),
        ("fuel = 1_000", "fuel = 0", "5:8: `fuel` must be a number above 0"),
        ("fuel = 1_000", "fuel = -1", "5:8: `fuel` must be"),
        ("fuel = 1_000", "fuel = \"much\"", "5:8: `fuel` must be"),
        ("wall_clock = \"5s\"", "wall_clock = 5", "6:14: `wall_clock` must be a duration"),
        ("wall_clock = \"5s\"", "wall_clock = \"soon\"", "6:14: `wall_clock` must be a duration"),
        ("memory = \"32 MiB\"", "memory = \"32 apples\"", "7:10: `memory` must be bytes"),
        ("event = 1024", "evnt = 1024", "8:1: unknown limit `evnt`; known: actions, fuel"),
        ("\"push\"", "\"sms\"", "11:19: unknown factor `sms`; known: otp"),
        ("\"push\"", "7", "11:19: `enabled` must be a string"),
        (
            "\"https://verify.example.com\"",
            "\"verify.example.com\"",
            "14:10: `verify.example.com` is no origin",
        ),
        ("\"https://verify.example.com\"", "\"https://verify.example.com/path\"", "14:10:"),
        ("allow_http = true", "allow_http = \"yes\"", "15:14: `allow_http` must be true or false"),
        (
            "strict_issuer = true",
            "strict = true",
            "16:1: unknown key `strict` in [redirects]; known: allow",
        ),
        ("component = \"first.wasm\"", "", "18:1: an action needs either `component` or `source`"),
        (
            "source = \"second\"",
            "source = \"s\"\ncomponent = \"c\"",
            "32:13: an action needs either",
        ),
        ("name = \"second\"", "name = \"first\"", "30:8: two actions are called `first`"),
        ("{ env = \"B_KEY\" }", "7", "22:32: a secret is"),
        ("{ env = \"B_KEY\" }", "{ env = \"A\", file = \"b\" }", "22:32: a secret is"),
        ("{ env = \"B_KEY\" }", "{ environment = \"A\" }", "22:34: unknown key `environment`"),
        ("\"http://127.0.0.1:8080\"", "8080", "23:41: `outbound` must be a string"),
        (
            "\"http://127.0.0.1:8080\"",
            "\"http://risk.example.com\"",
            "23:41: `http://risk.example.com` is http beyond loopback",
        ),
        ("cpu_time = \"250ms\"", "actions = 2", "27:1: `actions` is a limit of the flow"),
        ("2026-01-31 }", "nan }", "21:93: JSON has no such number"),
    ];
    for (from, to, expected) in table {
        let found = match GOOD.replacen(from, to, 1) {
            text if to.contains("environment") => problems(&text)[1].clone(),
            _ => problem(from, to),
        };
        assert!(found.starts_with(expected), "{to}: expected {expected}, found {found}");
    }
}

#[test]
fn everything_wrong_is_listed_at_once_in_order() {
    let text = "name = 7\ntriger = \"x\"\n[limits]\nfuel = 0\nwater = 1\n[[action]]\ncolour = 1\n";
    let found = problems(text);
    let lines: Vec<&str> = found.iter().map(|p| p.split(':').next().unwrap_or_default()).collect();
    assert!(found.len() >= 7, "{found:#?}");
    assert!(lines.is_sorted_by_key(|line| line.parse::<u32>().unwrap_or(0)), "{found:#?}");
}

#[test]
fn what_is_no_toml_names_its_place() {
    assert!(problems("name = \"reset\"\nname = \"again\"")[0].starts_with("2:1:"));
    assert!(problems("name = ")[0].starts_with("1:"));
    assert!(problems("\n\n[limits")[0].starts_with("3:"));
}

#[test]
fn an_unknown_trigger_has_its_own_code() {
    let error = parse(&GOOD.replace("post-challenge@1", "post-login@3")).expect_err("refused");
    assert_eq!(error.code().as_str(), "trigger_unknown");
}

#[test]
fn an_origin_is_scheme_host_and_port_and_nothing_else() {
    let found = |origin: &str| {
        let text = GOOD.replacen("https://verify.example.com", origin, 1);
        parse(&text).map(drop).map_err(|error| error.problems()[0].to_string())
    };
    for origin in ["https://verify.example.com/", "http://localhost:8080", "https://[::1]:8443"] {
        assert_eq!(found(origin), Ok(()), "{origin}");
    }
    let accepted: Vec<&str> = [
        "",
        "*",
        "verify.example.com",
        "https://",
        "https://verify.example.com/path",
        "https://verify.example.com?a=b",
        "https://verify.example.com#part",
        "https://user@verify.example.com",
        "https://user:key@verify.example.com",
        "data:,x",
    ]
    .into_iter()
    .filter(|origin| !found(origin).is_err_and(|problem| problem.starts_with("14:10: ")))
    .collect();
    assert_eq!(accepted, [""; 0], "taken for origins");
}

#[test]
fn names_and_the_trigger_are_not_empty() {
    let accepted: Vec<&str> = ["name = \"reset\"", "\"post-challenge@1\"", "name = \"second\""]
        .into_iter()
        .filter(|part| {
            let key = part.split('"').next().unwrap_or_default();
            parse(&GOOD.replacen(part, &format!("{key}\"\""), 1)).is_ok()
        })
        .collect();
    assert_eq!(accepted, [""; 0], "accepted when empty");
}

#[test]
fn an_empty_list_allows_nothing_and_a_missing_one_everything() {
    let allow = |text: &str| parse(text).expect("a flow").redirects.allow;
    let list = "allow = [\"https://verify.example.com\", \"https://other.example.com:8443\"]";
    assert_eq!(allow(&GOOD.replace(list, "allow = []")), Some(Vec::new()));
    assert_eq!(allow(&GOOD.replace(list, "")), None);
    let factors = |text: &str| parse(text).expect("a flow").factors;
    let list = "enabled = [\"otp\", \"push\"]";
    assert_eq!(factors(&GOOD.replace(list, "enabled = []")), Some(Vec::new()));
    assert_eq!(factors(&GOOD.replace(list, "")), None);
}

#[test]
fn windows_line_ends_and_tabs_do_not_move_the_places() {
    let text = GOOD.replace("fuel = 1_000", "\tfuel = 0").replace('\n', "\r\n");
    assert_eq!(problems(&text), ["5:9: `fuel` must be a number above 0"]);
    assert!(parse(&GOOD.replace('\n', "\r\n")).is_ok());
}

#[test]
fn secrets_are_bounded() {
    let many = |count: usize| {
        let secrets: Vec<String> = (0..count).map(|n| format!("S{n} = \"x\"")).collect();
        GOOD.replace("A = \"literal\"", &secrets.join(", "))
    };
    assert!(parse(&many(28)).is_ok());
    assert!(problems(&many(29))[0].contains("at most 30 secrets"));
    let named =
        |length| GOOD.replace("A = \"literal\"", &format!("{} = \"x\"", "n".repeat(length)));
    assert!(parse(&named(128)).is_ok());
    assert!(problems(&named(129))[0].contains("at most 128 characters"));
    let valued = |length: usize| Scenario::executing(json!([])).secret("K", &"é".repeat(length));
    assert!(valued(4096).load().is_ok());
    assert_eq!(valued(4097).refused(), "secret_unavailable");
}

#[test]
fn a_flow_made_by_a_program_keeps_to_the_same_rules() {
    assert_eq!(Scenario::new().refused(), "flow_invalid");
    let twice = Scenario::executing(json!([])).action("one", json!([]));
    assert_eq!(twice.refused(), "flow_invalid");
    let many = (0..31).fold(Scenario::executing(json!([])), |s, n| s.secret(&n.to_string(), "x"));
    assert_eq!(many.refused(), "flow_invalid");
    let long = Scenario::executing(json!([])).secret(&"n".repeat(129), "x");
    assert_eq!(long.refused(), "flow_invalid");
    let origin = Scenario::executing(json!([]))
        .last(|action| *action = action.clone().outbound(["https://*.example.com"]));
    assert_eq!(origin.refused(), "flow_invalid");
}

#[test]
fn what_an_action_may_call_is_written_as_origins() {
    let found = |origin: &str| {
        parse(&GOOD.replacen("https://Risk.Example.com", origin, 1))
            .map(|flow| flow.actions[0].outbound.clone().unwrap_or_default()[0].clone())
            .map_err(|error| error.problems()[0].to_string())
    };
    let same = [
        ("https://risk.example.com:443/", "https://risk.example.com"),
        ("https://risk.example.com.", "https://risk.example.com"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]", "http://[::1]"),
    ];
    for (written, read) in same {
        assert_eq!(found(written).as_deref(), Ok(read), "{written}");
    }
    let wrong = [
        "",
        "*",
        "risk.example.com",
        "https://",
        "https://*",
        "https://*.example.com",
        "https://risk.example.com/path",
        "https://risk.example.com?a=b",
        "https://risk.example.com#part",
        "https://user:key@risk.example.com",
        "http://risk.example.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "ftp://risk.example.com",
    ];
    for written in wrong {
        let problem = found(written).expect_err(written);
        assert!(problem.starts_with("23:13: "), "{written}: {problem}");
        assert!(!problem.contains("key"), "{problem}");
    }
    let empty = GOOD.replace(
        "outbound = [\"https://Risk.Example.com\", \"http://127.0.0.1:8080\"]",
        "outbound = []",
    );
    assert_eq!(parse(&empty).expect("a flow").actions[0].outbound, Some(Vec::new()));
}

#[test]
fn an_empty_list_of_origins_is_no_missing_one() {
    let text = GOOD.replace(
        "allow = [\"https://verify.example.com\", \"https://other.example.com:8443\"]",
        "allow = []",
    );
    assert_eq!(parse(&text).expect("a flow").redirects.allow, Some(Vec::new()));
}

#[test]
fn lines_that_may_hold_a_secret_are_not_shown() {
    for (from, to) in [
        ("{ env = \"B_KEY\" }", "{ value = \"hunter2\" }"),
        ("{ env = \"B_KEY\" }", "[\"hunter2\"]"),
        ("\"literal\"", "\"hunter2\" oops"),
    ] {
        let error = parse(&GOOD.replacen(from, to, 1)).map(drop).expect_err("refused");
        for problem in error.problems() {
            assert_eq!(problem.source_line, None, "{to}");
            assert!(!problem.to_string().contains("hunter2"), "{problem}");
        }
    }
}

#[test]
fn a_literal_secret_draws_a_warning_that_does_not_show_it() {
    let warnings = parse(GOOD).expect("a flow").warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].path.as_deref(), Some("first.secrets.A"));
    assert!(!warnings[0].message.contains("literal"));
}

#[test]
fn a_secret_in_a_file_ends_before_its_line_break() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("key.txt");
    std::fs::write(&path, "  key with spaces \r\n\n").expect("a file");
    let signs = json!([{ "encode_token": { "secret": { "named": "K" }, "payload": { "iat": 1, "exp": 1 } } }]);
    let by_file = Scenario::executing(signs.clone()).last(|action| {
        action.secrets.insert("K".to_owned(), SecretSource::File(path));
    });
    let by_value = Scenario::executing(signs).secret("K", "  key with spaces ");
    assert_eq!(by_file.start().logs(), by_value.start().logs());
}

#[test]
fn no_change_of_a_good_file_makes_reading_it_panic() {
    let mut random = Random::new(seed("no_change_of_a_good_file"));
    let pieces =
        ["\"", "[", "]", "{", "}", "=", "\n", "\\", "é", "\u{0}", "9", "'''", ".", "-", "[["];
    for _ in 0..3_000 {
        let mut text = GOOD.to_owned();
        for _ in 0..=random.below(4) {
            let at = text.floor_char_boundary(random.below(text.len() as u64) as usize);
            let end = text.floor_char_boundary((at + random.below(12) as usize).min(text.len()));
            text.replace_range(at..end, pieces[random.below(pieces.len() as u64) as usize]);
        }
        if let Err(error) = parse(&text) {
            assert!(!error.problems().is_empty(), "{text}");
        }
    }
}
