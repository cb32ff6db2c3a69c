//! What goes wrong around a server while it runs or starts: files that are
//! missing for a while or claim another flow's name, a store that is away, a
//! flow that leads nowhere, and being told to stop in the middle of loading.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use flowhost_tests::serving::{Browser, Serving, wait_until};
use flowhost_tests::{Cli, event, shared_postgres};
use serde_json::{Value, json};

use super::{flow_file, redirect, returned, sent_away};

/// A flow that needs its secret when it goes on.
fn with_secret(file: &str) -> String {
    let text = flow_file("reset", &json!([redirect()]), &json!([{ "secret": "KEY" }]));
    let mut flow: toml::Table = text.parse().expect("TOML");
    let action = &mut flow["action"].as_array_mut().expect("actions")[0];
    let secrets = toml::Value::try_from(json!({ "KEY": { "file": file } })).expect("TOML");
    action.as_table_mut().expect("an action").insert("secrets".to_owned(), secrets);
    flow.to_string()
}

fn without_return_url(text: &str) -> String {
    let mut flow: toml::Table = text.parse().expect("TOML");
    flow.remove("return_url");
    flow.to_string()
}

#[test]
fn a_file_that_claims_another_flows_name_changes_nothing_of_it() {
    let cli = Cli::new();
    cli.write("secret.txt", "a-secret-of-the-first-flow");
    cli.write("flow.toml", with_secret("secret.txt"));
    cli.write("other.toml", flow_file("other", &json!([redirect()]), &json!([])));
    let server = Serving::with(&cli, &["flow.toml", "other.toml"], |_| {});
    let (started, mut browser, state) = sent_away(&server);
    cli.write("other.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    server.wait_for_log("another file holds a flow called `reset`");
    let answer = browser.get(&server, &format!("/continue?state={state}"));
    returned(&answer, &started);
    assert_eq!(server.flow(&started)["outcome"], "completed", "{}", server.log());
}

#[test]
fn what_could_not_be_loaded_is_tried_again() {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([redirect()]), &json!([])));
    let server = Serving::start(&cli, "flow.toml");
    let complaints = || server.log().matches("\"not reloaded\"").count();
    // Nothing that the loaded flow names.
    cli.write("flow.toml", with_secret("secret.txt"));
    wait_until("the missing secret", || complaints() == 1);
    // Wrong in another way, which is worth another line.
    cli.write("secret.txt", [0xff; 32]);
    wait_until("the broken secret", || complaints() == 2);
    cli.write("secret.txt", "a-secret-that-came-late");
    server.wait_for_log("\"reloaded\"");
    assert_eq!(complaints(), 2, "{}", server.log());
}

#[test]
fn a_challenge_that_nobody_shows_is_in_the_log() {
    let challenge = json!([{ "challenge_with": { "factor": { "type": "otp" } } }]);
    let cli = Cli::new();
    cli.write("flow.toml", without_return_url(&flow_file("reset", &challenge, &json!([]))));
    cli.write("shown.toml", flow_file("shown", &challenge, &json!([])));
    let server = Serving::with(&cli, &["flow.toml", "shown.toml"], |_| {});
    for (flow, status) in [("shown", 303), ("reset", 200)] {
        assert!(!server.log().contains("waits for a challenge"), "{}", server.log());
        let (started, path) = server.begin(flow, &event());
        Browser::default().begin(&server, &path).expect(status);
        assert_eq!(server.flow(&started)["outcome"], "challenge");
    }
    let log = server.stop();
    assert_eq!(log.matches("waits for a challenge, and has no return_url").count(), 1, "{log}");
    assert_eq!(log.matches("end on a plain page").count(), 1, "{log}");
}

/// Serving ends before it is announced, with this exit code and error.
fn refused(cli: &Cli, arguments: &[&str], exit: i32, code: &str) {
    let output = Serving::command(cli, arguments).output().expect("the command");
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON");
    assert_eq!(said["error"]["code"], code, "{said:#}");
    assert_eq!(output.status.code(), Some(exit), "{said:#}");
}

#[test]
fn a_file_that_cannot_be_a_store_is_not_served() {
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([]), &json!([])));
    cli.write("no-folder", "a file");
    cli.write("no.db", "no database, but a text that is longer than the head of one. ".repeat(9));
    for store in ["sqlite:no-folder/x.db", "sqlite:no.db"] {
        refused(&cli, &["flow.toml", "--store", store], 3, "store_unavailable");
    }
}

#[test]
fn a_database_of_another_form_is_not_served() {
    let Some(postgres) = shared_postgres() else { return };
    let cli = Cli::new();
    cli.write("flow.toml", flow_file("reset", &json!([]), &json!([])));
    cli.run(&["keys", "new", "keys.txt"]).exits(0);
    let database = postgres.database();
    let url = postgres.url(&database);
    let arguments = ["flow.toml", "--keys", "keys.txt", "--store", &url];
    Serving::with(&cli, &arguments, |_| {}).stop();
    postgres.execute(&database, "UPDATE flowhost.schema_version SET version = 1000");
    refused(&cli, &arguments, 3, "store_incompatible");
}

/// A file that whoever reads it waits for.
fn pipe(path: &Path) {
    _ = std::fs::remove_file(path);
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
}

/// Waits until it is read, and lets the reader wait.
fn reader_of(path: &Path) -> File {
    // Linux: O_NONBLOCK, which fails while nobody reads.
    let open = || OpenOptions::new().write(true).custom_flags(0o4000).open(path).ok();
    let mut opened = None;
    wait_until("a reader", || {
        opened = open();
        opened.is_some()
    });
    opened.expect("a reader")
}

#[test]
#[cfg(target_os = "linux")]
fn told_to_stop_while_it_loads_it_ends_unannounced() {
    let cli = Cli::new();
    let path = cli.path().join("flow.toml");
    pipe(&path);
    let child = Serving::command(&cli, &["flow.toml"]).spawn().expect("a server");
    let _open = reader_of(&path);
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()), "kill");
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn told_to_stop_while_it_reads_its_files_again_it_stops() {
    let cli = Cli::new();
    let path = cli.write("flow.toml", flow_file("reset", &json!([]), &json!([])));
    let mut server = Serving::start(&cli, "flow.toml");
    pipe(&path);
    server.signal("HUP");
    let _open = reader_of(&path);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0), "{}", server.log());
}
