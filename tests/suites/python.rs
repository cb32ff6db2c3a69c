//! Actions in Python: what is missing is named, what is wrong is shown where it is,
//! and what the interpreter in the component may do. One component, which has a mode
//! for each question, serves most of it: it takes long to build.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use flowhost_tests::{Cli, Ran, bounded, pip, project};
use serde_json::Value;

/// What is installed, and never anything newer by itself.
const COMPONENTIZE_PY: &str = "componentize-py==0.25.1";

const TESTING: Duration = Duration::from_secs(60);

/// Where the tool is, for the command. None, and the test is ignored, without it.
pub(crate) fn tool() -> Option<(&'static str, OsString)> {
    let bin = pip(COMPONENTIZE_PY)?;
    Some(("FLOWHOST_COMPONENTIZE_PY", bin.join("componentize-py").into()))
}

fn build(cli: &Cli, path: &str, tool: &OsString) -> Ran {
    let mut command = cli.command();
    command.args(["build", path, "--json"]).env("FLOWHOST_COMPONENTIZE_PY", tool);
    let output = command.output().expect("the command");
    Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The component that has the modes, in a folder whose name has a space.
fn component() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(Cli, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let (_, tool) = tool()?;
        let cli = Cli::new();
        let folder = cli.path().join("an action");
        std::fs::create_dir(&folder).expect("a folder");
        let source = project().join("tests/suites/python/action.py");
        std::fs::copy(source, folder.join("action.py")).expect("a copy");
        // Two at once, in one folder.
        std::thread::scope(|scope| {
            let builds = [(); 2].map(|()| scope.spawn(|| build(&cli, "an action", &tool)));
            for build in builds {
                build.join().expect("no panic").exits(0);
            }
        });
        let left: Vec<OsString> = std::fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| !["action.py", "action.wasm"].iter().any(|known| name == known))
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        Some((cli, folder.join("action.wasm")))
    });
    built.as_ref().map(|(_, path)| path.as_path())
}

/// Runs a mode; more of the flow file may follow. It may take long to compile what is
/// as large as an interpreter, where much else runs.
fn run(mode: &str, more: &str) -> Option<(Cli, Ran)> {
    let component = component()?;
    let cli = Cli::new();
    let flow = format!(
        "name = \"python\"\ntrigger = \"post-challenge@1\"\n\n[[action]]\nname = \"a\"\n\
         component = {:?}\nconfiguration = {{ mode = \"{mode}\" }}\n\
         limits = {{ compile_time = \"10m\" }}\n{more}",
        component.display().to_string(),
    );
    cli.write("flow.toml", flow);
    let ran = cli.run(&["run", "flow.toml", "--event", "event.json", "--json"]);
    Some((cli, ran))
}

fn messages(report: &Value) -> Vec<String> {
    let logs = report["runs"][0]["logs"].as_array().expect("logs").iter();
    logs.map(|line| line["message"].as_str().expect("a message").to_owned()).collect()
}

#[test]
fn no_two_runs_draw_the_same_numbers() {
    let Some((_, ran)) = run("randomness", "") else { return };
    let one = messages(&ran.exits(0).json());
    let other = messages(&run("randomness", "").expect("built").1.exits(0).json());
    assert_eq!(one.len(), 4, "{one:?}");
    for (one, other) in one.iter().zip(&other).take(3) {
        assert_ne!(one, other);
    }
    // As the README says of what is computed while the module is imported.
    assert_eq!(one[3], other[3]);
}

#[test]
fn the_clock_is_the_hosts() {
    let Some((_, ran)) = run("clock", "") else { return };
    assert_eq!(messages(&ran.exits(0).json()), ["True", "True"]);
}

#[test]
fn there_is_no_file_and_no_socket() {
    let Some((_, ran)) = run("reach", "") else { return };
    let messages = messages(&ran.exits(0).json());
    let refused = ["FileNotFoundError", "PermissionError", "OSError", "gaierror"];
    assert_eq!(messages.len(), 5);
    assert!(messages.iter().all(|name| refused.contains(&name.as_str())), "{messages:?}");
}

