//! `cargo xtask demo`: a flow that redirects, comes back, challenges and
//! completes, played with the command as a reader would.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::{cargo, root, run};
use crate::toolchain;

const EXAMPLE: &str = "example-actions/redirect-verify";
const BEGIN: &str = "<!-- demo -->\n";
const END: &str = "<!-- /demo -->";

/// Builds what is needed, plays the flow and prints it; with `record` the
/// README shows it from now on.
pub(crate) fn demo(record: bool) -> Result<()> {
    toolchain::ensure()?;
    run(&mut cargo(&root(), &["build", "--workspace", "--all-targets"]))?;
    let folder = tempfile::tempdir()?;
    let mut play =
        Play { store: format!("sqlite:{}/demo.db", folder.path().display()), shown: String::new() };
    play.whole_flow()?;
    if record { write_readme(&play.shown) } else { Ok(()) }
}

struct Play {
    store: String,
    shown: String,
}

impl Play {
    fn whole_flow(&mut self) -> Result<()> {
        let (flow, event) = (format!("{EXAMPLE}/flow.toml"), format!("{EXAMPLE}/event.json"));
        self.say("# A user has passed the first challenge. The action sends them to a verifier.");
        let sent = self.flowhost(&["run", &flow, "--event", &event], 12)?;
        let state = state_of(&sent)?;

        self.say("# The verifier signs what it found out, and sends the user back.");
        let user = user_id(&root().join(&event))?;
        let key = format!("{EXAMPLE}/token-key.txt");
        let sign = [
            "token",
            "--secret-file",
            &key,
            "--state",
            &state,
            "--sub",
            &user,
            "--claim",
            "result=ok",
        ];
        let token = self.flowhost(&sign, 0)?;
        let answer = format!("session_token={}", token.trim());
        let back = self.flowhost(&["resume", &state, "--body", &answer], 11)?;

        self.say("# The token was good: now the action wants a factor. The user meets it.");
        self.flowhost(&["resume", &state_of(&back)?, "--passed", "otp"], 0)?;
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.show(&format!("{line}\n"));
    }

    fn show(&mut self, text: &str) {
        print!("{text}");
        self.shown.push_str(text);
    }

    /// Runs the command, shows it with its output, and compares its exit code.
    fn flowhost(&mut self, arguments: &[&str], exit: i32) -> Result<String> {
        let command =
            root().join("target/debug").join(format!("flowhost{}", std::env::consts::EXE_SUFFIX));
        let output = Command::new(command)
            .args(arguments)
            .current_dir(root())
            .env("FLOWHOST_STORE", &self.store)
            .env("NO_COLOR", "1")
            .output()
            .context("cannot start the flowhost command")?;
        let text = String::from_utf8(output.stdout)?;
        let words: Vec<String> = arguments.iter().map(|word| shown(word)).collect();
        // The store is a setting of this play, not something to type.
        let printed = text.replace(&format!(" --store {}", self.store), "");
        let printed = printed.lines().map(elided).collect::<Vec<_>>().join("\n");
        self.show(&format!("$ flowhost {}\n{printed}\n\n", words.join(" ")));
        let code = output.status.code();
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(code == Some(exit), "expected exit code {exit}, got {code:?}: {stderr}");
        Ok(text)
    }
}

/// The state in the `next:` line.
fn state_of(output: &str) -> Result<String> {
    let next = output.lines().find_map(|line| line.split_once("flowhost resume "));
    let state = next.and_then(|(_, rest)| rest.split_whitespace().next());
    state.map(str::to_owned).context("the output names no state")
}

fn user_id(event: &Path) -> Result<String> {
    let event: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(event)?)?;
    let user = event["user"]["user_id"].as_str().context("the event has no user")?;
    Ok(user.to_owned())
}

/// A word of a command as people would type and read it.
fn shown(word: &str) -> String {
    let word = elided(word);
    match word.contains(['|', ' ', '$', '…']) {
        true => format!("'{word}'"),
        false => word,
    }
}

/// A signed token says nothing to people.
fn elided(text: &str) -> String {
    match text.find("eyJ") {
        Some(start) if text.len() > start + 120 && text[start..].matches('.').count() == 2 => {
            format!("{}…", &text[..start + 10])
        }
        _ => text.to_owned(),
    }
}

fn write_readme(shown: &str) -> Result<()> {
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path)?;
    let (before, rest) = readme.split_once(BEGIN).context("README.md has no place for it")?;
    let (_, after) = rest.split_once(END).context("README.md has no end of the place for it")?;
    let block = format!("```text\n{}\n```\n", shown.trim_end());
    std::fs::write(&path, format!("{before}{BEGIN}{block}{END}{after}"))?;
    Ok(())
}
