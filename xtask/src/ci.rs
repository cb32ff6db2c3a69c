//! `cargo xtask ci`: format, lints, tests, docs and the README's commands.

use anyhow::{Context as _, Result};

use crate::process::{cargo, clock, guests, root, run};
use crate::{demo, suite, toolchain};

/// Runs all of it, each step with its time.
pub(crate) fn ci() -> Result<()> {
    step("toolchain", toolchain::ensure)?;
    step("format", format)?;
    step("lints", lints)?;
    step("tests", || suite::test(&[]))?;
    step("docs", docs)?;
    step("demo", || demo::demo(false))
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("=== {name}");
    let started = clock();
    work().with_context(|| name.to_owned())?;
    println!("=== {name}: {} s", started.elapsed().as_secs());
    Ok(())
}

fn format() -> Result<()> {
    for folder in [root(), guests()] {
        run(&mut cargo(&folder, &["fmt", "--all", "--check"]))?;
    }
    Ok(())
}

fn lints() -> Result<()> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run(&mut cargo(&root(), &clippy))?;
    run(&mut cargo(&guests(), &clippy))?;
    let for_wasm =
        ["clippy", "--workspace", "--release", "--target", "wasm32-wasip2", "--", "-D", "warnings"];
    run(&mut cargo(&guests(), &for_wasm))
}

fn docs() -> Result<()> {
    let doc = |folder: std::path::PathBuf, package| {
        let arguments = ["doc", "--no-deps", "--package", package];
        run(cargo(&folder, &arguments).env("RUSTDOCFLAGS", "-D warnings"))
    };
    doc(root(), "flowhost")?;
    doc(guests(), "flowhost-action")
}
