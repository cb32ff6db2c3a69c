//! All human output: reports and errors as text. One screen; the outcome is
//! the last and largest thing; numbers come with their units and limits.

use std::fmt::Write as _;

use flowhost::{Code, Error, LogLevel, Outcome, Problem, Report, RunReport, RunStatus};

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

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
        field(&mut text, "then to", &printable(url));
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
    for line in &run.logs {
        let colour = match line.level {
            LogLevel::Error => RED,
            LogLevel::Warn => YELLOW,
            _ => DIM,
        };
        let level = format!("{:?}", line.level).to_lowercase();
        for part in line.message.lines() {
            _ = writeln!(text, "    {colour}{level:5}{RESET}  {}", printable(part));
        }
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
            field(text, "reason", &printable(&denied.reason));
        }
        Outcome::Redirect(redirect) => {
            field(text, "to", &elided_url(&redirect.url));
            field(text, "until", &redirect.expires_at.to_string());
        }
        Outcome::Prompt(prompt) => {
            field(text, "prompt", &printable(&prompt.id));
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
            field(text, "because", &printable(&failure.message));
        }
        _ => {}
    }
}

fn field(text: &mut String, name: &str, value: &str) {
    _ = writeln!(text, "  {name:7}  {value}");
}

/// At most two steps, ready to paste.
fn next(text: &mut String, outcome: &Outcome, store: Option<&str>) {
    let store = store.map(|url| format!(" --store {url}")).unwrap_or_default();
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

/// An error, with where it is and what to do.
pub(super) fn error(error: &Error) -> String {
    let mut text = String::new();
    let code = error.code();
    _ = writeln!(text, "{RED}{BOLD}error[{code}]{RESET}: {}", printable_block(error.message()));
    for problem in error.problems() {
        show_problem(&mut text, problem);
    }
    if let Some(hint) = error.hint() {
        _ = writeln!(text, "  help: {}", printable(hint));
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
        Some(path) => format!("{}: {}", printable(path), printable(&problem.message)),
        None => printable(&problem.message),
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
        _ = writeln!(text, "      {DIM}{number} │{RESET} {}", source.replace(control, "·"));
        _ = writeln!(text, "      {DIM}{gap} │{RESET} {indent}{RED}^{RESET}");
    }
}

fn control(c: char) -> bool {
    c != '\t' && c.is_control()
}

/// Text of others cannot move the cursor or fake a line.
fn printable(text: &str) -> String {
    let unsafe_char = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match unsafe_char(c) {
            true => _ = write!(safe, "\\u{{{:x}}}", u32::from(c)),
            false => safe.push(c),
        }
        safe
    })
}

fn printable_block(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n  ")
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
            printable(&format!("{base}?{}", parts.join("&")))
        }
        None => printable(url),
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
    fn control_characters_of_others_are_spelled_out() {
        assert_eq!(printable("a\x1b[2Jb\u{202e}c\nd"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}d");
    }

    #[test]
    fn numbers_are_grouped_and_tokens_elided() {
        assert_eq!(grouped(1_041_210), "1 041 210");
        assert_eq!(short(500_000_000), "500 M");
        let url = format!("https://a.example/?t={}&state=abc", "x".repeat(100));
        assert_eq!(elided_url(&url), "https://a.example/?t=xxxxxxxx…(100 chars)&state=abc");
    }
}
