//! The runtime that the host ships is what its source makes.

use std::process::Command;

use flowhost_tests::{ignored, project};

#[test]
fn the_runtime_that_is_checked_in_is_fresh() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !["clang", "clang-19"].into_iter().any(has)
        || !["llvm-ar", "llvm-ar-19"].into_iter().any(has)
    {
        ignored("it takes clang and llvm-ar: apt-get install clang-19 llvm-19");
        return;
    }
    let mut check = Command::new("cargo");
    check.args(["xtask", "runtime", "--check"]).current_dir(project());
    let output = check.output().expect("cargo");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
