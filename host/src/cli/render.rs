//! All human output: reports and errors as text. One screen; the outcome is
//! the last and largest thing; numbers come with their units and limits.

use std::fmt::Write as _;

use flowhost::{Code, Error, LogLevel, Outcome, Problem, Report, RunReport, RunStatus};

use crate::printable::{block, line, misleads, screen};

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// Before the second line of a text of others, and all further ones: they are
/// nothing that flowhost says.
const MARGIN: &str = "  │ ";
const DEEP_MARGIN: &str = "           │ ";

/// What is printed in the end, whoever put it together.
pub(super) fn printed(text: &str) -> String {
    screen(text, &[BOLD, DIM, RED, GREEN, YELLOW, RESET])
}

/// A report; `names` are the flow's actions, to show what did not run.
pub(super) fn report(
    report: &Report,
    names: &[String],
    quiet: bool,
    store: Option<&str>,
) -> String {
    let mut text = String::new();
    let width = names.iter().map(String::len).max().unwrap_or(0).max(12);
    for run in &report.runs {
        run_line(&mut text, run, width);
    }
    let last = report.runs.last().map(|run| run.action.as_str());
    let position = names.iter().position(|name| Some(name.as_str()) == last);
    for name in names.iter().skip(position.map_or(names.len(), |position| position + 1)) {
        _ = writeln!(text, "  {name:width$}  {DIM}not run{RESET}");
    }
    _ = writeln!(text);
    outcome(&mut text, report);
    if let Some(url) = &report.result_url {
        field(&mut text, "then to", &line(url));
    }
    if !quiet {
        next(&mut text, &report.outcome, store);
    }
    text
}

fn run_line(text: &mut String, run: &RunReport, width: usize) {
    let (colour, status) = match run.status {
        RunStatus::Ok => (GREEN, "ok"),
        _ => (RED, "failed"),
    };
    let handler = run.handler.as_str();
    let time = run.duration_us as f64 / 1000.0;
    let (fuel, fuel_limit) = (grouped(run.fuel), short(run.fuel_limit));
    let (memory, memory_limit) = (mib(run.memory_bytes), mib(run.memory_limit));
    _ = writeln!(
        text,
        "  {:width$}  {handler:11}  {colour}{status:6}{RESET}  {time:8.2} ms   \
         {DIM}fuel{RESET} {fuel} / {fuel_limit}   {DIM}mem{RESET} {memory} / {memory_limit} MiB",
        run.action
    );
    for logged in &run.logs {
        let colour = match logged.level {
            LogLevel::Error => RED,
            LogLevel::Warn => YELLOW,
            _ => DIM,
        };
        let level = format!("{:?}", logged.level).to_lowercase();
        let message = block(&logged.message, DEEP_MARGIN);
        _ = writeln!(text, "    {colour}{level:5}{RESET}  {message}");
    }
}

fn outcome(text: &mut String, report: &Report) {
    let colour = match &report.outcome {
        Outcome::Completed => GREEN,
        Outcome::Denied(_) | Outcome::Failed(_) => RED,
        _ => YELLOW,
    };
    _ = writeln!(text, "  Outcome  {BOLD}{colour}{}{RESET}", report.outcome.name());
    match &report.outcome {
        Outcome::Denied(denied) => {
            field(text, "by", &denied.action);
            field(text, "reason", &line(&denied.reason));
        }
        Outcome::Redirect(redirect) => {
            field(text, "to", &elided_url(&redirect.url));
            field(text, "until", &redirect.expires_at.to_string());
        }
        Outcome::Prompt(prompt) => {
            field(text, "prompt", &line(&prompt.id));
            field(text, "fields", &prompt.fields.to_string());
            field(text, "vars", &prompt.vars.to_string());
            field(text, "until", &prompt.expires_at.to_string());
        }
        Outcome::Challenge(challenge) => {
            let names: Vec<&str> = challenge.factors.iter().map(|f| f.kind.as_str()).collect();
            let how = if challenge.picker { "the user picks one" } else { "the first, or another" };
            let how =
                if names.len() == 1 { String::new() } else { format!("  {DIM}({how}){RESET}") };
            field(text, "factors", &format!("{}{how}", names.join(", ")));
            field(text, "until", &challenge.expires_at.to_string());
        }
        Outcome::Failed(failure) => {
            field(text, "in", &failure.action);
            field(text, "code", failure.code.as_str());
            field(text, "because", &block(&failure.message, DEEP_MARGIN));
        }
        _ => {}
    }
}

fn field(text: &mut String, name: &str, value: &str) {
    _ = writeln!(text, "  {name:7}  {value}");
}

