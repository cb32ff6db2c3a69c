//! `cargo xtask toolchain`: Rust's target for actions is there, or is added.
//! The other verbs begin with it. It asks rustup only when something is
//! missing, and never waits long: a machine without a network gets an answer.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// What actions are compiled to.
pub(crate) const TARGET: &str = "wasm32-wasip2";

const PATIENCE: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(100);

/// Makes sure that actions can be compiled.
pub(crate) fn ensure() -> Result<()> {
    ensure_target(TARGET)
}

/// Makes sure that `target` can be compiled to.
pub(crate) fn ensure_target(target: &str) -> Result<()> {
    let library = target_library(target)?;
    if library.is_dir() {
        return Ok(());
    }
    eprintln!("adding Rust's target {target} (rustup, at most {} s) …", PATIENCE.as_secs());
    let Err(why) = add(target).and_then(|()| found(&library)) else { return Ok(()) };
    bail!(
        "Rust's target {target} is missing and could not be added: {why:#}\n  \
         help: install it: rustup target add {target}\n  \
         help: or name a toolchain that has it: RUSTUP_TOOLCHAIN=NAME cargo xtask …"
    )
}

/// Where the target's standard library is, if it is installed.
fn target_library(target: &str) -> Result<PathBuf> {
    let asked = Command::new("rustc").args(["--print", "sysroot"]).stdin(Stdio::null()).output();
    let answer = asked.context("rustc cannot be started; install Rust with rustup")?;
    if !answer.status.success() {
        bail!("rustc --print sysroot: {}", String::from_utf8_lossy(&answer.stderr).trim());
    }
    let sysroot = String::from_utf8(answer.stdout).context("the sysroot is not UTF-8")?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(target))
}

fn add(target: &str) -> Result<()> {
    let said = tempfile::tempfile().context("a temporary file")?;
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target]).stdin(Stdio::null()).stdout(Stdio::null());
    let child = rustup.stderr(said.try_clone()?).spawn().context("rustup cannot be started")?;
    match wait(child, PATIENCE)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => bail!("rustup says: {}", last_line(said)?),
        None => bail!("rustup took longer than {} s and was stopped", PATIENCE.as_secs()),
    }
}

/// How the program ended; none if it had to be stopped.
fn wait(mut child: Child, patience: Duration) -> Result<Option<ExitStatus>> {
    let mut waited = Duration::ZERO;
    while waited < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        sleep(TICK);
        waited += TICK;
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn last_line(mut said: File) -> Result<String> {
    let mut bytes = Vec::new();
    said.rewind()?;
    said.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    Ok(line.unwrap_or("no reason given").trim().to_owned())
}

fn found(library: &Path) -> Result<()> {
    match library.is_dir() {
        true => Ok(()),
        false => bail!("rustup is content, but there is no {}", library.display()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let sleeper = Command::new("sleep").arg("60").spawn().expect("sleep");
        assert_eq!(wait(sleeper, 2 * TICK).expect("waited"), None);
        let quick = Command::new("false").spawn().expect("false");
        assert!(wait(quick, 600 * TICK).expect("waited").is_some_and(|status| !status.success()));
    }
}
