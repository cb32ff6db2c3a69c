//! The rules of the house, as tests: sizes, openings, banned words, frozen
//! contracts, documents that agree with the code. Each rule lists all that
//! breaks it, so that one run is enough to put it right.

use std::path::{Path, PathBuf};
use std::process::Command;

use flowhost::{Code, Digest, LIMITS, Scope};
use flowhost_tests::{Cli, project};

const UPDATE: &str = "UPDATE=1 cargo xtask test tidy";

/// The rules themselves: they spell what they ban.
const THIS: &str = "tests/suites/tidy.rs";

const MODULES_THAT_SAY_NOTHING: [&str; 8] =
    ["util", "utils", "common", "helpers", "types", "manager", "misc", "service"];

// The code.

#[test]
fn every_source_file_opens_with_what_it_is() {
    let mute = sources().filter(|(_, text)| !text.starts_with("//!"));
    none(mute.map(|(name, _)| format!("{name} does not open with //!")));
}

#[test]
fn files_are_short() {
    none(sources().filter_map(|(name, text)| {
        let (lines, most) = (text.lines().count(), most_lines(&name));
        (lines > most).then(|| format!("{name} has {lines} lines, at most {most}"))
    }));
}

#[test]
fn a_function_fits_a_screen() {
    none(sources().flat_map(|(name, text)| {
        // In tests, a long function is a table.
        let most = if name.starts_with("tests/") { 120 } else { 70 };
        let long = functions(&text).into_iter().filter(|(_, length)| *length > most);
        let say = |(line, length)| format!("{name}:{line}: {length} lines, at most {most}");
        long.map(say).collect::<Vec<_>>()
    }));
}

#[test]
fn a_module_is_named_after_something() {
    none(sources().filter_map(|(name, _)| {
        let parts = name.trim_end_matches(".rs").split('/');
        let vague = parts.into_iter().find(|part| MODULES_THAT_SAY_NOTHING.contains(part))?;
        Some(format!("{name}: `{vague}` says nothing"))
    }));
}

#[test]
fn nothing_unfinished_is_left_in_the_product() {
    let unfinished = ["todo!", "unimplemented!", "dbg!", "FIXME", "XXX"];
    let product = ["host/", "xtask/", "guest-sdk/", "example-actions/"];
    let files = sources().filter(|(name, _)| product.iter().any(|folder| name.starts_with(folder)));
    none(files.flat_map(|(name, text)| found(&name, &text, &unfinished)));
}

#[test]
fn the_host_does_not_unwrap() {
    let host = sources().filter(|(name, _)| name.starts_with("host/src/"));
    none(host.flat_map(|(name, text)| found(&name, &product_code(&text), &[".unwrap()"])));
}

#[test]
fn the_host_is_unsafe_in_one_place() {
    // Where compiled code is read back, behind its MAC.
    const PLACE: &str = "host/src/action/cache.rs";
    let host = sources().filter(|(name, _)| name.starts_with("host/src/") && name != PLACE);
    none(host.flat_map(|(name, text)| found(&name, &product_code(&text), &["unsafe"])));
    let place = found(PLACE, &product_code(&read(PLACE)), &["unsafe {"]);
    assert_eq!(place.len(), 2, "{place:?}");
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let elsewhere =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), "/home/", concat!("index.cra", "tes.io")];
    none(texts().filter(|(name, _)| name != THIS).flat_map(|(name, text)| {
        let mut wrong = found(&name, &text, &elsewhere);
        if !name.starts_with("tests/") {
            wrong.extend(found(&name, &text, &["TODO"]));
        }
        wrong
    }));
}

#[test]
fn every_symbolic_link_leads_somewhere() {
    let links = files().into_iter().filter(|file| project().join(file).is_symlink());
    let broken = links.filter(|link| !project().join(link).exists());
    none(broken.map(|link| format!("{} leads nowhere", link.display())));
}

// The contract.

