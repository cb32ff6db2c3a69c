//! The rules of the house, as tests: sizes, openings, banned words, frozen
//! contracts, documents that must agree with the code.

use std::path::{Path, PathBuf};
use std::process::Command;

use flowhost::{Code, Digest, LIMITS, Scope};
use flowhost_tests::{Cli, project};

const UPDATE: &str = "UPDATE=1 cargo xtask test tidy";

/// Files of the project, by their ending, relative to its root.
fn files(ending: &str) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard"])
        .current_dir(project())
        .output();
    let listed = listed.expect("git lists the files").stdout;
    let listed = String::from_utf8(listed).expect("UTF-8");
    let files: Vec<PathBuf> = listed
        .lines()
        .filter(|name| name.ends_with(ending))
        .map(PathBuf::from)
        .filter(|file| project().join(file).is_file())
        .collect();
    assert!(!files.is_empty(), "no {ending} files");
    files
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(project().join(file))
        .unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_is_no_longer_than_it_may_be() {
    let mut wrong = Vec::new();
    for file in files(".rs") {
        let (text, name) = (text(&file), file.display().to_string());
        if !text.starts_with("//!") {
            wrong.push(format!("{name} does not open with //!"));
        }
        let table = name.starts_with("tests/") || name.ends_with("/tests.rs");
        let (lines, most) = (text.lines().count(), if table { 600 } else { 400 });
        if lines > most {
            wrong.push(format!("{name} has {lines} lines, at most {most}"));
        }
    }
    none(&wrong);
}

#[test]
fn a_function_fits_a_screen() {
    let mut wrong = Vec::new();
    for file in files(".rs").iter().filter(|file| !file.starts_with("tests")) {
        let text = text(file);
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let opens = line.trim_start();
            let is_fn = [
                "fn ",
                "pub fn ",
                "pub(crate) fn ",
                "pub(super) fn ",
                "async fn ",
                "pub async fn ",
                "pub(super) async fn ",
                "pub(crate) async fn ",
            ];
            if !is_fn.iter().any(|start| opens.starts_with(start)) {
                continue;
            }
            let closing = format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(|line| *line == closing).unwrap_or(0);
            if length > 70 {
                wrong.push(format!("{}:{}: {length} lines", file.display(), start + 1));
            }
        }
    }
    none(&wrong);
}

#[test]
fn words_that_are_not_left_in_the_code() {
    let mut wrong = Vec::new();
    let product = |file: &&PathBuf| !file.starts_with("tests");
    for file in files(".rs").iter().filter(product) {
        let text = text(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let banned = ["todo!", "unimplemented!", "dbg!", "FIXME", "XXX", ".unwrap()", "unsafe "];
        let host_only = [".unwrap()", "unsafe "];
        for word in banned {
            let applies = !host_only.contains(&word) || file.starts_with("host/src");
            if applies && code.contains(word) {
                wrong.push(format!("{}: {word}", file.display()));
            }
        }
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if ["util", "utils", "common", "helpers", "types", "manager", "misc"].contains(&name) {
            wrong.push(format!("{}: a name that says nothing", file.display()));
        }
    }
    none(&wrong);
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let mut wrong = Vec::new();
    for ending in [".rs", ".md", ".toml", ".wit", ".wat", ".json"] {
        for file in files(ending).iter().filter(|file| !file.ends_with("tidy.rs")) {
            let text = text(file);
            for word in [
                concat!("/wo", "rk/"),
                concat!("/ro", "ot/"),
                "/home/",
                concat!("index.cra", "tes.io"),
            ] {
                if text.contains(word) {
                    wrong.push(format!("{}: {word}", file.display()));
                }
            }
        }
    }
    none(&wrong);
}

#[test]
fn a_released_contract_never_changes() {
    let list = text(Path::new("wit/published.txt"));
    let mut wrong = Vec::new();
    for line in list.lines() {
        let (digest, file) = line.split_once("  ").expect("digest and file");
        let found = std::fs::read(project().join(file)).map(|bytes| Digest::of(&bytes).to_string());
        if found.ok().as_deref() != Some(digest) {
            wrong.push(format!("{file} was changed: make a new version instead"));
        }
    }
    for file in files(".wit") {
        if !list.contains(&*file.to_string_lossy()) {
            wrong.push(format!("{} is not in wit/published.txt", file.display()));
        }
    }
    none(&wrong);
}

#[test]
fn the_readmes_table_of_limits_is_the_codes() {
    let mut table =
        String::from("| limit | default | set for | error | bounds |\n|---|---|---|---|---|\n");
    for limit in LIMITS {
        let scope = if limit.scope == Scope::Action { "flow, action" } else { "flow" };
        let code = limit.code.map_or("—".to_owned(), |code| format!("`{code}`"));
        let default = limit.display(limit.default);
        table += &format!("| `{}` | {default} | {scope} | {code} | {} |\n", limit.name, limit.what);
    }
    let readme = text(Path::new("README.md"));
    let (before, rest) = readme.split_once("<!-- limits -->\n").expect("a place for the limits");
    let (found, after) = rest.split_once("<!-- /limits -->").expect("its end");
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{before}<!-- limits -->\n{table}<!-- /limits -->{after}");
        std::fs::write(project().join("README.md"), updated).expect("written");
    } else {
        assert_eq!(found, table, "README.md differs from limits.rs: {UPDATE}");
    }
}

#[test]
fn the_readme_shows_a_real_run() {
    let readme = text(Path::new("README.md"));
    let shown =
        readme.split("<!-- demo -->").nth(1).and_then(|rest| rest.split("<!-- /demo -->").next());
    let shown = shown.unwrap_or_default();
    for line in ["Outcome  redirect", "Outcome  challenge", "Outcome  completed"] {
        assert!(shown.contains(line), "README.md lacks `{line}`: cargo xtask demo --record");
    }
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Cli::new().run(&["--help"]).exits(0).stdout;
    let commands = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next());
    let readme = text(Path::new("README.md"));
    let names =
        commands.unwrap_or_default().lines().filter_map(|line| line.split_whitespace().next());
    let missing: Vec<String> = names
        .filter(|name| *name != "help" && !readme.contains(&format!("`flowhost {name}")))
        .map(str::to_owned)
        .collect();
    none(&missing);
}

#[test]
fn error_pages_stand_in_the_order_of_the_codes() {
    let pages = text(Path::new("host/src/error/codes.md"));
    let headings: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(headings, codes);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in files(".md") {
        let text = text(&file);
        let folder = file.parent().unwrap_or(Path::new(""));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://");
            if !elsewhere && !project().join(folder).join(target).exists() {
                wrong.push(format!("{}: {link}", file.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_test_that_a_row_names_exists() {
    let readme = text(Path::new("tests/README.md"));
    let sources: String =
        files(".rs").iter().filter(|f| f.starts_with("tests/suites")).map(|f| text(f)).collect();
    let names = readme.split('`').skip(1).step_by(2);
    // Suites have short names, tests are sentences.
    let tests =
        names.filter(|name| name.matches('_').count() > 1 && !name.contains(['/', '.', '=', ' ']));
    let missing: Vec<String> = tests
        .map(|name| name.rsplit("::").next().unwrap_or(name).trim_end_matches('…'))
        .filter(|name| name.contains("_") && !sources.contains(&format!("fn {name}")))
        .map(str::to_owned)
        .collect();
    none(&missing);
}
