//! The example actions: each scenario file next to an example is played by the
//! command, as a reader of its README would, and compared with what it
//! expects.

use std::path::{Path, PathBuf};

use flowhost_tests::{Cli, Ran, project};
use serde_json::{Value, json};

#[test]
fn every_example_does_what_it_says() {
    let mut played = 0;
    for folder in folders(&project().join("example-actions")) {
        assert!(folder.join("README.md").is_file(), "{}", folder.display());
        assert!(folder.join("expected.json").is_file(), "{}", folder.display());
        for scenario in scenarios(&folder) {
            println!("{}", scenario.display());
            play(&folder, &scenario);
            played += 1;
        }
    }
    assert!(played >= 6, "{played} scenarios");
}

#[test]
fn together_the_examples_use_every_call_of_the_api() {
    let sources: String = folders(&project().join("example-actions"))
        .iter()
        .map(|folder| std::fs::read_to_string(folder.join("src/lib.rs")).expect("a source"))
        .collect();
    let calls = [
        ".deny(",
        ".challenge_with_additional(",
        ".challenge_with_any(",
        ".send_user_to(",
        ".encode_token(",
        ".validate_token(",
        ".render(",
        ".set_result_url(",
        ".cache().get(",
        ".cache().set(",
        ".cache().delete(",
        ".log()",
    ];
    let unused: Vec<_> = calls.iter().filter(|call| !sources.contains(**call)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).expect("a folder");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.join("Cargo.toml").is_file());
    folders.sort();
    folders
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![folder.join("expected.json")];
    if let Ok(entries) = std::fs::read_dir(folder.join("scenarios")) {
        files.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    files
}

fn play(folder: &Path, scenario: &Path) {
    let text = std::fs::read_to_string(scenario).expect("a scenario");
    let scenario: Value = serde_json::from_str(&text).expect("JSON");
    let cli = Cli::new();
    let mut last = Value::Null;
    for step in scenario["steps"].as_array().expect("steps") {
        let ran = match step["do"]["start"].as_str() {
            Some(event) => start(&cli, folder, event),
            None => resume(&cli, folder, &step["do"]["resume"], &last),
        };
        let report = ran.json();
        matches(&step["expect"], &report, "report");
        assert_eq!(ran.exit, exit_of(&report), "{report:#}");
        last = report;
    }
}

fn exit_of(report: &Value) -> i32 {
    match report["outcome"].as_str() {
        Some("completed") => 0,
        Some("denied") => 10,
        Some("challenge") => 11,
        Some("redirect" | "prompt") => 12,
        Some("failed") => 20,
        other => panic!("{other:?}"),
    }
}

fn start(cli: &Cli, folder: &Path, event: &str) -> Ran {
    let (flow, event) = (folder.join("flow.toml"), folder.join(event));
    cli.run(&["run", &flow.to_string_lossy(), "--event", &event.to_string_lossy(), "--json"])
}

fn resume(cli: &Cli, folder: &Path, with: &Value, last: &Value) -> Ran {
    let outcome = last["outcome"].as_str().unwrap_or_default();
    let state = last[outcome]["state"].as_str().unwrap_or_else(|| panic!("{last:#}"));
    let mut arguments = vec!["resume".to_owned(), state.to_owned(), "--json".to_owned()];
    for flag in ["query", "body"] {
        for (name, value) in with[flag].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            arguments.extend([format!("--{flag}"), format!("{name}={value}")]);
        }
    }
    if let Some(factor) = with["passed"].as_str() {
        arguments.extend(["--passed".to_owned(), factor.to_owned()]);
    }
    if with["token"].is_object() {
        let token = token(cli, folder, &with["token"], state);
        let name = with["token"]["parameter"].as_str().unwrap_or("session_token");
        arguments.extend(["--body".to_owned(), format!("{name}={token}")]);
    }
    cli.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Plays the site the user was sent to.
fn token(cli: &Cli, folder: &Path, token: &Value, state: &str) -> String {
    let secret = folder.join(token["secret_file"].as_str().unwrap_or_default());
    let event = std::fs::read_to_string(folder.join("event.json")).expect("an event");
    let event: Value = serde_json::from_str(&event).expect("JSON");
    let mut arguments = vec![
        "token".to_owned(),
        format!("--secret-file={}", secret.display()),
        format!("--state={state}"),
        format!("--sub={}", event["user"]["user_id"].as_str().unwrap_or_default()),
        format!("--expires-in={}", token["expires_in"].as_i64().unwrap_or(300)),
    ];
    for (name, value) in token["claims"].as_object().into_iter().flatten() {
        arguments.push(format!("--claim={name}={}", value.as_str().unwrap_or_default()));
    }
    let ran = cli.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
    ran.stdout.trim().to_owned()
}

/// `expected` must be part of `found`. Lists are as long as they say; a text
/// that begins with `~` is a regular expression.
#[track_caller]
fn matches(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, value) in members {
                matches(value, &found[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(expected), Value::Array(items)) => {
            assert_eq!(expected.len(), items.len(), "{place}: {}", json!(items));
            for (index, (expected, item)) in expected.iter().zip(items).enumerate() {
                matches(expected, item, &format!("{place}[{index}]"));
            }
        }
        (Value::String(pattern), Value::String(text)) if pattern.starts_with('~') => {
            let regex = regex_lite::Regex::new(&pattern[1..]).expect("a regular expression");
            assert!(regex.is_match(text), "{place}: {text} is not like {pattern}");
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}