#[test]
fn a_released_contract_never_changes() {
    const INSTEAD: &str = "a released version never changes: make a new one";
    let list = read("wit/published.txt");
    let released: Vec<(&str, &str)> =
        list.lines().map(|line| line.split_once("  ").expect("digest and file")).collect();
    let changed = released.iter().filter(|(digest, file)| {
        let bytes = std::fs::read(project().join(file));
        bytes.map(|bytes| Digest::of(&bytes).to_string()).ok().as_deref() != Some(digest)
    });
    let changed: Vec<String> =
        changed.map(|(_, file)| format!("{file} was changed; {INSTEAD}")).collect();
    // The same in one file.
    let packages = released.iter().filter_map(|(_, file)| Path::new(file).parent());
    let packages: std::collections::BTreeSet<String> = packages
        .filter(|folder| *folder != Path::new("wit"))
        .map(|folder| format!("{}.wasm", folder.display()))
        .collect();
    let missing =
        packages.iter().filter(|package| !released.iter().any(|(_, file)| file == package));
    let missing = missing.map(|package| format!("{package} is not in wit/published.txt"));
    // A version that is not released yet is in no line, with all its files.
    let added = files().into_iter().filter(|file| {
        let folder = file.parent().unwrap_or(Path::new(""));
        folder != Path::new("wit")
            && released.iter().any(|(_, other)| Path::new(other).parent() == Some(folder))
            && !released.iter().any(|(_, other)| Path::new(other) == file)
    });
    let added = added.map(|file| format!("{} was added; {INSTEAD}", file.display()));
    none(changed.into_iter().chain(added).chain(missing));
    assert!(released.len() >= 4, "wit/published.txt lists {} files", released.len());
}

#[test]
fn error_pages_stand_in_the_order_of_the_codes() {
    let pages = read("host/src/error/codes.md");
    let headings: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(headings, codes);
}

// The documents.

#[test]
fn the_readmes_table_of_limits_is_the_codes() {
    const BEGIN: &str = "<!-- limits -->\n";
    const END: &str = "<!-- /limits -->";
    let (readme, table) = (read("README.md"), table_of_limits());
    let (before, rest) = readme.split_once(BEGIN).expect("README.md: <!-- limits -->");
    let (found, after) = rest.split_once(END).expect("README.md: <!-- /limits -->");
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{before}{BEGIN}{table}{END}{after}");
        std::fs::write(project().join("README.md"), updated).expect("written");
    } else {
        assert_eq!(found.trim(), table.trim(), "README.md differs from limits.rs: {UPDATE}");
    }
}

#[test]
fn the_readme_shows_a_real_run() {
    let readme = read("README.md");
    let rest = readme.split("<!-- demo -->").nth(1);
    let shown = rest.and_then(|rest| rest.split("<!-- /demo -->").next()).unwrap_or_default();
    let lines = ["Outcome  redirect", "Outcome  challenge", "Outcome  completed"];
    let lacking = lines.iter().filter(|line| !shown.contains(**line));
    none(lacking.map(|line| format!("README.md lacks `{line}`: cargo xtask demo --record")));
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Cli::new().run(&["--help"]).exits(0).stdout;
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let listed = listed.unwrap_or_default();
    let verbs: Vec<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(verbs.contains(&"run"), "no commands in: {help}");
    let readme = read("README.md");
    let lacking = verbs.iter().filter(|verb| {
        **verb != "help" && found("README.md", &readme, &[&format!("flowhost {verb}")]).is_empty()
    });
    none(lacking.map(|verb| format!("README.md lacks `flowhost {verb}`")));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let documents = texts().filter(|(name, _)| name.ends_with(".md"));
    none(documents.flat_map(|(name, text)| {
        let folder = Path::new(&name).parent().unwrap_or(Path::new("")).to_owned();
        let broken = links(&text).into_iter().filter(move |link| {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere =
                target.is_empty() || target.contains("://") || target.contains("mailto:");
            !elsewhere && !project().join(&folder).join(target).exists()
        });
        broken.map(move |link| format!("{name}: {link} leads nowhere"))
    }));
}

