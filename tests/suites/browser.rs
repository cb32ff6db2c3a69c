//! The whole password reset in a real browser, with a real mail server, for
//! actions in Rust and in JavaScript; and what attackers try. What happens in
//! the browser is in `tests/browser/`; screenshots are kept in
//! `target/screenshots/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flowhost_tests::{
    ResetApp, ResetSetup, VERIFIER_KEY, bounded, has_npm, ignored, lock, nobody, npm_program,
    project, target,
};
use serde_json::json;

const INSTALLING: Duration = Duration::from_secs(180);
const DRIVING: Duration = Duration::from_secs(300);

/// Each attack has users of its own: a code is good for one flow.
const USERS: usize = 9;

/// Where Debian and others put it.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[test]
fn a_password_is_reset_in_a_browser_with_actions_in_rust() {
    drive("rust", "post");
}

#[test]
fn a_password_is_reset_in_a_browser_with_actions_in_javascript() {
    drive("javascript", "get");
}

/// Plays everything with one language; `returns` is how the verifier sends
/// people back.
fn drive(language: &str, returns: &str) {
    let Some(browser) = browser() else { return };
    let Some(scripts) = scripts() else { return };
    let mail = nobody();
    let smtp = format!("smtp://{mail}");
    let arguments = ["--smtp", &smtp, "--verifier-returns", returns, "--forgot-per-hour", "1000"];
    let setup = ResetSetup { language, users: USERS, flow: &[], arguments: &arguments };
    let app = ResetApp::start(&setup);
    let users = app.users.iter().map(
        |user| json!({ "email": user.email, "password": user.password, "secret": user.secret }),
    );
    let screenshots = target().join("screenshots").join(language);
    _ = std::fs::remove_dir_all(&screenshots);
    std::fs::create_dir_all(&screenshots).expect("a folder");
    let settings = json!({
        "language": language,
        "browser": browser,
        "origin": app.origin,
        "verifier": app.verifier,
        "verifierKey": VERIFIER_KEY,
        "returns": returns,
        "mailPort": mail.port(),
        "users": users.collect::<Vec<_>>(),
        "screenshots": screenshots,
    });
    let mut node = Command::new("node");
    node.arg(scripts.join("main.mjs")).arg(settings.to_string()).current_dir(&scripts);
    let (done, said) = bounded(&mut node, DRIVING);
    let log = app.lines().join("\n");
    assert!(done, "{said}\nthe app said:\n{log}");
    println!("{said}");
    // Where people come from is in no request to the verifier.
    let visits: Vec<_> = log.lines().filter(|line| line.starts_with("verifier  GET")).collect();
    assert!(visits.len() > 5, "{log}");
    let from = |line: &&&str| !line.ends_with("referer=none") && !line.contains("/static/");
    assert_eq!(visits.iter().filter(from).count(), 0, "{log}");
}

/// The browser on this machine.
fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places =
        std::env::split_paths(&folders).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    let found = places.find(|place| place.is_file());
    if found.is_none() {
        ignored("there is no browser; `apt-get install chromium`");
    }
    found
}

/// The scripts, in a folder with what they need.
fn scripts() -> Option<PathBuf> {
    if !has_npm("the scripts of the browser") {
        return None;
    }
    let (source, folder) = (project().join("tests/browser"), target().join("browser"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let _lock = lock(&folder);
    for entry in std::fs::read_dir(&source).expect("a folder") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "mjs") {
            copy(&file, &folder);
        }
    }
    let wanted = std::fs::read(source.join("package-lock.json")).expect("a file");
    let installed = folder.join("installed");
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        copy(&source.join("package.json"), &folder);
        copy(&source.join("package-lock.json"), &folder);
        let mut install = Command::new(npm_program());
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
        let (done, said) = bounded(install.arg(&folder).current_dir(&folder), INSTALLING);
        assert!(done, "npm ci: {said}");
        std::fs::write(&installed, wanted).expect("a mark");
    }
    Some(folder)
}

fn copy(file: &Path, to: &Path) {
    std::fs::copy(file, to.join(file.file_name().expect("a name"))).expect("copied");
}