#[test]
fn what_is_printed_is_in_the_log() {
    let Some((_, ran)) = run("output", "") else { return };
    let report = ran.exits(0).json();
    assert_eq!(messages(&report), ["printed ü", "complained"]);
    assert_eq!(report["runs"][0]["logs"][1]["level"], "error");
}

#[test]
fn an_exception_fails_the_flow_with_its_class_and_its_place() {
    let Some((_, ran)) = run("wrong", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["failed"]["code"], "action_error", "{report}");
    assert_eq!(report["failed"]["message"], "KeyError: 'nothing'");
    let source = std::fs::read_to_string(project().join("tests/suites/python/action.py"));
    let source = source.expect("the action");
    let line = |text: &str| 1 + source.lines().position(|line| line.trim() == text).expect("it");
    let said = messages(&report).join("\n");
    for (function, text) in [("nested", "return empty[\"nothing\"]"), ("wrong", "nested({})")] {
        let place = format!("at {function} (action.py:{})", line(text));
        assert!(said.contains(&place), "no {place} in {said}");
    }
}

#[test]
fn leaving_and_recursing_without_end_are_failures_too() {
    for (mode, name) in [("leave", "SystemExit"), ("deep", "RecursionError")] {
        let Some((_, ran)) = run(mode, "") else { return };
        let report = ran.exits(20).json();
        let message = report["failed"]["message"].as_str().expect("a message");
        assert!(message.starts_with(name), "{mode}: {message}");
    }
}

/// It would end the run as a trap, at the border of the component.
#[test]
fn a_message_that_is_no_text_is_still_a_message() {
    let Some((_, ran)) = run("surrogate", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["failed"]["code"], "action_error", "{report}");
    assert_eq!(report["failed"]["message"], "ValueError: bad ? text");
}

#[test]
fn memory_without_end_ends_the_run() {
    let Some((_, ran)) = run("hoard", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["outcome"], "failed");
}

/// It has no `on_continue`.
#[test]
fn without_on_continue_a_redirect_fails_and_check_warns() {
    let Some((cli, ran)) = run("away", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["failed"]["code"], "continue_missing", "{report}");
    let checked = cli.run(&["check", "flow.toml", "--json"]).exits(0).json();
    let warning = checked["warnings"][0]["message"].as_str().expect("a warning");
    assert!(warning.ends_with("has no on-continue export to go on with"), "{warning}");
}

// What is wrong, before anything runs.

#[test]
fn a_tool_that_is_missing_or_of_another_version_is_named_with_how_to_install_it() {
    let cli = Cli::new();
    cli.write("action.py", "def on_execute(event, api): pass\n");
    let old = cli.write("old", "#!/bin/sh\necho componentize-py 0.24.0\n");
    make_executable(&old);
    let told = [
        (OsString::from("no-such-program"), "componentize-py is not there"),
        (old.into(), "componentize-py 0.24.0 is there, 0.25.1 is needed"),
    ];
    for (tool, what) in told {
        let error = &build(&cli, "action.py", &tool).exits(3).json()["error"];
        assert_eq!(error["code"], "toolchain_missing", "{error}");
        assert!(error["message"].as_str().expect("a message").starts_with(what), "{error}");
        let hint = error["hint"].as_str().expect("a hint");
        assert!(hint.starts_with(&format!("pip install {COMPONENTIZE_PY} ")), "{hint}");
    }
    assert!(!cli.path().join("action.wasm").exists());
}

fn make_executable(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(file, all).expect("executable");
    }
    #[cfg(not(unix))]
    let _ = file;
}

