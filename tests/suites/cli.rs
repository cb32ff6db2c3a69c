//! The command line, from outside: exit codes, the JSON form, and what it does
//! with bad input.

mod building;

use std::process::Stdio;

use flowhost::Code;
use flowhost_tests::{Cli, Ran, example_folder, execute_only, guest_workspace, without};
use serde_json::{Value, json};

/// A flow file of one scripted action; `script` is TOML.
fn flow(script: &str) -> String {
    format!(
        "name = \"t\"\ntrigger = \"post-challenge@1\"\n\n[[action]]\nname = \"one\"\n\
         component = \"scripted.wasm\"\nconfiguration = {{ {script} }}\n"
    )
}

/// The command in a folder with such a flow.
fn scripted(script: &str) -> Cli {
    let cli = Cli::new();
    cli.write("flow.toml", flow(script));
    cli
}

fn run(cli: &Cli) -> Ran {
    cli.run(&["run", "flow.toml", "--event", "event.json", "--json"])
}

const REDIRECT: &str = "execute = [{ send_user_to = { url = \"https://verify.example.com/\" } }]";

fn state(report: &Value) -> String {
    let outcome = report["outcome"].as_str().unwrap_or_default();
    report[outcome]["state"].as_str().unwrap_or_else(|| panic!("{report:#}")).to_owned()
}

