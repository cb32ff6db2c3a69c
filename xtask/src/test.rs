//! `cargo xtask test`: everything is built, then everything is tested. The
//! guests come first: if they are broken, so is all that runs them.

use anyhow::Result;

use crate::fuzz;
use crate::steps::{Steps, cargo};
use crate::toolchain;

pub(crate) fn test(args: &[&str]) -> Result<()> {
    let mut steps = Steps::new();
    steps.call("toolchain", toolchain::ensure)?;
    all(&mut steps, args)?;
    print!("{}", steps.summary());
    Ok(())
}

/// The tests whose length is a matter of choice, at full length, and the fuzz
/// targets; `args` narrow them down.
pub(crate) fn long(args: &[&str]) -> Result<()> {
    const SUITES: [&str; 10] = [
        "answers::",
        "borrowed::",
        "compiling::",
        "crash::",
        "hostile::",
        "postgres::",
        "sealing::",
        "serve::",
        "store::",
        "survival::",
    ];
    let mut steps = Steps::new();
    if args == ["fuzz"] {
        fuzz::long(&mut steps)?;
        print!("{}", steps.summary());
        return Ok(());
    }
    steps.call("toolchain", toolchain::ensure)?;
    steps.run("host: build", &mut build())?;
    let mut host = cargo("", &["test", "--workspace", "--test", "suites", "--", "--nocapture"]);
    host.args(if args.is_empty() { &SUITES[..] } else { args }).env("FLOWHOST_LONG", "1");
    steps.tests("host: long tests", &mut host)?;
    if args.is_empty() {
        fuzz::long(&mut steps)?;
    }
    print!("{}", steps.summary());
    Ok(())
}

/// All tests; `args` go to the host's `cargo test`.
pub(crate) fn all(steps: &mut Steps, args: &[&str]) -> Result<()> {
    steps.run("host: build", &mut build())?;
    steps.tests("guests: native tests", &mut cargo("guest-sdk", &["test", "--workspace"]))?;
    let mut host = cargo("", &["test", "--workspace"]);
    steps.tests("host: tests", host.args(args))
}

/// The build of the `flowhost` command that the tests and the demo use.
pub(crate) fn build() -> std::process::Command {
    cargo("", &["build", "--quiet", "--workspace", "--bins"])
}
