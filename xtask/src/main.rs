//! `cargo xtask`: the tasks of the project, one file for each verb. They start
//! other programs and look at how those end; nothing here is part of the
//! product.

mod bench;
mod ci;
mod demo;
mod fuzz;
mod instructions;
mod languages;
mod runtime;
mod steps;
mod test;
mod toolchain;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
Usage: cargo xtask <VERB>

  toolchain      add Rust's target for actions if it is missing
  demo           play a flow with a redirect and a challenge from start to end
  demo --record  the same, and write it into README.md
  test [ARGS…]   build, then run all tests; ARGS go to the host's `cargo test`
  long [ARGS…]   the tests that CI runs a little of, at full length: hours
  long fuzz      of that the fuzz targets
  fuzz           every fuzz target for half a minute (needs clang's libFuzzer)
  fuzz TARGET [-- ARGS…]  one of them, until it is stopped; ARGS go to libFuzzer
  runtime        build the runtime of JavaScript actions into the host (needs clang)
  runtime --check  build it and compare it with the one that is checked in
  bench NAME     measure: speed, scale, rivals, javascript, neighbours, store
  instructions   count those of the hot path (needs valgrind); --record: write them down
  languages      measure an action in each language, and write it into README.md
  languages --only LANG,LANG  only these; the other rows stay as they are
  ci             format, lints, all tests, instructions, fuzz targets, documentation, demo
";

fn main() -> ExitCode {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = typed.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["toolchain"] => toolchain::ensure(),
        ["demo"] => demo::play(),
        ["demo", "--record"] => demo::record(),
        ["test", args @ ..] => test::test(args),
        ["long", args @ ..] => test::long(args),
        ["fuzz", args @ ..] => fuzz::fuzz(args),
        ["runtime"] => runtime::build(),
        ["runtime", "--check"] => runtime::check(),
        ["bench", name] => bench::bench(name),
        ["instructions", args @ ..] => instructions::instructions(args),
        ["languages"] => languages::languages(None),
        ["languages", "--only", only] => languages::languages(Some(only)),
        ["ci"] => ci::ci(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => return usage(&words),
    };
    exit(done)
}

fn usage(words: &[&str]) -> ExitCode {
    if !words.is_empty() {
        eprintln!("error: cargo xtask cannot `{}`\n", words.join(" "));
    }
    eprint!("{USAGE}");
    ExitCode::from(2)
}

fn exit(done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the project.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
