//! `flowhost new`: each template of each language is built and does what its
//! README says, without a network; its own tests are green; and nothing that is
//! there is touched.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flowhost_tests::{Cli, Ran, bounded, home, ignored, npm};
use serde_json::{Value, json};

const TEMPLATES: [&str; 4] = ["mfa", "redirect", "deny", "form"];

const TESTING: Duration = Duration::from_secs(300);

/// As in `typescript.rs`.
const TYPESCRIPT: &str = "typescript@7.0.2";

// The languages, a test each. What a toolchain needs in its environment goes into
// the last argument.

#[test]
fn templates_in_javascript() {
    // Not a program is needed.
    plays("js", &[("PATH", OsString::new())]);
}

#[test]
fn templates_in_typescript() {
    plays("ts", &[("PATH", OsString::new())]);
}

#[test]
fn templates_in_rust() {
    plays("rust", &cargo());
}

#[test]
fn templates_in_c() {
    if let Some(zig) = crate::c_and_zig::zig() {
        plays("c", &zig);
    }
}

#[test]
fn templates_in_cpp() {
    if let Some(zig) = crate::c_and_zig::zig() {
        plays("cpp", &zig);
    }
}

#[test]
fn templates_in_zig() {
    if let Some(zig) = crate::c_and_zig::zig() {
        plays("zig", &zig);
    }
}

#[test]
fn templates_in_go() {
    if crate::go::has_go() {
        plays("go", &[]);
    }
}

/// All four in one component, which asks its configuration for the template: an
/// interpreter takes half a minute to build and as long to compile. So here the folder is
/// not what `flowhost new` makes, but each action in it is, each is imported by the build
/// and each is run to all of its ends. That a folder as it is made can be built is
/// seen in `the_templates_in_python_are_built_as_they_are`.
#[test]
fn templates_in_python() {
    let Some(tool) = crate::python::tool() else { return };
    let cli = Cli::new();
    let mut dispatch = String::new();
    std::fs::create_dir(cli.path().join("all")).expect("a folder");
    for template in TEMPLATES {
        cli.run(&["new", template, "--lang", "python", "--template", template]).exits(0);
        let action = cli.path().join(template).join("action.py");
        let copied = cli.path().join("all").join(format!("{template}_action.py"));
        std::fs::copy(action, copied).expect("a copy");
        dispatch += &format!("import {template}_action\n");
    }
    for handler in ["on_execute", "on_continue"] {
        dispatch += &format!(
            "\n\ndef {handler}(event, api):\n    \
             template = event.configuration.parse()[\"template\"]\n    \
             globals()[template + \"_action\"].{handler}(event, api)\n"
        );
    }
    // Where a handler comes from another module the build guesses wrong, at first, that
    // there is none.
    std::fs::write(cli.path().join("all/handlers.py"), dispatch).expect("a file");
    let action = "from handlers import on_execute, on_continue\n";
    std::fs::write(cli.path().join("all/action.py"), action).expect("a file");
    let mut build = cli.command();
    let built = ran(build.args(["build", "all", "--json"]).envs([tool])).exits(0);
    assert_eq!(built.json()["has_continue"], true);
    for template in TEMPLATES {
        let file = cli.path().join(template).join("flow.toml");
        let mut flow: toml::Table =
            std::fs::read_to_string(&file).expect("a flow").parse().expect("TOML");
        let action = flow["action"][0].as_table_mut().expect("an action");
        assert_eq!(action.remove("source"), Some("action.py".into()));
        action.insert("component".into(), "../all/action.wasm".into());
        // Where much else runs it may take longer than the limit.
        action.insert("limits".into(), toml::toml! { compile_time = "10m" }.into());
        let configuration = action.entry("configuration").or_insert(toml::Table::new().into());
        let configuration = configuration.as_table_mut().expect("a table");
        configuration.insert("template".into(), template.into());
        std::fs::write(&file, toml::to_string(&flow).expect("TOML")).expect("written");
    }
    ends("python", &cli, &[]);
}

