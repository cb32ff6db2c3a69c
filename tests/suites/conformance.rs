//! `flowhost conformance`: each language's conformance action plays all
//! scenarios, the scenarios leave out nothing of the contract, and what does not
//! conform is told.

mod fields;

use std::ffi::OsString;
use std::path::Path;

use flowhost_tests::{Cli, project};
use serde_json::Value;
use tempfile::TempDir;

// The languages, a test each. What a toolchain needs in its environment goes
// into the last argument.

#[test]
fn rust_conforms() {
    conforms("guest-sdk/rust/conformance", "wit", &[]);
}

#[test]
fn javascript_conforms() {
    conforms("guest-sdk/javascript/conformance", "javascript", &[]);
}

#[test]
fn typescript_conforms() {
    conforms("guest-sdk/javascript/conformance-typescript", "javascript", &[]);
}

#[test]
fn python_conforms() {
    if let Some(tool) = crate::python::tool() {
        conforms("guest-sdk/python/conformance", "wit", &[tool]);
    }
}

#[test]
fn go_conforms() {
    if crate::go::has_go() {
        conforms("guest-sdk/go/conformance", "wit", &[]);
    }
}

#[test]
fn c_conforms() {
    if let Some(zig) = crate::c_and_zig::zig() {
        conforms("guest-sdk/c/conformance", "wit", &zig);
    }
}

#[test]
fn cpp_conforms() {
    if let Some(zig) = crate::c_and_zig::zig() {
        conforms("guest-sdk/c/conformance-cpp", "wit", &zig);
    }
}

#[test]
fn zig_conforms() {
    if let Some(zig) = crate::c_and_zig::zig() {
        conforms("guest-sdk/zig/conformance", "wit", &zig);
    }
}

/// Builds the action in `folder`, and plays all scenarios with it.
#[track_caller]
pub(super) fn conforms(folder: &str, view: &str, environment: &[(&str, OsString)]) {
    let cli = Cli::new();
    let component = cli.path().join("conformance.wasm");
    let mut build = cli.command();
    build.envs(environment.iter().map(|(name, value)| (name, value)));
    build.arg("build").arg(project().join(folder)).arg("-o").arg(&component);
    let built = build.output().expect("flowhost");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ran = cli.run(&["conformance", "conformance.wasm", "--view", view]);
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    let last = ran.stdout.lines().last().expect("a last line");
    let mut counts = last.split_whitespace().filter_map(|word| word.parse::<usize>().ok());
    let (passed, all) = (counts.next(), counts.next());
    assert!(passed == all && all > Some(100), "{last}");
}

// What does not conform.

#[test]
fn what_does_not_conform_is_told_with_what_differs() {
    let cli = Cli::new();
    let ran = cli.run(&["conformance", "scripted.wasm"]);
    assert_eq!(ran.exit, 2, "{}{}", ran.stdout, ran.stderr);
    let wrong = "  ✗ access: of two denials the first stands\n      message 1: expected deny: ok, \
                 found the end: action_error: ScriptError: ";
    assert!(ran.stdout.contains(wrong), "{}", ran.stdout);
    assert!(ran.stdout.contains("the contract: api.wit: access.deny"), "{}", ran.stdout);
    let last = ran.stdout.lines().last().expect("a last line");
    // It does nothing, and that is one of them.
    assert!(last.starts_with("  1 of "), "{last}");
}

