//! `flowhost build`, before anything is compiled: in which language a folder is, where
//! the tools are, and what is said when there is none that will do.

use std::path::{Path, PathBuf};

use flowhost_tests::{Cli, Ran};
use serde_json::Value;

/// Tools of other languages: the variable, what the program is called, what it tells its
/// version with, and a source for it.
const TOOLS: [(&str, &str, &str, &str); 3] = [
    ("FLOWHOST_ZIG", "zig", "0.17.1", "action.c"),
    ("FLOWHOST_GO", "go", "go1.26.8", "action.go"),
    ("FLOWHOST_COMPONENTIZE_PY", "componentize-py", "componentize-py 0.25.1", "action.py"),
];

/// What those that stand for the tools say when they are to compile.
const STARTED: &str = "the tool was started";

/// Tells its version first, and is no good for more.
fn tool(cli: &Cli, file: &str, version: &str) -> PathBuf {
    let text = format!(
        "#!/bin/sh\ncase \"$1\" in version|--version|env) echo '{version}';; \
         *) echo '{STARTED}' >&2; exit 1;; esac\n"
    );
    script(cli, file, &text)
}

fn script(cli: &Cli, file: &str, text: &str) -> PathBuf {
    let path = cli.path().join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, text).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, all).expect("executable");
    }
    path
}

fn write(cli: &Cli, file: &str, text: &str) {
    let path = cli.path().join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// The error of a build, with this in its environment.
#[track_caller]
fn error(cli: &Cli, source: &str, environment: &[(&str, &str)], exit: i32) -> Value {
    let mut command = cli.command();
    for (variable, ..) in TOOLS {
        command.env_remove(variable);
    }
    command.args(["build", source, "--json"]).envs(environment.iter().copied());
    let output = command.output().expect("the command");
    let ran = Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    };
    ran.exits(exit).json()["error"].clone()
}

#[track_caller]
fn message(error: &Value) -> &str {
    error["message"].as_str().expect("a message")
}

// Tools.

/// Builds run in other folders than the one they were started from.
#[cfg(unix)]
#[test]
fn a_tool_with_a_relative_path_is_started_all_the_same() {
    let cli = Cli::new();
    for (variable, program, version, source) in TOOLS {
        tool(&cli, &format!("tools/{program}"), version);
        write(&cli, &format!("folder/{source}"), "");
        let source = format!("folder/{source}");
        let named = error(&cli, &source, &[(variable, &format!("tools/{program}"))], 2);
        assert!(message(&named).contains(STARTED), "{named:#}");
        let path = error(&cli, &source, &[("PATH", "tools:/bin:/usr/bin")], 2);
        assert!(message(&path).contains(STARTED), "{path:#}");
    }
}

#[cfg(unix)]
#[test]
fn a_tool_that_is_named_and_cannot_be_used_is_told_by_its_name() {
    let cli = Cli::new();
    for (variable, program, version, source) in TOOLS {
        let broken = script(&cli, &format!("broken/{program}"), "#!/bin/sh\nexit 3\n");
        write(&cli, source, "");
        let broken = broken.display().to_string();
        let unusable = error(&cli, source, &[(variable, &broken)], 3);
        assert_eq!(unusable["code"], "toolchain_missing", "{unusable:#}");
        for part in [variable, &broken, "exit status: 3"] {
            assert!(message(&unusable).contains(part), "{unusable:#}");
        }
        assert!(!message(&unusable).contains("is not there"), "{unusable:#}");
        // Another one that would do is not what was asked for.
        tool(&cli, &format!("tools/{program}"), version);
        let gone = [(variable, "gone/program"), ("PATH", "tools:/bin:/usr/bin")];
        let gone = error(&cli, source, &gone, 3);
        let named = format!("{variable} names gone/program, and there is no such program");
        assert!(message(&gone).contains(&named), "{gone:#}");
    }
}

#[cfg(unix)]
#[test]
fn a_tool_of_another_version_is_told_with_where_it_is() {
    let cli = Cli::new();
    let old = tool(&cli, "old/componentize-py", "componentize-py 0.24.0");
    cli.write("action.py", "");
    let error = error(&cli, "action.py", &[("PATH", "old:/bin:/usr/bin")], 3);
    let what = format!("componentize-py 0.24.0 is there, 0.25.1 is needed ({})", old.display());
    assert_eq!(message(&error), what);
}

