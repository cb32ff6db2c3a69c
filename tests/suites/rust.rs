//! Actions in Rust: a continue handler that was forgotten, and one that was written
//! and is not exported.

use std::ffi::OsString;

use flowhost_tests::{Cli, Ran, home};

/// The template `redirect` with its text changed, as `mine`.
fn changed(change: impl Fn(&str) -> String) -> Cli {
    let cli = Cli::new();
    cli.run(&["new", "mine", "--lang", "rust", "--template", "redirect"]).exits(0);
    let file = cli.path().join("mine/src/lib.rs");
    let text = std::fs::read_to_string(&file).expect("a source");
    let changed = change(&text);
    assert_ne!(changed, text);
    std::fs::write(&file, changed).expect("written");
    cli
}

fn play(cli: &Cli, arguments: &[&str]) -> Ran {
    let mut command = cli.command();
    // As in `templates.rs`, whose builds of what is below this it shares.
    let target: OsString = home().join("templates").into();
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", target);
    let output = command.args(arguments).output().expect("the command");
    Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[test]
fn without_on_continue_a_redirect_fails_and_check_warns() {
    let cli = changed(|text| {
        let begin = text.find("impl Continue for").expect("a second handler");
        let end = text.find("flowhost_action::export!").expect("an export");
        let text = format!("{}{}", &text[..begin], &text[end..]);
        let tests = text.find("#[cfg(test)]").expect("tests");
        text[..tests].replace(", on_continue)", ")").replace("Continue, ", "")
    });
    let checked = play(&cli, &["check", "mine/flow.toml", "--json"]).exits(0).json();
    let warning = checked["warnings"][0]["message"].as_str().expect("a warning");
    assert!(warning.ends_with("has no on-continue export to go on with"), "{warning}");
    let run = ["run", "mine/flow.toml", "--event", "mine/event.json", "--json"];
    let report = play(&cli, &run).exits(20).json();
    assert_eq!(report["failed"]["code"], "continue_missing", "{report}");
}

#[test]
fn a_continue_handler_that_is_not_exported_is_an_error_of_the_build() {
    let cli = changed(|text| text.replace(", on_continue)", ")"));
    let error = play(&cli, &["build", "mine", "--json"]).exits(2).json();
    assert_eq!(error["error"]["code"], "build_failed");
    let message = error["error"]["message"].as_str().expect("a message");
    assert!(message.contains("it has on_continue: export!(Verify, on_continue)"), "{message}");
}