/// One action that does each thing nearly right.
#[test]
fn each_slip_is_found() {
    let folder = TempDir::new().expect("a folder");
    let text =
        std::fs::read_to_string(project().join("guest-sdk/javascript/conformance/action.js"))
            .expect("the action");
    let slips = [
        // From, to, and a scenario that must not pass.
        ("step.reason)", "step.reason + ' ')", "a denial ends the flow, and no later action runs"),
        (
            "query: query(step)",
            "query: {}",
            "each pair of the query replaces the parameters of its name",
        ),
        ("{ preferredMethod }", "{}", "a phone may be called or written to"),
        ("{ additionalFactors }", "{}", "others are offered behind the first factor"),
        ("ttl: step.ttl, ", "", "an entry ends when it is told to, and by itself after 15 minutes"),
        (
            "secret: secret(step, event),\n        payload",
            "secret: 'x',\n        payload",
            "a token is signed with any text",
        ),
        (
            "payload: json(step, 'payload')",
            "payload: {}",
            "a token states what the host knows, and what the payload says",
        ),
        ("console[step.level](", "console.info(", "messages keep their levels and their order"),
        (
            "optional(list(fields({ type: plain, options: text })))",
            "list(fields({ type: plain, options: text }))",
            "factors that could not be fetched are not the same as none",
        ),
        (
            "exports.onContinuePostChallenge = play('continue')",
            "exports.onContinuePostChallenge = play('execute')",
            "a token that comes back is read",
        ),
        (
            "return JSON.stringify(event);",
            "return JSON.stringify({ ...event, user: {} });",
            "the whole event is what came in",
        ),
        (
            "throw new Ending(error);\n    }\n    case 'loop'",
            "return;\n    }\n    case 'loop'",
            "a handler that gives up fails the flow",
        ),
        (
            "if (step.stack !== undefined) error.stack = step.stack;",
            "",
            "a continue handler that gives up fails the flow",
        ),
        // It gives up in the end, but goes on before.
        (
            "if (refusal instanceof Ending) throw refusal.error;\n      \
             line = `error ${codeOf(refusal)}`;\n    }\n    \
             console.info(`${step.call}: ${line}`);\n  }\n",
            "if (refusal instanceof Ending) { event.ended = refusal.error; continue; }\n      \
             line = `error ${codeOf(refusal)}`;\n    }\n    \
             console.info(`${step.call}: ${line}`);\n  }\n  if (event.ended) throw event.ended;\n",
            "a handler that gives up fails the flow",
        ),
        // The same, louder: a crash may speak at this level, a step may not.
        (
            "if (refusal instanceof Ending) throw refusal.error;",
            "if (refusal instanceof Ending) { console.error('deny: ok'); throw refusal.error; }",
            "a handler that gives up fails the flow",
        ),
    ];
    let cli = Cli::new();
    for (from, to, scenario) in slips {
        assert!(text.contains(from), "the action lacks {from}");
        let file = folder.path().join("action.js");
        std::fs::write(&file, text.replace(from, to)).expect("written");
        let built = cli.run(&["build", &file.display().to_string(), "-o", "slip.wasm"]);
        assert_eq!(built.exit, 0, "{}", built.stderr);
        let ran = cli.run(&["conformance", "slip.wasm", "--view", "javascript", "--json"]);
        assert_eq!(ran.exit, 2, "{from}: {}", ran.stderr);
        let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let played = json["components"][0]["scenarios"].as_array().expect("scenarios").clone();
        let found = played.iter().find(|played| played["name"] == scenario);
        let found = found.unwrap_or_else(|| panic!("no scenario {scenario}"));
        assert!(found["difference"].is_string(), "{from} passes {scenario}");
    }
}

#[test]
fn what_is_no_component_is_refused_before_anything_is_played() {
    let cli = Cli::new();
    cli.write("text.wasm", "text");
    cli.write("action.js", "exports.onExecutePostChallenge = () => {};");
    let files = [
        ("text.wasm", "not_a_component"),
        ("gone.wasm", "file_unreadable"),
        ("action.js", "not_a_component"),
    ];
    for (file, code) in files {
        let ran = cli.run(&["conformance", file, "--json"]);
        assert_eq!(ran.exit, 2, "{}", ran.stdout);
        let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(json["error"]["code"], code);
    }
}

