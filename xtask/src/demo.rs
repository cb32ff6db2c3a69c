//! `cargo xtask demo`: a flow from its start to its end, as a person would
//! play it at the shell: an action sends the user to another site, the site
//! answers with a signed token, the user meets a challenge. Every exit code is
//! checked. The commands use the default store, moved to a temporary folder.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{project, test, toolchain};

const EXAMPLE: &str = "example-actions/redirect-verify";
const BEGIN: &str = "<!-- demo -->\n";
const END: &str = "<!-- /demo -->";

/// Plays it and prints it.
pub(crate) fn play() -> Result<()> {
    print!("{}", played()?);
    Ok(())
}

/// Plays it and writes it into the README.
pub(crate) fn record() -> Result<()> {
    let path = project().join("README.md");
    let readme = std::fs::read_to_string(&path).context("README.md")?;
    let block = format!("```text\n{}```\n", played()?);
    std::fs::write(&path, with_block(&readme, &block)?).context("README.md")?;
    println!("README.md has the demo between `{}` and `{END}`", BEGIN.trim());
    Ok(())
}

fn with_block(readme: &str, block: &str) -> Result<String> {
    let markers = || format!("README.md has no lines `{}` and `{END}`", BEGIN.trim());
    let (before, rest) = readme.split_once(BEGIN).with_context(markers)?;
    let (_, after) = rest.split_once(END).with_context(markers)?;
    Ok(format!("{before}{BEGIN}{block}{END}{after}"))
}

/// What is printed when it is played.
fn played() -> Result<String> {
    toolchain::ensure()?;
    if !test::build().status().context("cargo cannot be started")?.success() {
        bail!("the command `flowhost` cannot be built");
    }
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let mut shell = Shell { data: folder.path(), shown: String::new() };
    story(&mut shell)?;
    Ok(shell.shown)
}

fn story(shell: &mut Shell<'_>) -> Result<()> {
    let flow = format!("{EXAMPLE}/flow.toml");
    let event = format!("{EXAMPLE}/event.json");
    let sent = shell.run(&["run", &flow, "--event", &event], 12)?;
    let [.., state, _, _] = next(&sent)?[..] else {
        bail!("no state in the step after a redirect")
    };

    let secret = format!("{EXAMPLE}/token-key.txt");
    let user = user(&event)?;
    let signing = ["--state", state, "--sub", &user, "--claim", "result=ok"];
    let signing = [["token", "--secret-file", &secret].as_slice(), &signing].concat();
    let token = shell.run(&signing, 0)?;

    let answer = format!("session_token={}", token.trim());
    let challenged = shell.run(&["resume", state, "--body", &answer], 11)?;
    let [.., state, "--passed", factor] = next(&challenged)?[..] else {
        bail!("no factor in the step after a challenge")
    };
    shell.run(&["resume", state, "--passed", factor], 0)?;
    Ok(())
}

/// The words of the command that the `next:` line proposes.
fn next(output: &str) -> Result<Vec<&str>> {
    let line = output.lines().find_map(|line| line.trim().strip_prefix("next:"));
    let words: Vec<&str> = line.context("the output has no line `next:`")?.split(' ').collect();
    Ok(words.into_iter().filter(|word| !word.is_empty()).collect())
}

fn user(event: &str) -> Result<String> {
    let text = std::fs::read_to_string(project().join(event)).with_context(|| event.to_owned())?;
    let event: Value = serde_json::from_str(&text)?;
    Ok(event["user"]["user_id"].as_str().context("the event has no user")?.to_owned())
}

/// Runs `flowhost` and keeps what a terminal would show.
struct Shell<'a> {
    data: &'a Path,
    shown: String,
}

impl Shell<'_> {
    /// Standard output of a command that must end with `exit`.
    fn run(&mut self, arguments: &[&str], exit: i32) -> Result<String> {
        let output = self.command()?.args(arguments).output().context("flowhost")?;
        let stdout = String::from_utf8(output.stdout).context("output that is not UTF-8")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        let line: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        self.show(&line.join(" "), &stdout, &stderr, exit);
        if output.status.code() != Some(exit) {
            bail!("{}: expected exit code {exit}\n{}", output.status, self.shown);
        }
        Ok(stdout)
    }

    fn command(&self) -> Result<Command> {
        // …/target/debug/xtask → …/target/debug/flowhost
        let name = format!("flowhost{}", std::env::consts::EXE_SUFFIX);
        let mut command = Command::new(std::env::current_exe()?.with_file_name(name));
        command.current_dir(project()).stdin(Stdio::null());
        command.env("NO_COLOR", "1").env("XDG_DATA_HOME", self.data);
        command.env_remove("FLOWHOST_STORE").env_remove("CLICOLOR_FORCE");
        Ok(command)
    }

    fn show(&mut self, line: &str, stdout: &str, stderr: &str, exit: i32) {
        if !self.shown.is_empty() {
            self.shown.push('\n');
        }
        _ = writeln!(self.shown, "$ flowhost {}", elided(line));
        for line in stderr.lines().chain(stdout.lines()) {
            _ = writeln!(self.shown, "{}", elided(line));
        }
        if exit != 0 {
            _ = writeln!(self.shown, "exit {exit}");
        }
    }
}

/// A word as a shell wants it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{word}'"),
    }
}

/// A signed token says nothing to people: all but its head is left out.
fn elided(line: &str) -> String {
    let in_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("eyJ") {
        let (before, found) = rest.split_at(start);
        let end = found.find(|c| !in_token(c)).unwrap_or(found.len());
        let (token, after) = found.split_at(end);
        text.push_str(before);
        match end {
            0..=100 => text.push_str(token),
            _ => _ = write!(text, "{}…({end} chars)", &token[..8]),
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_keeps_what_is_around_the_demo() {
        let readme = "a\n<!-- demo -->\nold\n<!-- /demo -->\nb\n";
        let written = with_block(readme, "new\n").expect("markers");
        assert_eq!(written, "a\n<!-- demo -->\nnew\n<!-- /demo -->\nb\n");
        assert!(with_block("a\n", "new\n").is_err());
    }

    #[test]
    fn a_token_is_elided_and_nothing_else() {
        let line = format!("--body session_token=eyJhbGci{} --x", "a".repeat(200));
        assert_eq!(elided(&line), "--body session_token=eyJhbGci…(208 chars) --x");
        let state = "--state eyJstate_that_happens_to_begin_like_a_token";
        assert_eq!(elided(state), state);
    }

    #[test]
    fn the_next_step_is_found() {
        let output = "  Outcome  challenge\n  next:    flowhost resume abc --passed otp\n";
        assert_eq!(next(output).expect("a line"), ["flowhost", "resume", "abc", "--passed", "otp"]);
    }
}