// Folders.

/// A project of any language may have a package.json for its tools.
#[cfg(unix)]
#[test]
fn a_package_json_is_looked_at_last() {
    let cli = Cli::new();
    for (variable, program, version, source) in TOOLS {
        let tool = tool(&cli, program, version);
        let folder = format!("folder-{program}");
        write(&cli, &format!("{folder}/{source}"), "");
        for manifest in ["{}", r#"{ "main": "tools.js" }"#] {
            write(&cli, &format!("{folder}/package.json"), manifest);
            write(&cli, &format!("{folder}/tools.js"), "");
            let error = error(&cli, &folder, &[(variable, &tool.display().to_string())], 2);
            assert!(message(&error).contains(STARTED), "{error:#}");
        }
    }
}

#[test]
fn a_package_json_alone_names_the_action() {
    let cli = Cli::new();
    write(&cli, "folder/package.json", r#"{ "main": "src/mine.js" }"#);
    write(&cli, "folder/src/mine.js", "exports.onExecutePostChallenge = () => {};\n");
    cli.run(&["build", "folder"]).exits(0);
    write(&cli, "folder/package.json", "{}");
    let error = error(&cli, "folder", &[], 2);
    assert!(message(&error).contains("package.json: it names no `main`"), "{error:#}");
}

#[test]
fn a_folder_in_two_languages_is_told_with_both() {
    let cli = Cli::new();
    for file in ["action.js", "action.c", "package.json"] {
        write(&cli, &format!("folder/{file}"), "");
    }
    let error = error(&cli, "folder", &[], 2);
    assert_eq!(error["code"], "build_failed");
    for name in ["action.js (JavaScript and TypeScript)", "action.c (C and C++)"] {
        assert!(message(&error).contains(name), "{error:#}");
    }
    assert!(!message(&error).contains("package.json"), "{error:#}");
    // Two files of one language are one action.
    std::fs::remove_file(cli.path().join("folder/action.c")).expect("removed");
    write(&cli, "folder/action.js", "exports.onExecutePostChallenge = () => {};\n");
    write(&cli, "folder/action.ts", "");
    cli.run(&["build", "folder"]).exits(0);
}

/// A project is all of its folder, so it goes first; that there is another is said.
#[test]
fn a_project_goes_before_a_file_beside_it() {
    let cli = Cli::new();
    let source = flowhost_tests::guest_workspace().join("../example-actions/redirect-verify");
    let source = source.display().to_string();
    let built = cli.run(&["build", &source, "-o", "out.wasm"]).exits(0).stdout;
    let note = "  note     there are Cargo.toml (Rust) and action.js (JavaScript and TypeScript); \
                this is Cargo.toml (Rust)\n";
    assert!(built.ends_with(note), "{built}");
    write(&cli, "folder/Cargo.toml", "");
    write(&cli, "folder/go.mod", "");
    let error = error(&cli, "folder", &[], 2);
    assert!(message(&error).contains("Cargo.toml (Rust) and go.mod (Go)"), "{error:#}");
}

// What is nothing to build.

#[test]
fn what_would_do_is_said_of_what_there_is() {
    let cli = Cli::new();
    let nothing = error(&cli, "nothere", &[], 2);
    assert_eq!(message(&nothing), "nothere: there is no such file or folder");
    assert_eq!(nothing["hint"], Value::Null);
    std::fs::create_dir(cli.path().join("empty")).expect("a folder");
    let folder = error(&cli, "empty", &[], 2)["hint"].as_str().expect("a hint").to_owned();
    assert!(folder.contains("Cargo.toml") && folder.contains("action.c"), "{folder}");
    assert!(!folder.contains(" .c") && !folder.contains("a file"), "{folder}");
    cli.write("notes.txt", "");
    let file = error(&cli, "notes.txt", &[], 2)["hint"].as_str().expect("a hint").to_owned();
    assert!(file.contains(".cpp") && !file.contains("Cargo.toml"), "{file}");
    assert!(folder.len() < 300 && file.len() < 300, "{} {}", folder.len(), file.len());
    assert!(Path::new(&cli.path().join("empty")).read_dir().expect("it").next().is_none());
}