#[test]
fn what_cannot_be_played_is_told_and_the_others_are_played() {
    let cli = Cli::new();
    cli.write("text.wasm", "text");
    cli.write("action.js", "exports.onExecutePostChallenge = () => {};");
    let files = ["text.wasm", "scripted.wasm", "gone.wasm", "action.js"];
    let ran = cli.run(&[&["conformance"], &files[..], &["--json"]].concat());
    assert_eq!(ran.exit, 2, "{}", ran.stdout);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let came_to = |index: usize| &json["components"][index];
    assert_eq!(came_to(0)["error"]["code"], "not_a_component");
    assert_eq!(came_to(1)["passed"], 1, "{}", came_to(1));
    assert_eq!(came_to(2)["error"]["code"], "file_unreadable");
    assert_eq!(came_to(3)["error"]["code"], "not_a_component");
    assert_eq!(came_to(3)["error"]["hint"], "first: flowhost build action.js");
    for (index, file) in files.iter().enumerate() {
        assert_eq!(came_to(index)["component"], *file);
    }
    let text = cli.run(&["conformance", "gone.wasm", "scripted.wasm"]);
    assert_eq!(text.exit, 2);
    assert!(text.stdout.starts_with("error[file_unreadable]"), "{}", text.stdout);
    assert!(text.stdout.contains("gone.wasm: the component cannot be read"), "{}", text.stdout);
    assert!(text.stdout.ends_with(" scenarios passed\n"), "{}", text.stdout);
}

// The scenarios, beside the contract.

#[test]
fn every_function_of_the_contract_is_called() {
    let scenarios = scenarios();
    let functions = |text: &str| -> Vec<String> {
        let names = text.lines().filter_map(|line| line.trim().split_once(": func("));
        names.map(|(name, _)| name.to_owned()).collect()
    };
    let calls = functions(&wit("api.wit")).into_iter().map(|name| match name.as_str() {
        // Of the cache.
        "get" | "set" | "delete" => format!("call = \"cache-{name}\""),
        _ => format!("call = \"{name}\""),
    });
    let events = functions(&wit("event.wit")).into_iter().map(|name| match name.as_str() {
        "get-secret" | "get-json" | "get-json-at" | "get-text-at" => format!("call = \"{name}\""),
        _ => format!("group = \"{}\"", name.trim_start_matches("get-")),
    });
    let missing: Vec<String> =
        calls.chain(events).filter(|call| !scenarios.contains(call)).collect();
    assert!(missing.is_empty(), "no scenario has {missing:?}");
    assert!(functions(&wit("event.wit")).len() > 20, "the functions are not found");
}

#[test]
fn every_case_and_option_is_used() {
    let scenarios = scenarios();
    let cases = [
        "otp",
        "email",
        "webauthn-platform",
        "webauthn-roaming",
        "recovery-code",
        "phone",
        "push-notification",
        "sms",
    ]
    .map(|kind| format!("{{ type = \"{kind}\""));
    let others = [
        "preferred-method = \"sms\"",
        "preferred-method = \"voice\"",
        "preferred-method = \"both\"",
        "otp-fallback = true",
        "otp-fallback = false",
        "secret-named = ",
        "secret-value = ",
        "expires-in-seconds = 0",
        "token-parameter-name = ",
        "ttl = ",
        "expires-at = ",
        "fields = ",
        "vars = ",
        "level = \"debug\"",
        "level = \"info\"",
        "level = \"warn\"",
        "level = \"error\"",
        "stack = ",
        "call = \"fail\"",
        "call = \"loop\"",
        "call = \"trap\"",
    ];
    let all = cases.iter().map(String::as_str).chain(others);
    let missing: Vec<&str> = all.filter(|text| !scenarios.contains(text)).collect();
    assert!(missing.is_empty(), "no scenario has {missing:?}");
}

/// Every code of the table that calls are refused with.
#[test]
fn every_refusal_is_provoked() {
    let scenarios = scenarios();
    let readme = std::fs::read_to_string(project().join("wit/README.md")).expect("a file");
    let (_, table) = readme.split_once("the call was refused because").expect("the table");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let codes: Vec<&str> = table.lines().filter_map(|line| line.split('`').nth(1)).collect();
    assert!(codes.len() >= 17, "{codes:?}");
    let missing: Vec<&&str> =
        codes.iter().filter(|code| !scenarios.contains(&format!(": error {code}"))).collect();
    assert!(missing.is_empty(), "no scenario provokes {missing:?}");
}

fn scenarios() -> String {
    let folder = project().join("tests/conformance/scenarios");
    let files = std::fs::read_dir(folder).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let is_scenario = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    let texts = paths.filter(|path| is_scenario(path)).map(std::fs::read_to_string);
    texts.map(|text| text.expect("text")).collect()
}

fn wit(file: &str) -> String {
    std::fs::read_to_string(project().join("host/wit").join(file)).expect("text")
}