#[test]
fn what_is_wrong_with_a_source_is_shown_where_it_is() {
    let Some((_, tool)) = tool() else { return };
    let cases = [
        (
            "syntax.py",
            "def on_execute(event, api)\n    pass\n",
            "syntax.py\", line 1\n",
            "SyntaxError",
        ),
        (
            "mint.py",
            "import secrets\n\nTOKEN = secrets.token_hex()\n\ndef on_execute(event, api):\n    pass\n",
            "mint.py\", line 3, in <module>",
            "would be the same in every run",
        ),
        (
            "token.py",
            "def on_execute(event, api):\n    pass\n",
            "",
            "token.py has the name of a module",
        ),
        ("empty.py", "x = 1\n", "", "the action has no function on_execute(event, api)"),
    ];
    let cli = Cli::new();
    for (file, text, place, what) in cases {
        cli.write(file, text);
        let error = &build(&cli, file, &tool).exits(2).json()["error"];
        assert_eq!(error["code"], "build_failed", "{error}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(place) && message.contains(what), "{message}");
        assert!(!message.contains("flowhost_entry"), "{message}");
    }
    assert!(!cli.path().join("syntax.wasm").exists());
}

// What was built is kept.

/// A stand-in for the tool, which counts and gives what is built already. It says of an
/// action that imports nothing from elsewhere that it is alone, as the kit does.
const STAND_IN: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo componentize-py 0.25.1; exit; fi
echo started >> "$(dirname "$0")/starts"
while [ $# -gt 0 ]; do
  case $1 in
    -o) to=$2 ;;
    -p) from=$before before=$2 ;;
  esac
  shift
done
cp "$(dirname "$0")/scripted.wasm" "$to"
if ! grep -q elsewhere "$from"/*.py; then touch "$before/alone"; fi
"#;

#[test]
fn what_did_not_change_is_not_built_again() {
    let cli = Cli::new();
    let tool = cli.write("stand-in", STAND_IN);
    make_executable(&tool);
    let check = |wanted: usize, what: &str| {
        let mut command = cli.command();
        // Nothing of other tests.
        command.env("XDG_CACHE_HOME", cli.path().join("cache"));
        command.args(["check", "mine"]).env("FLOWHOST_COMPONENTIZE_PY", &tool);
        let output = command.output().expect("the command");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let starts = std::fs::read_to_string(cli.path().join("starts")).expect("starts");
        assert_eq!(starts.lines().count(), wanted, "{what}");
    };
    std::fs::create_dir(cli.path().join("mine")).expect("a folder");
    cli.write("mine/action.py", "import near\n\ndef on_execute(event, api): pass\n");
    cli.write("mine/near.py", "A = 1\n");
    check(1, "never built before");
    check(1, "as it was");
    cli.write("mine/near.py", "A = 2\n");
    check(2, "a neighbour is another");
    cli.write("mine/near.py", "A = 1\n");
    check(2, "and again what it was");
    std::fs::rename(cli.path().join("mine/near.py"), cli.path().join("mine/far.py")).expect("so");
    check(3, "a neighbour is called otherwise");
    cli.write("mine/far.py", "import elsewhere\n");
    check(4, "not alone");
    check(5, "so nobody can know whether it changed");
}

/// The real tool, and the real kit that says so.
#[test]
fn an_action_that_is_alone_is_kept() {
    if component().is_none() {
        return;
    }
    let cli = Cli::new();
    let fails = STAND_IN.replace("echo started", "exit 9; echo started");
    let tool = cli.write("stand-in", fails);
    make_executable(&tool);
    let source = project().join("tests/suites/python/action.py");
    std::fs::copy(source, cli.path().join("action.py")).expect("a copy");
    std::fs::create_dir(cli.path().join("mine")).expect("a folder");
    std::fs::rename(cli.path().join("action.py"), cli.path().join("mine/action.py")).expect("so");
    build(&cli, "mine", &tool.into()).exits(0);
}

// The kit, and what `flowhost new` makes, in the Python that is there.

#[test]
fn the_kits_own_tests_are_green() {
    let folder = project().join("guest-sdk/python");
    unittest(&folder, &["discover", "-s", "tests"]);
}

#[test]
fn the_tests_of_the_templates_are_green() {
    for template in ["mfa", "redirect", "deny", "form"] {
        let cli = Cli::new();
        cli.run(&["new", "mine", "--lang", "python", "--template", template]).exits(0);
        unittest(&cli.path().join("mine"), &[]);
    }
}

#[track_caller]
fn unittest(folder: &Path, arguments: &[&str]) {
    let mut test = Command::new("python3");
    test.args(["-m", "unittest"]).args(arguments).current_dir(folder);
    test.env("PYTHONDONTWRITEBYTECODE", "1");
    let (green, said) = bounded(&mut test, TESTING);
    assert!(green && !said.contains("Ran 0 tests"), "{said}");
}
