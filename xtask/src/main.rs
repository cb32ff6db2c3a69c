//! The project's tasks. `cargo xtask` lists them.

mod ci;
mod demo;
mod process;
mod suite;
mod toolchain;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo [--record]  play a whole flow; --record writes it into the README
cargo xtask test [ARGS]      run every test; ARGS go to the host's `cargo test`
cargo xtask ci               what must pass before a change lands
cargo xtask toolchain        add Rust's target for actions if it is missing
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let done = match arguments.first().map(String::as_str) {
        Some("demo") => demo::demo(rest.iter().any(|flag| flag == "--record")),
        Some("test") => suite::test(rest),
        Some("ci") => ci::ci(),
        Some("toolchain") => toolchain::ensure(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
