//! `cargo xtask ci`: what must hold before a change is merged. The quick
//! checks come first; the demo, which needs everything, comes last.

use anyhow::Result;

use crate::steps::{Steps, cargo};
use crate::toolchain::{self, TARGET};
use crate::{demo, fuzz, instructions, test};

const GUESTS: &str = "guest-sdk";
const CLIPPY: [&str; 4] = ["clippy", "--quiet", "--workspace", "--all-targets"];
const DENY: [&str; 3] = ["--", "-D", "warnings"];

pub(crate) fn ci() -> Result<()> {
    let mut steps = Steps::new();
    steps.call("toolchain", toolchain::ensure)?;
    format(&mut steps)?;
    lints(&mut steps)?;
    test::all(&mut steps, &[])?;
    instructions::gate(&mut steps)?;
    fuzz::smoke(&mut steps)?;
    documentation(&mut steps)?;
    steps.call("demo", demo::play)?;
    print!("{}", steps.summary());
    Ok(())
}

fn format(steps: &mut Steps) -> Result<()> {
    steps.run("host: format", &mut cargo("", &["fmt", "--all", "--check"]))?;
    steps.run("guests: format", &mut cargo(GUESTS, &["fmt", "--all", "--check"]))
}

fn lints(steps: &mut Steps) -> Result<()> {
    let wasm = ["clippy", "--quiet", "--workspace", "--lib", "--target", TARGET];
    // QuickJS is C, and is compiled for another target: `cargo xtask runtime`.
    let but = ["flowhost-javascript-engine", "flowhost-javascript-post-challenge"];
    let but = but.iter().flat_map(|package| ["--exclude", package]);
    steps.run("host: lints", cargo("", &CLIPPY).args(DENY))?;
    steps.run("guests: lints", cargo(GUESTS, &CLIPPY).args(DENY))?;
    steps.run("guests: lints for wasm", cargo(GUESTS, &wasm).args(but).args(DENY))
}

fn documentation(steps: &mut Steps) -> Result<()> {
    let doc = ["doc", "--quiet", "--no-deps"];
    let host = &mut cargo("", &doc);
    steps.run("host: documentation", host.arg("--workspace").env("RUSTDOCFLAGS", "-D warnings"))?;
    let sdk = &mut cargo(GUESTS, &doc);
    let sdk = sdk.args(["--package", "flowhost-action"]).env("RUSTDOCFLAGS", "-D warnings");
    steps.run("guests: documentation", sdk)
}