/// The one that needs most: a secret, both handlers, the kit beside it.
#[test]
fn the_templates_in_python_are_built_as_they_are() {
    let Some(tool) = crate::python::tool() else { return };
    let cli = Cli::new();
    cli.run(&["new", "mine", "--lang", "python", "--template", "redirect"]).exits(0);
    let mut build = cli.command();
    let built = ran(build.args(["build", "mine/action.py", "--json"]).envs([tool])).exits(0);
    assert_eq!(built.json()["has_continue"], true);
}

fn cargo() -> [(&'static str, OsString); 2] {
    [("CARGO_NET_OFFLINE", "true".into()), ("CARGO_TARGET_DIR", home().join("templates").into())]
}

/// Makes each template, and plays it to each of its ends.
#[track_caller]
pub(super) fn plays(language: &str, environment: &[(&str, OsString)]) {
    let cli = Cli::new();
    for template in TEMPLATES {
        let made = cli.run(&["new", template, "--lang", language, "--template", template]);
        made.exits(0);
        let mut check = cli.command();
        check.current_dir(cli.path().join(template)).envs(environment.iter().cloned());
        ran(check.args(["check", "flow.toml", "--event", "event.json"])).exits(0);
    }
    ends(language, &cli, environment);
}

/// Plays the four flows in this folder to each of their ends.
#[track_caller]
fn ends(language: &str, cli: &Cli, environment: &[(&str, OsString)]) {
    let play = |folder: &str, arguments: &[&str]| {
        let mut command = cli.command();
        command.current_dir(cli.path().join(folder)).args(arguments);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        ran(&mut command)
    };
    let run = ["run", "flow.toml", "--event", "event.json", "--json"];
    let step = play("mfa", &run).exits(11).json();
    let factors = [
        json!({ "type": "webauthn-roaming" }),
        json!({ "type": "otp" }),
        json!({ "type": "email" }),
    ];
    assert_eq!(step["challenge"]["factors"], json!(factors), "{language}");
    play("mfa", &["resume", &state(&step), "--passed", "otp"]).exits(0);

    let step = play("redirect", &run).exits(12).json();
    let url = step["redirect"]["url"].as_str().expect("a URL");
    assert!(url.starts_with("https://verify.example.com/start?session_token=ey"), "{url}");
    let sub = "auth0|5f7c8ec7c33c6c004bbafe82";
    for (result, exit) in [("ok", 0), ("no", 10)] {
        let step = play("redirect", &run).exits(12).json();
        let token = ["token", "--secret-file", "token-key.txt", "--state", &state(&step)];
        let claim = format!("result={result}");
        let token = [&token[..], &["--sub", sub, "--claim", &claim]].concat();
        let token = play("redirect", &token).exits(0).stdout;
        let query = format!("session_token={}", token.trim());
        play("redirect", &["resume", &state(&step), "--query", &query]).exits(exit);
    }
    play("redirect", &["resume", &state(&step)]).exits(10);

    play("deny", &run).exits(10);
    for (change, exit) in [(json!("LI"), 0), (Value::Null, 10)] {
        let file = cli.path().join("deny/event.json");
        let text = std::fs::read_to_string(&file).expect("an event");
        let mut event: Value = serde_json::from_str(&text).expect("JSON");
        event["request"]["geoip"]["countryCode"] = change;
        std::fs::write(&file, event.to_string()).expect("written");
        play("deny", &run).exits(exit);
    }

    for (answer, exit) in [("agreed=yes", 0), ("agreed=no", 10), ("other=yes", 10)] {
        let step = play("form", &run).exits(12).json();
        assert_eq!(step["prompt"]["id"], "terms", "{language}");
        play("form", &["resume", &state(&step), "--body", answer]).exits(exit);
    }
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the command");
    Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn state(step: &Value) -> String {
    let outcome = step["outcome"].as_str().expect("an outcome");
    step[outcome]["state"].as_str().expect("a state").to_owned()
}

// Their own tests.

#[test]
fn the_tests_of_rust_templates_are_green() {
    for (folder, _cli) in made("rust") {
        let mut test = Command::new("cargo");
        test.args(["test", "--quiet"]).current_dir(&folder).envs(cargo());
        test.env_remove("CARGO_ENCODED_RUSTFLAGS");
        green(&mut test);
    }
}

#[test]
fn the_tests_of_javascript_templates_are_green() {
    if Command::new("node").arg("--version").output().is_err() {
        return ignored("node is missing: `apt-get install nodejs`");
    }
    for (folder, _cli) in made("js") {
        green(Command::new("node").arg("--test").current_dir(&folder));
    }
}

/// Node.js may be too old to read them, so that TypeScript strips the types.
#[test]
fn the_tests_of_typescript_templates_are_green_and_their_types_right() {
    let Some(packages) = npm(&[TYPESCRIPT]) else { return };
    let compiler = packages.join("node_modules/.bin/tsc");
    for (folder, _cli) in made("ts") {
        green(Command::new(&compiler).current_dir(&folder));
        let strip = ["--noEmit", "false", "--outDir", "stripped"];
        green(Command::new(&compiler).args(strip).current_dir(&folder));
        let test = std::fs::read_to_string(folder.join("action.test.mjs")).expect("a test");
        let test = test.replace("./action.ts", "./action.js");
        std::fs::write(folder.join("stripped/action.test.mjs"), test).expect("written");
        std::fs::write(folder.join("stripped/package.json"), r#"{"type":"module"}"#).expect("so");
        green(Command::new("node").arg("--test").current_dir(folder.join("stripped")));
    }
}

#[test]
fn the_tests_of_c_and_cpp_templates_are_green() {
    let Some(zig) = crate::c_and_zig::zig() else { return };
    for language in ["c", "cpp"] {
        for (folder, _cli) in made(language) {
            let program = format!("ZIG={}", zig[0].1.to_string_lossy());
            green(
                Command::new("make").args(["test", &program]).envs(zig.clone()).current_dir(folder),
            );
        }
    }
}

#[test]
fn the_tests_of_zig_templates_are_green() {
    let Some(zig) = crate::c_and_zig::zig() else { return };
    for (folder, _cli) in made("zig") {
        let mut test = Command::new(&zig[0].1);
        test.args(["test", "--dep", "flowhost", "-Mroot=action.zig"]);
        test.arg("-Mflowhost=flowhost/flowhost.zig").envs(zig.clone());
        green(test.current_dir(folder));
    }
}

/// The folders of all templates; each goes with its `Cli`.
fn made(language: &str) -> Vec<(PathBuf, Cli)> {
    let make = |template: &str| {
        let cli = Cli::new();
        cli.run(&["new", "an-action", "--lang", language, "--template", template]).exits(0);
        (cli.path().join("an-action"), cli)
    };
    TEMPLATES.map(make).into_iter().collect()
}

#[track_caller]
fn green(command: &mut Command) {
    let (green, said) = bounded(command, TESTING);
    assert!(green, "{command:?}\n{said}");
}

// What is there stays.

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let cli = Cli::new();
    let folder = cli.path().join("mine");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("action.js"), "mine").expect("a file");
    let ran = cli.run(&["new", "mine", "--lang", "js", "--json"]).exits(2);
    assert_eq!(ran.json()["error"]["code"], "usage");
    assert_eq!(std::fs::read_to_string(folder.join("action.js")).expect("a file"), "mine");
    assert_eq!(entries(&folder), ["action.js"]);
    cli.run(&["new", "scripted.wasm", "--lang", "js"]).exits(2);
    cli.run(&["new", "event", "--lang", "js"]).exits(0);
    cli.run(&["new", "event", "--lang", "js"]).exits(2);
    let partial = entries(cli.path()).into_iter().find(|name| name.ends_with(".partial"));
    assert_eq!(partial, None);
}

#[test]
fn an_empty_folder_is_filled() {
    let cli = Cli::new();
    std::fs::create_dir(cli.path().join("empty")).expect("a folder");
    let ran = cli.run(&["new", "empty", "--lang", "js", "--template", "form"]).exits(0);
    let files =
        [".gitignore", "README.md", "action.js", "action.test.js", "event.json", "flow.toml"];
    assert_eq!(entries(&cli.path().join("empty")), files);
    let next = "  next:    cd empty\n           node --test\n           \
                flowhost run flow.toml --event event.json\n";
    assert!(ran.stdout.ends_with(next), "{}", ran.stdout);
}

/// From inside, which is where one stays.
#[test]
fn the_folder_at_hand_is_filled_and_gives_its_name() {
    let cli = Cli::new();
    let folder = cli.path().join("my-action");
    std::fs::create_dir(&folder).expect("a folder");
    let mut command = cli.command();
    command.args(["new", ".", "--lang", "js", "--template", "redirect"]).current_dir(&folder);
    let ran = ran(&mut command).exits(0);
    assert!(ran.stdout.contains("next:    node --test\n"), "{}", ran.stdout);
    let flow = std::fs::read_to_string(folder.join("flow.toml")).expect("a flow");
    assert!(flow.contains("name = \"my-action\""), "{flow}");
    let partial = entries(&folder).into_iter().find(|name| name.ends_with(".partial"));
    assert_eq!(partial, None);
}

#[test]
fn the_command_to_go_there_can_be_copied() {
    let cli = Cli::new();
    let ran = cli.run(&["new", "my dir/x", "--lang", "js", "--json"]).exits(0);
    assert_eq!(ran.json()["next"][0], "cd 'my dir/x'");
}

#[test]
fn who_needs_make_is_told() {
    let cli = Cli::new();
    for (language, needed) in [("c", true), ("cpp", true), ("zig", false)] {
        let made = cli.run(&["new", language, "--lang", language]).exits(0).stdout;
        let needs = made.lines().find(|line| line.trim().starts_with("needs")).expect("a line");
        assert_eq!(needs.ends_with("; make"), needed, "{needs}");
    }
}

#[test]
fn where_no_folder_can_be_made_nothing_is_left() {
    let cli = Cli::new();
    let ran = cli.run(&["new", "gone/mine/action", "--lang", "js"]);
    // The way there is made.
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let ran = cli.run(&["new", "event.json/action", "--lang", "js", "--json"]).exits(2);
    assert_eq!(ran.json()["error"]["code"], "file_unreadable");
}

#[test]
fn names_that_fit_no_flow_and_no_package_are_refused() {
    let cli = Cli::new();
    let long = "a".repeat(65);
    for name in ["9lives", "a b", "ä", "a.b", "..", ".", "/", "flowhost-action", &long] {
        let ran = cli.run(&["new", name, "--lang", "rust", "--json"]).exits(2);
        assert_eq!(ran.json()["error"]["code"], "usage", "{name}");
    }
    let ran = cli.run(&["new", "mine", "--lang", "cobol", "--json"]).exits(2);
    assert_eq!(ran.json()["error"]["code"], "usage");
}

/// Who has no network must know before.
#[test]
fn what_must_be_fetched_for_rust_is_said() {
    let cli = Cli::new();
    let ran = cli.run(&["new", "mine", "--lang", "rust"]).exits(0);
    assert!(ran.stdout.contains("a network"), "{}", ran.stdout);
    let readme = std::fs::read_to_string(cli.path().join("mine/README.md")).expect("a file");
    for said in ["a network", "wit-bindgen", "serde_json", "cargo fetch"] {
        assert!(readme.contains(said), "{readme}");
    }
}

/// Each has a key of its own, which version control does not get to see.
#[test]
fn the_key_of_a_redirect_is_made_for_it_alone() {
    let cli = Cli::new();
    let key = |name: &str| {
        cli.run(&["new", name, "--lang", "js", "--template", "redirect"]).exits(0);
        let folder = cli.path().join(name);
        let ignored = std::fs::read_to_string(folder.join(".gitignore")).expect("a file");
        assert!(ignored.lines().any(|line| line == "token-key.txt"), "{ignored}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let key = folder.join("token-key.txt").metadata().expect("a key");
            assert_eq!(key.permissions().mode() & 0o777, 0o600);
        }
        std::fs::read_to_string(folder.join("token-key.txt")).expect("a key")
    };
    let (one, other) = (key("one"), key("other"));
    assert_eq!(one.trim().len(), 64);
    assert_ne!(one, other);
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}
