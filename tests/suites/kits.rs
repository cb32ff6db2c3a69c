//! The contract as the kits for C, C++ and Zig spell it. Both files are made of the
//! WIT, and checked in for those who have nothing but a compiler.

mod c;
mod wit;
mod zig;

use flowhost_tests::project;

const UPDATE: &str = "UPDATE=1 cargo xtask test kits";

#[test]
fn the_contract_in_c_is_that_of_the_wit() {
    fresh("guest-sdk/c/flowhost_contract.h", &c::header(&wit::contract()));
}

#[test]
fn the_contract_in_zig_is_that_of_the_wit() {
    fresh("guest-sdk/zig/contract.zig", &zig::source(&wit::contract()));
}

#[track_caller]
fn fresh(file: &str, expected: &str) {
    let path = project().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, expected).expect("written");
        return;
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{file} is not what the WIT makes of it: {UPDATE}");
}
