//! The types of JavaScript actions: TypeScript checks the example actions, the
//! snippets of the documents, and uses of the types that are right and wrong.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flowhost_tests::{bounded, npm, project};
use tempfile::TempDir;

/// What is installed, and never anything newer by itself.
const TYPESCRIPT: &str = "typescript@7.0.2";

const CHECKING: Duration = Duration::from_secs(60);

#[test]
fn the_types_fit_the_examples_and_every_wrong_use_is_an_error() {
    let Some(compiler) = compiler() else { return };
    let (green, said) = check(&compiler, &project().join("guest-sdk/javascript/types"));
    assert!(green, "{said}");
}

/// A compiler that is given the wrong files, or none, is content too.
#[test]
fn a_type_that_is_wrong_is_found() {
    let Some(compiler) = compiler() else { return };
    let folder = TempDir::new().expect("a folder");
    copy(&["guest-sdk/javascript/index.d.ts"], folder.path());
    copy(&["tsconfig.json", "api.ts", "comments.js"].map(types), folder.path());
    let example = "example-actions/redirect-verify/action.js";
    copy(&[example], folder.path());
    let checked = |changes: &[(&str, &str, &str)]| {
        for (file, from, to) in changes {
            let file = folder.path().join(file);
            let text = std::fs::read_to_string(&file).expect("a file");
            assert!(text.contains(from), "{} lacks {from}", file.display());
            std::fs::write(&file, text.replacen(from, to, 1)).expect("written");
        }
        check(&compiler, &folder.path().join("guest-sdk/javascript/types"))
    };
    assert_eq!(checked(&[]), (true, String::new()));
    let (green, said) = checked(&[(example, "'email'", "'sms'")]);
    assert!(!green && said.contains("redirect-verify/action.js"), "{said}");
    let mend = (example, "'sms'", "'email'");
    let loosen = ("guest-sdk/javascript/index.d.ts", "  email?: string;", "  email: string;");
    let (green, said) = checked(&[mend, loosen]);
    assert!(!green && said.contains("Unused '@ts-expect-error'"), "{said}");
}

/// With the settings that the README shows, and nothing else.
#[test]
fn the_snippets_of_the_documents_are_sound() {
    let Some(compiler) = compiler() else { return };
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("flowhost.d.ts", &read("guest-sdk/javascript/index.d.ts"));
    let mut handlers = 0;
    for (number, (language, text)) in snippets().into_iter().enumerate() {
        match language.as_str() {
            "json" => write("tsconfig.json", &text),
            "js" => write(&format!("snippet-{number}.js"), &typed(&text)),
            "ts" => write(&format!("snippet-{number}.ts"), &text),
            _ => continue,
        }
        handlers += text.matches("PostChallenge = async").count();
    }
    assert!(handlers > 5, "{handlers} handlers");
    let (green, said) = check(&compiler, folder.path());
    assert!(green, "{said}");
    write("untyped.js", "exports.onExecutePostChallenge = (event) => event;\n");
    let (green, said) = check(&compiler, folder.path());
    assert!(!green && said.contains("untyped.js"), "{said}");
}

/// What is in the fences of the documents, and in which language.
fn snippets() -> Vec<(String, String)> {
    let documents = ["README.md", "COMING-FROM-AUTH0.md"];
    let text: String =
        documents.map(|name| read(&format!("guest-sdk/javascript/{name}"))).join("\n");
    let fenced = text.split("\n```").skip(1).step_by(2);
    let parts = fenced.filter_map(|snippet| snippet.split_once('\n'));
    parts.map(|(language, text)| (language.to_owned(), text.to_owned())).collect()
}

/// Snippets leave out what every file of an author has: where types are from.
fn typed(snippet: &str) -> String {
    const IMPORT: &str =
        "/** @import { Event, PasswordResetPostChallengeAPI } from \"./flowhost\" */\n";
    const TYPE: &str = "/** @type {import('./flowhost').OnExecutePostChallenge} */\n";
    let mut typed = String::new();
    if snippet.contains("{Event}") && !snippet.contains("@import") {
        typed.push_str(IMPORT);
    }
    for line in snippet.lines() {
        if line.starts_with("exports.on") && !typed.trim_end().ends_with("*/") {
            typed.push_str(TYPE);
        }
        typed.push_str(line);
        typed.push('\n');
    }
    typed
}

fn read(file: &str) -> String {
    std::fs::read_to_string(project().join(file)).expect("a file")
}

fn types(file: &str) -> String {
    format!("guest-sdk/javascript/types/{file}")
}

fn copy(files: &[impl AsRef<Path>], to: &Path) {
    for file in files {
        let target = to.join(file);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::copy(project().join(file), target).expect("copied");
    }
}

/// Whether the compiler is content, and what it says.
fn check(compiler: &Path, folder: &Path) -> (bool, String) {
    let mut node = Command::new("node");
    node.arg(compiler).arg("--project").arg(folder);
    bounded(&mut node, CHECKING)
}

/// The compiler. None without npm.
fn compiler() -> Option<PathBuf> {
    npm(&[TYPESCRIPT]).map(|folder| folder.join("node_modules/typescript/bin/tsc"))
}
