//! The `flowhost` command.

mod cli;
mod printable;
mod server;

use std::process::ExitCode;

fn main() -> ExitCode {
    flowhost::Compiler::serve();
    cli::main()
}
