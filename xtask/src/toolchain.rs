//! `cargo xtask toolchain`: Rust's target for actions, wasm32-wasip2.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::process::run_within;

const TARGET: &str = "wasm32-wasip2";
const PATIENCE: Duration = Duration::from_secs(120);

/// Adds the target when it is missing.
pub(crate) fn ensure() -> Result<()> {
    if installed()? {
        return Ok(());
    }
    eprintln!("adding Rust's target {TARGET} (rustup, at most {} s) …", PATIENCE.as_secs());
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).stdin(Stdio::null()).stdout(Stdio::null());
    let added = run_within(&mut rustup, PATIENCE);
    if added.is_ok() && installed()? {
        return Ok(());
    }
    let why = added.err().map_or_else(|| "it is still missing".to_owned(), |e| format!("{e:#}"));
    bail!(
        "Rust's target {TARGET} is missing and could not be added: {why}\n  \
         help: install it with `rustup target add {TARGET}`, or name a toolchain \
         that has it in RUSTUP_TOOLCHAIN"
    )
}

fn installed() -> Result<bool> {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .context("cannot start rustc; install Rust with rustup")?;
    let sysroot = String::from_utf8(output.stdout)?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir())
}
