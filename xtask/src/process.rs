//! Other programs, started in the project's folders.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where actions and their SDK are compiled.
pub(crate) fn guests() -> PathBuf {
    root().join("guest-sdk")
}

/// `cargo`, in a folder.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(folder).stdin(Stdio::null());
    cargo
}

/// Runs a program to its end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", name(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// Runs a program that may take `limit`; it is killed when it takes longer.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.spawn().with_context(|| format!("cannot start {}", name(command)))?;
    let deadline = clock() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            match status.success() {
                true => return Ok(()),
                false => bail!("{} ended with {status}", name(command)),
            }
        }
        if clock() >= deadline {
            child.kill()?;
            child.wait()?;
            bail!("{} took longer than {} s", name(command), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// For measuring how long a step takes.
#[expect(clippy::disallowed_methods, reason = "tasks measure real time")]
pub(crate) fn clock() -> Instant {
    Instant::now()
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
