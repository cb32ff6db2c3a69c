//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::process::{cargo, guests, root, run};
use crate::toolchain;

/// Runs the guests' native tests, then the host's and the black-box ones.
pub(crate) fn test(arguments: &[String]) -> Result<()> {
    toolchain::ensure()?;
    println!("--- the command and the test programs");
    run(&mut cargo(&root(), &["build", "--workspace", "--all-targets"]))?;
    println!("--- the SDK and the example actions, natively");
    run(&mut cargo(&guests(), &["test", "--workspace"]))?;
    println!("--- the host, and everything from outside");
    run(cargo(&root(), &["test", "--workspace"]).args(arguments))?;
    println!("all tests passed");
    Ok(())
}
