//! `cargo xtask test`: everything is built, then everything is tested. The
//! guests come first: if they are broken, so is all that runs them.

use anyhow::Result;

use crate::steps::{Steps, cargo};
use crate::toolchain;

pub(crate) fn test(args: &[&str]) -> Result<()> {
    let mut steps = Steps::new();
    steps.call("toolchain", toolchain::ensure)?;
    all(&mut steps, args)?;
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