/// At most two steps, ready to paste.
fn next(text: &mut String, outcome: &Outcome, store: Option<&str>) {
    let store = store.map(|url| format!(" --store {}", shown(url))).unwrap_or_default();
    let command = match outcome {
        Outcome::Redirect(r) => format!("flowhost resume {} --query 'NAME=VALUE'{store}", r.state),
        Outcome::Prompt(p) => format!("flowhost resume {} --body 'NAME=VALUE'{store}", p.state),
        Outcome::Challenge(c) => {
            let factor = c.factors.first().map_or("FACTOR", |factor| factor.kind.as_str());
            format!("flowhost resume {} --passed {factor}{store}", c.state)
        }
        Outcome::Failed(failure) => format!("flowhost explain {}", failure.code),
        _ => return,
    };
    if store == " --store memory:" && outcome.state().is_some() {
        field(text, "next:", "nothing: the store `memory:` forgets the flow with this process");
        return;
    }
    field(text, "next:", &command);
}

/// The store as it was named; of a server only that it is one, since a password
/// may be anywhere in the rest.
fn shown(store: &str) -> String {
    match store.split_once("://") {
        Some((kind, _)) => line(&format!("{kind}://…")),
        None => line(store),
    }
}

/// An error, with where it is and what to do.
pub(super) fn error(error: &Error) -> String {
    let mut text = String::new();
    let code = error.code();
    _ = writeln!(text, "{RED}{BOLD}error[{code}]{RESET}: {}", block(error.message(), MARGIN));
    for problem in error.problems() {
        show_problem(&mut text, problem);
    }
    if let Some(hint) = error.hint() {
        _ = writeln!(text, "  help: {}", line(hint));
    }
    if code != Code::CodeUnknown {
        _ = writeln!(text, "  For what this error means: flowhost explain {code}");
    }
    text
}

fn show_problem(text: &mut String, problem: &Problem) {
    let place = match (&problem.file, problem.line, problem.column) {
        (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(file), _, _) => file.clone(),
        (None, Some(line), Some(column)) => format!("{line}:{column}"),
        _ => String::new(),
    };
    let what = match &problem.path {
        Some(path) => format!("{}: {}", line(path), line(&problem.message)),
        None => line(&problem.message),
    };
    let separator = if place.is_empty() { "" } else { "  " };
    _ = writeln!(text, "  ──▶ {place}{separator}{what}");
    if let (Some(source), Some(line), Some(column)) =
        (&problem.source_line, problem.line, problem.column)
    {
        let number = line.to_string();
        let gap = " ".repeat(number.len());
        // A tab moves a caret as far as it moves the line above.
        let indent: String =
            source.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        _ = writeln!(text, "      {DIM}{gap} │{RESET}");
        _ = writeln!(
            text,
            "      {DIM}{number} │{RESET} {}",
            source.replace(|c| c != '\t' && misleads(c), "·")
        );
        _ = writeln!(text, "      {DIM}{gap} │{RESET} {indent}{RED}^{RESET}");
    }
}

/// Long values in the middle of a URL say nothing to people. The state, last,
/// stays whole: it is wanted for the next step.
fn elided_url(url: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((name, value)) if value.len() > 48 => {
            let head: String = value.chars().take(8).collect();
            format!("{name}={head}…({} chars)", value.len())
        }
        _ => part.to_owned(),
    };
    match url.split_once('?') {
        Some((base, query)) => {
            let parts: Vec<String> = query.split('&').map(part).collect();
            line(&format!("{base}?{}", parts.join("&")))
        }
        None => line(url),
    }
}

/// `45.2 KiB`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1_048_576.0),
    }
}

fn mib(bytes: u64) -> String {
    let mib = bytes as f64 / 1_048_576.0;
    if bytes.is_multiple_of(1_048_576) { format!("{mib:.0}") } else { format!("{mib:.1}") }
}

/// `41 210`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `500 M` where that is exact.
fn short(number: u64) -> String {
    match number.is_multiple_of(1_000_000) && number > 0 {
        true => format!("{} M", number / 1_000_000),
        false => grouped(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_shows_no_password() {
        let redirect = serde_json::json!({
            "redirect": { "url": "https://a.example/", "state": "s", "expires_at": "2030-01-01T00:00:00Z" }
        });
        let outcome: Outcome = serde_json::from_value(redirect).expect("an outcome");
        let said = |store| {
            let mut text = String::new();
            next(&mut text, &outcome, Some(store));
            text
        };
        for store in ["postgres://u:hunter2@h/d", "postgresql://h/d?password=hunter2"] {
            let said = said(store);
            assert!(said.contains(" --store postgres") && !said.contains("hunter2"), "{said}");
        }
        assert!(said("sqlite:flows.db").contains(" --store sqlite:flows.db"));
    }

    #[test]
    fn numbers_are_grouped_and_tokens_elided() {
        assert_eq!(grouped(1_041_210), "1 041 210");
        assert_eq!(short(500_000_000), "500 M");
        let url = format!("https://a.example/?t={}&state=abc", "x".repeat(100));
        assert_eq!(elided_url(&url), "https://a.example/?t=xxxxxxxx…(100 chars)&state=abc");
    }
}