#[test]
fn every_test_that_a_row_names_exists() {
    let suites: String = sources()
        .filter(|(name, _)| name.starts_with("tests/suites/"))
        .map(|(_, text)| text)
        .collect();
    let readme = read("tests/README.md");
    let names = readme.split('`').skip(1).step_by(2);
    // Suites have short names, tests are sentences.
    let tests =
        names.filter(|name| name.matches('_').count() > 1 && !name.contains(['/', '.', '=', ' ']));
    let is_suite = |name: &&str| project().join(format!("tests/suites/{name}.rs")).exists();
    let tests = tests.filter(|name| !is_suite(name));
    let bare = tests.map(|name| name.rsplit("::").next().unwrap_or(name).trim_end_matches('…'));
    let missing = bare.filter(|name| name.contains('_') && !suites.contains(&format!("fn {name}")));
    none(missing.map(|name| format!("tests/README.md names `{name}`, no such test")));
}

#[test]
fn every_suite_is_in_the_table() {
    let readme = read("tests/README.md");
    let main = read("tests/suites/main.rs");
    let suites = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let missing = suites.filter(|name| !readme.contains(&format!("`{name}`")));
    none(missing.map(|name| format!("tests/README.md does not say what `{name}` is for")));
}

// The rules can see.

#[test]
fn functions_are_measured_from_their_first_line_to_their_last() {
    let text = "\
trait T {
    fn declared(
        &self,
    ) -> u8;
    fn one_line() {}
    async fn body(
        &self,
    ) -> u8
    where
        Self: Sized,
    {
        if true {
            1
        }
    }
}
pub(crate) const fn outer() {
    fn inner() {
    }
}
";
    assert_eq!(functions(text), [(6, 10), (17, 4), (18, 2)]);
}

#[test]
fn words_are_found_as_words() {
    let at = |text: &str, word: &str| found("f", text, &[word]).len();
    assert_eq!(at("let unsafe_char = 1;", "unsafe"), 0);
    assert_eq!(at("unsafe { }\nunsafe{}", "unsafe"), 2);
    assert_eq!(at("xdbg!(1); dbg!(1)", "dbg!"), 1);
    assert_eq!(at("x.unwrap()?", ".unwrap()"), 1);
    assert_eq!(at("flowhost runs", "flowhost run"), 0);
}

#[test]
fn tests_and_comments_are_no_product_code() {
    let text = "\
fn a() {}
/// x.unwrap()
#[cfg(test)]
mod tests {
    fn b() { x.unwrap() }
}
fn c() { y.unwrap() }
";
    assert_eq!(product_code(text).trim(), "fn a() {}\n\n\n\n\n\nfn c() { y.unwrap() }");
}

#[test]
fn links_in_code_are_no_links() {
    let text = "[a](one.md) `[b](two.md)`\n```\n[c](three.md)\n```\n[d]: four.md\n";
    assert_eq!(links(text), ["one.md", "four.md"]);
}

// What the rules look at.

/// Asserts that nothing breaks the rule.
#[track_caller]
fn none(violations: impl IntoIterator<Item = String>) {
    let violations: Vec<String> = violations.into_iter().collect();
    assert!(violations.is_empty(), "\n  {}\n", violations.join("\n  "));
}

/// The files of the project, relative to its root; symbolic links as such.
fn files() -> Vec<PathBuf> {
    let files = listed_by_git().unwrap_or_else(walked);
    assert!(files.len() > 50, "only {} files", files.len());
    files
}

/// What git knows, or would add. None without git, or outside a repository.
fn listed_by_git() -> Option<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.current_dir(project()).output().ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    let files: Vec<PathBuf> = names.split_terminator('\0').map(PathBuf::from).collect();
    // Deleted, and not yet for git.
    let there = |file: &PathBuf| project().join(file).symlink_metadata().is_ok();
    let files: Vec<PathBuf> = files.into_iter().filter(there).collect();
    (output.status.success() && !files.is_empty()).then_some(files)
}