#[test]
fn every_outcome_has_its_exit_code() {
    let table = [
        (0, "completed", "execute = []"),
        (10, "denied", "execute = [{ deny = \"no\" }]"),
        (11, "challenge", "execute = [{ challenge_with = { factor = { type = \"otp\" } } }]"),
        (12, "redirect", REDIRECT),
        (12, "prompt", "execute = [{ render = { id = \"p\" } }]"),
        (20, "failed", "execute = [{ trap = true }]"),
    ];
    for (exit, outcome, script) in table {
        let cli = scripted(script);
        assert_eq!(run(&cli).exits(exit).json()["outcome"], outcome);
        let human = cli.run(&["run", "flow.toml", "--event", "event.json"]).exits(exit);
        assert!(human.stdout.contains(&format!("Outcome  {outcome}")), "{}", human.stdout);
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_json_form_is_the_documented_one() {
    let table = [
        ("execute = [{ deny = \"no\" }]", vec!["reason", "action"]),
        (
            "execute = [{ challenge_with = { factor = { type = \"otp\" } } }]",
            vec!["factors", "picker", "state", "expires_at"],
        ),
        (REDIRECT, vec!["url", "state", "expires_at"]),
        (
            "execute = [{ render = { id = \"p\" } }]",
            vec!["id", "fields", "vars", "state", "expires_at"],
        ),
        ("execute = [{ trap = true }]", vec!["error_class", "code", "message", "action"]),
    ];
    for (script, fields) in table {
        let report = run(&scripted(script)).json();
        let outcome = report["outcome"].as_str().expect("an outcome");
        let top = [
            "schema_version",
            "flow",
            "flow_id",
            "outcome",
            outcome,
            "result_url",
            "authentication_methods",
            "runs",
        ];
        assert_eq!(keys(&report), top);
        assert_eq!(keys(&report["flow"]), ["name", "digest"]);
        assert_eq!(keys(&report[outcome]), fields);
    }
    let report =
        run(&scripted("execute = [{ log = { level = \"warn\", message = \"m\" } }]")).json();
    assert_eq!(report.get("completed"), None);
    for field in
        ["action", "handler", "status", "fuel", "duration_us", "memory_bytes", "commands", "logs"]
    {
        assert!(keys(&report["runs"][0]).contains(&field), "{field}");
    }
    assert_eq!(report["runs"][0]["logs"], json!([{ "level": "warn", "message": "m" }]));
}

#[test]
fn resuming_has_its_exit_codes_too() {
    let cli = scripted(REDIRECT);
    let state = state(&run(&cli).json());
    let resume = |arguments: &[&str]| cli.run(&[&["resume", &state, "--json"], arguments].concat());
    let code = |ran: Ran| ran.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
    assert_eq!(code(resume(&["--passed", "otp"]).exits(2)), "wrong_resume");
    assert_eq!(code(resume(&["--query", "a=1", "--query", "a=2"]).exits(2)), "usage");
    assert_eq!(code(resume(&["--query", "novalue"]).exits(2)), "usage");
    assert_eq!(code(resume(&["--passed", "sms"]).exits(2)), "usage");
    assert_eq!(resume(&["--query", "a=b"]).exits(0).json()["outcome"], "completed");
    assert_eq!(code(resume(&["--query", "a=b"]).exits(21)), "state_already_used");
    let unknown = "A".repeat(43);
    assert_eq!(code(cli.run(&["resume", &unknown, "--json"]).exits(21)), "state_unknown");
    assert_eq!(code(cli.run(&["resume", "garbage", "--json"]).exits(21)), "state_unknown");
}

#[test]
fn an_expired_state_exits_with_21() {
    let cli = scripted(REDIRECT);
    let text =
        flow(REDIRECT).replace("\n[[action]]", "[limits]\nstate_lifetime = \"1ms\"\n\n[[action]]");
    cli.write("flow.toml", text);
    let state = state(&run(&cli).json());
    std::thread::sleep(std::time::Duration::from_millis(5));
    assert_eq!(
        cli.run(&["resume", &state, "--json"]).exits(21).json()["error"]["code"],
        "state_expired"
    );
}

#[test]
fn a_challenge_is_resumed_with_the_factor_that_was_met() {
    let cli =
        scripted("execute = [{ challenge_with_any = [{ type = \"otp\" }, { type = \"phone\" }] }]");
    let report = run(&cli).exits(11).json();
    assert_eq!(report["challenge"]["picker"], true);
    let state = state(&report);
    let refused = cli.run(&["resume", &state, "--passed", "email", "--json"]).exits(2).json();
    assert_eq!(refused["error"]["code"], "factor_not_offered");
    let done = cli.run(&["resume", &state, "--passed", "phone", "--json"]).exits(0).json();
    assert_eq!(done["authentication_methods"][1]["type"], "phone");
}

#[test]
fn challenges_that_follow_each_other_are_met_in_one_go() {
    let one = "{ challenge_with = { factor = { type = \"otp\" } } }";
    let two = "{ challenge_with = { factor = { type = \"phone\" } } }";
    let cli = scripted(&format!("execute = [{one}, {two}]"));
    let state = state(&run(&cli).exits(11).json());
    cli.run(&["resume", &state, "--passed", "otp", "--passed", "phone"]).exits(0);
}

#[test]
fn the_user_may_have_changed_but_not_into_another() {
    let script = format!("{REDIRECT}, continue = [{{ text_at = \"/user/email\" }}]");
    let cli = scripted(&script);
    let state = state(&run(&cli).json());
    let mut user = flowhost_tests::event()["user"].clone();
    user["email"] = json!("new@example.com");
    cli.write("same.json", user.to_string());
    user["user_id"] = json!("auth0|eve");
    cli.write("other.json", user.to_string());
    cli.write("broken.json", "{");
    let resume = |file: &str| cli.run(&["resume", &state, "--event-user", file, "--json"]);
    assert_eq!(resume("other.json").exits(2).json()["error"]["code"], "user_mismatch");
    assert_eq!(resume("broken.json").exits(2).json()["error"]["code"], "event_invalid");
    assert_eq!(resume("absent.json").exits(2).json()["error"]["code"], "file_unreadable");
    let done = resume("same.json").exits(0).json();
    assert_eq!(done["runs"][0]["logs"][0]["message"], "text_at: new@example.com");
}

/// What it is, a flow file, an event, a component `x.wasm`, and the code.
type BadInput = (&'static str, String, Vec<u8>, Vec<u8>, &'static str);

/// Each of these is refused with exit 2 and its code, and leaves no store.
#[test]
fn bad_input_is_refused_by_name_and_nothing_is_written() {
    let event = flowhost_tests::event;
    let mut wrong_type = event();
    wrong_type["user"]["email_verified"] = json!("yes");
    let mut large = event();
    large["user"]["user_metadata"]["x"] = json!("x".repeat(300_000));
    let ldap = {
        let mut event = event();
        event["connection"]["strategy"] = json!("ad");
        event
    };
    let good = flow("execute = []");
    let component = |name: &str| good.replace("scripted.wasm", name);
    let wasm = |text: &str| wat::parse_str(text).expect("wat");
    let truncated = execute_only()[..1000].to_vec();
    let table: Vec<BadInput> = vec![
        ("broken JSON", good.clone(), b"{ \"user\": ".to_vec(), vec![], "event_invalid"),
        ("no object", good.clone(), b"[]".to_vec(), vec![], "event_invalid"),
        (
            "missing field",
            good.clone(),
            without(event(), "/user/user_id").to_string().into(),
            vec![],
            "event_invalid",
        ),
        ("wrong type", good.clone(), wrong_type.to_string().into(), vec![], "event_invalid"),
        ("large event", good.clone(), large.to_string().into(), vec![], "event_too_large"),
        (
            "directory user",
            good.clone(),
            ldap.to_string().into(),
            vec![],
            "connection_not_supported",
        ),
        ("no UTF-8", good.clone(), vec![0xff, 0xfe], vec![], "file_unreadable"),
        ("broken TOML", "name = ".into(), vec![], vec![], "flow_invalid"),
        ("empty flow", String::new(), vec![], vec![], "flow_invalid"),
        ("unknown key", format!("colour = 1\n{good}"), vec![], vec![], "flow_invalid"),
        (
            "unknown trigger",
            good.replace("post-challenge@1", "post-login@3"),
            vec![],
            vec![],
            "trigger_unknown",
        ),
        ("no component", component("absent.wasm"), vec![], vec![], "file_unreadable"),
        ("text as component", component("x.wasm"), vec![], b"hello".to_vec(), "not_a_component"),
        ("core module", component("x.wasm"), vec![], wasm("(module)"), "not_a_component"),
        ("truncated", component("x.wasm"), vec![], truncated, "not_a_component"),
        (
            "exports nothing",
            component("x.wasm"),
            vec![],
            wasm("(component)"),
            "component_wrong_world",
        ),
        (
            "another import",
            component("x.wasm"),
            vec![],
            wasm("(component (import \"wasi:sockets/tcp@0.2.0\" (instance)))"),
            "component_import_refused",
        ),
        (
            "large component",
            format!("{}\n[action.limits]\ncomponent = 1000\n", component("scripted.wasm")),
            vec![],
            vec![],
            "component_too_large",
        ),
        (
            "no source",
            component("x").replace("component =", "source ="),
            vec![],
            vec![],
            "build_failed",
        ),
        (
            "unset secret",
            format!("{good}secrets = {{ K = {{ env = \"FLOWHOST_TEST_UNSET\" }} }}\n"),
            vec![],
            vec![],
            "secret_unavailable",
        ),
    ];
    for (what, flow, event_bytes, component, code) in table {
        let cli = Cli::new();
        cli.write("flow.toml", flow);
        if !event_bytes.is_empty() {
            cli.write("event.json", event_bytes);
        }
        cli.write("x.wasm", component);
        let ran = run(&cli).exits(2);
        let error = ran.json();
        assert_eq!(error["error"]["code"], code, "{what}: {error:#}");
        assert_eq!(keys(&error), ["schema_version", "error"], "{what}");
        assert_eq!(ran.stderr, "", "{what}");
        for left in ["flows.db", "flows.db-components"] {
            assert!(!cli.path().join(left).exists(), "{what} left {left}");
        }
        let human = cli.run(&["run", "flow.toml", "--event", "event.json"]).exits(2);
        assert_eq!(human.stdout, "", "{what}");
        assert!(human.stderr.starts_with(&format!("error[{code}]: ")), "{what}: {}", human.stderr);
        assert!(human.stderr.contains(&format!("flowhost explain {code}")), "{what}");
    }
}

#[test]
fn problems_are_shown_where_they_are() {
    let cli = scripted("execute = []");
    cli.write("flow.toml", "name = \"t\"\ntriger = \"post-challenge@1\"\n\n[limits]\nfuel = -1\n");
    let error = run(&cli).exits(2).json();
    let place = |index: usize| {
        let problem = &error["error"]["problems"][index];
        (problem["file"].as_str(), problem["line"].as_u64(), problem["column"].as_u64())
    };
    assert_eq!(place(0), (Some("flow.toml"), Some(1), Some(1)), "{error:#}");
    let text = error["error"]["problems"].to_string();
    for expected in
        ["`trigger` is missing", "unknown key `triger`", "`fuel` must be", "no `[[action]]`"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let human = cli.run(&["run", "flow.toml", "-e", "event.json"]).stderr;
    assert!(human.contains("flow.toml:2:1") && human.contains("│ triger = "), "{human}");
    cli.write("flow.toml", flow("execute = []"));
    cli.write("event.json", without(flowhost_tests::event(), "/user/user_id").to_string());
    let human = cli.run(&["run", "flow.toml", "-e", "event.json"]).stderr;
    assert!(human.contains("event.json  event.user.user_id: missing"), "{human}");
}

#[test]
fn usage_errors_exit_with_2_and_are_json_when_asked() {
    let cli = Cli::new();
    for arguments in [&["run"][..], &["frobnicate"], &["run", "flow.toml"], &["run", "--what"], &[]]
    {
        cli.run(arguments).exits(2);
    }
    let error = cli.run(&["run", "flow.toml", "--json"]).exits(2).json();
    assert_eq!(error["error"]["code"], "usage");
    let store = cli.run(&["run", "flow.toml", "-e", "event.json", "--store", "mysql:x", "--json"]);
    assert_eq!(store.exits(2).json()["error"]["code"], "file_unreadable");
    cli.write("flow.toml", flow("execute = []"));
    let store = cli.run(&["run", "flow.toml", "-e", "event.json", "--store", "mysql:x", "--json"]);
    assert_eq!(store.exits(2).json()["error"]["code"], "usage");
}

#[test]
fn help_tells_the_exit_codes() {
    let help = Cli::new().run(&["--help"]).exits(0).stdout;
    for code in ["10", "11", "12", "20", "21", "70"] {
        assert!(help.contains(&format!("  {code}  ")), "{code}: {help}");
    }
}

#[test]
fn a_store_that_cannot_be_opened_exits_with_3() {
    let cli = scripted(REDIRECT);
    cli.write("no-database", "text ".repeat(1000));
    for url in ["sqlite:no-database", "sqlite:event.json/x.db"] {
        let ran = cli.run(&["run", "flow.toml", "-e", "event.json", "--store", url, "--json"]);
        assert_eq!(ran.exits(3).json()["error"]["code"], "store_unavailable", "{url}");
    }
}

#[test]
fn a_flow_that_ends_at_once_leaves_no_database() {
    let cli = scripted("execute = []");
    run(&cli).exits(0);
    assert!(!cli.path().join("flows.db").exists());
}

#[test]
fn a_one_shot_run_says_that_it_cannot_be_resumed() {
    let cli = scripted(REDIRECT);
    let ran = cli.run(&["run", "flow.toml", "-e", "event.json", "--store", "memory:"]).exits(12);
    assert!(ran.stdout.contains("memory:"), "{}", ran.stdout);
    assert!(!cli.path().join("flows.db").exists());
}

#[test]
fn the_printed_next_step_works_when_pasted() {
    let cli = scripted(&format!(
        "{REDIRECT}, continue = [{{ challenge_with = {{ factor = {{ type = \"otp\" }} }} }}]"
    ));
    let paste = |ran: &Ran| {
        let line = ran.stdout.lines().find_map(|line| line.split_once("next:    flowhost "));
        let (_, command) = line.unwrap_or_else(|| panic!("{}", ran.stdout));
        let words: Vec<String> =
            command.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect();
        cli.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let started = cli.run(&["run", "flow.toml", "-e", "event.json"]).exits(12);
    let returned = paste(&started).exits(11);
    paste(&returned).exits(0);
}

#[test]
fn colours_honour_no_color_and_the_flag() {
    let cli = scripted("execute = []");
    let run = |flags: &[&str]| {
        cli.run(&[&["run", "flow.toml", "-e", "event.json"], flags].concat()).stdout
    };
    assert!(!run(&[]).contains('\x1b'));
    assert!(run(&["--color", "always"]).contains('\x1b'));
    assert!(!run(&["--color", "never"]).contains('\x1b'));
}

#[test]
fn a_reader_that_goes_away_is_nobodys_error() {
    let cli = Cli::new();
    let mut child = cli
        .command()
        .arg("explain")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn every_code_is_explained() {
    let cli = Cli::new();
    let all = cli.run(&["explain"]).exits(0).stdout;
    for code in Code::ALL {
        assert!(all.lines().any(|line| line == code.as_str()), "{code}");
        assert!(cli.run(&["explain", code.as_str()]).exits(0).stdout.len() > 100, "{code}");
    }
    let unknown = cli.run(&["explain", "fuel", "--json"]).exits(2).json();
    assert_eq!(unknown["error"]["code"], "code_unknown");
    assert!(unknown["error"]["hint"].as_str().is_some_and(|hint| hint.contains("out_of_fuel")));
}

#[test]
fn check_tells_before_a_flow_runs_what_would_go_wrong() {
    let cli = scripted("execute = []");
    let checked = cli.run(&["check", "flow.toml", "--json"]).exits(0).json();
    assert_eq!(checked["warnings"], json!([]));
    assert_eq!(checked["actions"][0]["api_version"], "1.0.0");
    let mut event = flowhost_tests::event();
    event["session"] = json!({});
    cli.write("event.json", event.to_string());
    let text = flow("execute = []").replace("scripted.wasm", "execute_only.wasm");
    cli.write("flow.toml", format!("{text}secrets = {{ K = \"literal\" }}\n"));
    let checked =
        cli.run(&["check", "flow.toml", "--event", "event.json", "--json"]).exits(0).json();
    let warnings = checked["warnings"].to_string();
    for expected in ["one.secrets.K", "event.session", "has no on-continue"] {
        assert!(warnings.contains(expected), "{expected}: {warnings}");
    }
    assert!(!warnings.contains("literal\"}") && !warnings.contains("\"literal\""), "{warnings}");
    cli.run(&["check", "execute_only.wasm"]).exits(0);
    cli.run(&["check", "event.json"]).exits(2);
    assert!(!cli.path().join("flows.db").exists());
}

#[test]
fn inspect_shows_what_a_component_is() {
    let cli = Cli::new();
    let shown = cli.run(&["inspect", "execute_only.wasm", "--json"]).exits(0).json();
    assert_eq!((&shown["api_version"], &shown["has_continue"]), (&json!("1.0.0"), &json!(false)));
    assert!(shown["exports"].to_string().contains("on-execute@1.0.0"));
    let text = cli.run(&["inspect", "scripted.wasm"]).exits(0).stdout;
    assert!(text.contains("flowhost:post-challenge/event@1.0.0"), "{text}");
    cli.run(&["inspect", "event.json"]).exits(2);
}

#[test]
fn build_makes_a_component_that_runs() {
    let cli = Cli::new();
    let source = guest_workspace().join("../tests/guests/execute-only");
    let built =
        cli.run(&["build", &source.to_string_lossy(), "-o", "out.wasm", "--json"]).exits(0).json();
    assert_eq!(built["has_continue"], false);
    cli.run(&["check", "out.wasm"]).exits(0);
    cli.run(&["build", "."]).exits(2);
    cli.run(&["build", "scripted.wasm"]).exits(2);
}

#[test]
fn a_build_that_fails_shows_what_the_compiler_said() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.path().join("broken/src")).expect("a folder");
    cli.write("broken/Cargo.toml", "[package]\nname = \"broken\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n");
    cli.write("broken/src/lib.rs", "fn nonsense( {}");
    let error = cli.run(&["build", "broken", "--json"]).exits(2).json();
    assert_eq!(error["error"]["code"], "build_failed");
    assert!(
        error["error"]["message"].as_str().is_some_and(|m| m.contains("src/lib.rs:1")),
        "{error:#}"
    );
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let cli = scripted(REDIRECT);
    let spawn = || {
        cli.command()
            .args(["run", "flow.toml", "-e", "event.json", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command")
    };
    let children = [spawn(), spawn(), spawn()];
    let states = children.map(|child| {
        let output = child.wait_with_output().expect("ended");
        assert_eq!(output.status.code(), Some(12));
        state(&serde_json::from_slice(&output.stdout).expect("JSON"))
    });
    for state in &states {
        cli.run(&["resume", state]).exits(0);
    }
}

#[test]
fn a_deploy_in_between_does_not_stop_the_command_from_resuming() {
    let cli = scripted(REDIRECT);
    let state = state(&run(&cli).json());
    std::fs::remove_file(cli.path().join("scripted.wasm")).expect("removed");
    cli.run(&["resume", &state, "--query", "a=b"]).exits(0);
}

#[test]
fn a_flow_file_that_moved_is_named() {
    let cli = scripted(REDIRECT);
    let state = state(&run(&cli).json());
    std::fs::rename(cli.path().join("flow.toml"), cli.path().join("moved.toml")).expect("moved");
    cli.run(&["resume", &state]).exits(2);
    cli.run(&["resume", &state, "--flow", "moved.toml"]).exits(0);
}

#[test]
fn a_token_signed_for_a_state_is_accepted() {
    let folder = example_folder("redirect-verify");
    let cli = Cli::new();
    let path = |file: &str| folder.join(file).to_string_lossy().into_owned();
    let started =
        cli.run(&["run", &path("flow.toml"), "-e", &path("event.json"), "--json"]).exits(12).json();
    let state = state(&started);
    let sign = [
        "token",
        "--secret-file",
        &path("token-key.txt"),
        "--state",
        &state,
        "--sub",
        "auth0|5f7c8ec7c33c6c004bbafe82",
        "--claim",
        "result=ok",
    ];
    let token = cli.run(&sign).exits(0).stdout;
    let body = format!("session_token={}", token.trim());
    cli.run(&["resume", &state, "--body", &body]).exits(11);
}

#[test]
fn every_error_as_json_says_what_happened_and_where_or_what_to_do() {
    let good = flow("execute = []");
    let second = |component: &str| {
        format!("{good}\n[[action]]\nname = \"two\"\ncomponent = \"{component}\"\n")
    };
    // Exports something, but no handler.
    let other_world = "(component (core module $m (func (export \"f\")))
        (core instance $i (instantiate $m)) (func $f (canon lift (core func $i \"f\")))
        (instance $x (export \"run\" (func $f))) (export \"wasi:cli/run@0.2.0\" (instance $x)))";
    let table = [
        ("another world", good.replace("scripted.wasm", "other.wasm"), "component_wrong_world"),
        ("a bad second action", second("event.json"), "not_a_component"),
        ("a missing second action", second("absent.wasm"), "file_unreadable"),
        ("a missing flow", String::new(), "file_unreadable"),
        (
            "an unset secret of the second action",
            format!(
                "{}secrets = {{ K = {{ env = \"FLOWHOST_UNSET\" }} }}\n",
                second("scripted.wasm")
            ),
            "secret_unavailable",
        ),
    ];
    for (what, text, code) in table {
        let cli = Cli::new();
        cli.write("other.wasm", wat::parse_str(other_world).expect("wat"));
        if !text.is_empty() {
            cli.write("flow.toml", &text);
        }
        let ran = run(&cli).exits(2);
        assert_eq!(ran.stderr, "", "{what}");
        let error = ran.json()["error"].clone();
        assert_eq!(error["code"], code, "{what}: {error:#}");
        assert_eq!(keys(&error)[..3], ["code", "message", "hint"], "{what}");
        let message = error["message"].as_str().expect("a message");
        let place =
            [".toml", ".wasm", ".json", "`two`"].iter().any(|place| message.contains(place));
        assert!(place || error["hint"].is_string() || error["problems"].is_array(), "{error:#}");
        for left in ["flows.db", "flows.db-components"] {
            assert!(!cli.path().join(left).exists(), "{what} left {left}");
        }
    }
}

/// What a run has to say does not depend on tidying up after others.
#[test]
fn a_store_that_cannot_be_swept_loses_no_state() {
    let cli = scripted(REDIRECT);
    run(&cli).exits(12);
    let store = rusqlite::Connection::open(cli.path().join("flows.db")).expect("a store");
    store
        .execute_batch(
            "UPDATE suspension SET expires_at = 1;
             CREATE TRIGGER kept BEFORE DELETE ON suspension
             BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END;",
        )
        .expect("a trigger");
    let state = state(&run(&cli).exits(12).json());
    cli.run(&["resume", &state]).exits(0);
}
