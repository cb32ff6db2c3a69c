//! The command line: one file per verb, which computes a value; `render.rs`
//! turns values into text for people. Data goes to standard output, talk to
//! standard error. Uses the library as any embedder does.

mod args;
mod build;
mod cache;
mod check;
mod conformance;
mod explain;
mod inspect;
mod key_file;
mod keys;
mod new;
mod progress;
mod render;
mod resume;
mod run;
mod serve;
mod shell;
mod store;
mod token;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use flowhost::{Code, Error, Kind, Outcome, Problem, SCHEMA_VERSION};
use serde_json::{Value, json};

use crate::printable;
use args::{Args, Verb};

/// What a verb has to say.
struct Answer {
    /// The human form, ready to print.
    text: String,
    /// What `--json` prints instead.
    json: Value,
    exit: u8,
}

/// Parses the arguments, does what they say, and prints it.
pub(crate) fn main() -> ExitCode {
    let typed = args::state_last(std::env::args_os().collect());
    let wants_json = typed.iter().any(|argument| argument == "--json");
    let args = match Args::try_parse_from(typed) {
        Ok(args) => args,
        Err(error) => return usage(&error, wants_json),
    };
    args.color.write_global();
    report_panics();
    let answer = match args.verb {
        Verb::Run(run) => run::run(run),
        Verb::Resume(resume) => resume::resume(resume),
        Verb::Serve(args) => match serve::serve(args) {
            Ok(exit) => return ExitCode::from(exit),
            Err(error) => Err(error),
        },
        Verb::New(args) => new::new(&args),
        Verb::Build(build) => build::build(&build),
        Verb::Check(check) => check::check(&check),
        Verb::Inspect(inspect) => inspect::inspect(&inspect),
        Verb::Conformance(args) => conformance::conformance(&args),
        Verb::Keys(keys) => keys::keys(&keys),
        Verb::Explain(explain) => explain::explain(&explain),
        Verb::Token(token) => token::token(&token),
    };
    match answer {
        Ok(answer) => print(&answer, wants_json),
        Err(error) => {
            if wants_json {
                print_json(&error_json(&error));
            } else {
                print_err(&render::error(&error));
            }
            ExitCode::from(exit_code(error.code()))
        }
    }
}

fn print(answer: &Answer, as_json: bool) -> ExitCode {
    match as_json {
        true => print_json(&answer.json),
        false => print_out(&answer.text),
    }
    ExitCode::from(answer.exit)
}

fn print_json(value: &Value) {
    let text = printable::json(&format!("{value:#}\n"));
    _ = anstream::stdout().write_all(text.as_bytes());
}

/// A closed pipe is nobody's error.
fn print_out(text: &str) {
    _ = anstream::stdout().write_all(render::printed(text).as_bytes());
}

fn print_err(text: &str) {
    _ = anstream::stderr().write_all(render::printed(text).as_bytes());
}

/// A fault in flowhost is one record: in the log where there is one. What it
/// says may quote what an action made.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let what = printable::line(&panic.to_string());
        // Empty unless RUST_BACKTRACE asks for it.
        let backtrace = Backtrace::capture();
        let backtrace = match backtrace.status() {
            BacktraceStatus::Captured => backtrace.to_string(),
            _ => String::new(),
        };
        if tracing::dispatcher::has_been_set() {
            tracing::error!(what, backtrace, "a fault in flowhost");
        } else {
            print_err(&format!("a fault in flowhost: {what}\n{backtrace}"));
        }
    }));
}

fn usage(error: &clap::Error, wants_json: bool) -> ExitCode {
    if !error.use_stderr() {
        _ = error.print();
        return ExitCode::SUCCESS;
    }
    if wants_json {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let error = Error::new(Code::Usage, message).with_hint("see `flowhost --help`");
        print_json(&error_json(&error));
    } else {
        // It quotes what was typed, and a script may type what others said.
        let plain = error.render().to_string();
        match plain.contains(|c| c != '\n' && printable::misleads(c)) {
            true => print_err(&(printable::block(&plain, "") + "\n")),
            false => _ = error.print(),
        }
    }
    ExitCode::from(exit_code(Code::Usage))
}

fn error_json(error: &Error) -> Value {
    let mut body = json!({
        "code": error.code(),
        "message": error.message(),
        "hint": error.hint(),
    });
    if !error.problems().is_empty() {
        body["problems"] = error.problems().iter().map(problem_json).collect();
    }
    json!({ "schema_version": SCHEMA_VERSION, "error": body })
}

fn problem_json(problem: &Problem) -> Value {
    serde_json::to_value(problem).unwrap_or_default()
}

/// The exit code of an error; `--help` lists them.
fn exit_code(code: Code) -> u8 {
    match code.kind() {
        Kind::Input | Kind::Call => 2,
        Kind::Environment => 3,
        Kind::Refused => 21,
        Kind::Failure => 20,
        _ => 70,
    }
}

/// The exit code of an outcome.
fn exit_of(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Completed => 0,
        Outcome::Denied(_) => 10,
        Outcome::Challenge(_) => 11,
        Outcome::Redirect(_) | Outcome::Prompt(_) => 12,
        Outcome::Failed(_) => 20,
        _ => 70,
    }
}

/// Runs a future to its end on this thread.
fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    let done = runtime.block_on(future);
    // Does not wait for a compilation that took too long.
    runtime.shutdown_background();
    done
}