/// All there is but what is built.
fn walked() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![project().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("its type");
            let built = entry.file_name() == "target" || entry.file_name() == ".git";
            match entry.path() {
                path if kind.is_dir() && !built => folders.push(path),
                path if !kind.is_dir() => {
                    files.push(path.strip_prefix(project()).expect("inside").to_owned());
                }
                _ => {}
            }
        }
    }
    files
}

/// Names and texts of the files that hold text.
fn texts() -> impl Iterator<Item = (String, String)> {
    let plain = files().into_iter().filter(|file| !project().join(file).is_symlink());
    plain.filter_map(|file| {
        let text = std::fs::read_to_string(project().join(&file)).ok()?;
        Some((file.to_string_lossy().replace('\\', "/"), text))
    })
}

/// The Rust files among them.
fn sources() -> impl Iterator<Item = (String, String)> {
    texts().filter(|(name, _)| name.ends_with(".rs"))
}

fn read(name: &str) -> String {
    let text = std::fs::read_to_string(project().join(name));
    text.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Tests and tables may be longer.
fn most_lines(name: &str) -> usize {
    let tests =
        name.starts_with("tests/") || name.contains("/tests/") || name.ends_with("/tests.rs");
    let table = ["host/src/event/schema.rs", "host/src/api/event.rs"].contains(&name);
    if tests || table { 600 } else { 400 }
}

/// First line and number of lines of each function with a body of its own
/// lines. Rustfmt puts the closing brace under the beginning.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = (0..lines.len()).filter(|start| begins_function(lines[*start]));
    let measured = starts.filter_map(|start| {
        let indent = indent(lines[start]);
        let ends_here = |line: &str| line.ends_with(';') || line.ends_with('}');
        if ends_here(lines[start]) {
            return None;
        }
        let rest = lines[start + 1..].iter().position(|line| {
            let same = indent == self::indent(line) && !line.trim().is_empty();
            same && (line.trim().starts_with('}') || line.ends_with(';'))
        })?;
        let closes = lines[start + 1 + rest].trim().starts_with('}');
        closes.then_some((start + 1, rest + 2))
    });
    measured.collect()
}

fn begins_function(line: &str) -> bool {
    let words = line.split_whitespace();
    let before = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    words.into_iter().find(|word| !before.contains(word)) == Some("fn")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The text without comments and without `#[cfg(test)]` modules, line by line
/// where it was.
fn product_code(text: &str) -> String {
    let mut code = String::new();
    let mut in_tests = false;
    for line in text.lines() {
        in_tests |= line.starts_with("#[cfg(test)]");
        if !in_tests && !line.trim_start().starts_with("//") {
            code.push_str(line);
        }
        code.push('\n');
        let ends = line.starts_with('}') || (line.starts_with("mod ") && line.ends_with(';'));
        in_tests &= !ends;
    }
    code
}

/// Where words stand in a text, as words.
fn found(name: &str, text: &str, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let stands = words.iter().filter(|word| stands_in(line, word));
        places.extend(stands.map(|word| format!("{name}:{}: {word}", number + 1)));
    }
    places
}

fn stands_in(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let clash = |one: Option<char>, other: Option<char>| {
        one.is_some_and(in_word) && other.is_some_and(in_word)
    };
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        !clash(before.chars().last(), word.chars().next())
            && !clash(word.chars().last(), after.chars().next())
    })
}

fn table_of_limits() -> String {
    let head = "| limit | default | set for | error | bounds |\n|---|---|---|---|---|\n";
    let rows = LIMITS.iter().map(|limit| {
        let scope = if limit.scope == Scope::Action { "flow, action" } else { "flow" };
        let code = limit.code.map_or("—".to_owned(), |code| format!("`{code}`"));
        let default = limit.display(limit.default);
        format!("| `{}` | {default} | {scope} | {code} | {} |\n", limit.name, limit.what)
    });
    head.to_owned() + &rows.collect::<String>()
}

/// Where a Markdown document links to; code is none.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
            let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            links.extend(targets.filter_map(|link| link.split(' ').next()).map(str::to_owned));
            let defined = prose.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            links.extend(defined.map(|(_, target)| target.trim().to_owned()));
        }
    }
    links
}
