//! The engine by itself, natively: files are loaded and their handlers run.
//! One topic a file; the harness is here.

mod bent;
mod buffers;
mod cloning;
mod console;
mod crypto;
mod errors;
mod fetch;
mod like_node;
mod loading;
mod modules;
mod node;
mod server;
mod tampering;
mod timers;
mod urls;
mod vectors;

use std::cell::RefCell;

use flowhost_javascript_engine::{Thrown, Trigger, loader, run};
use rquickjs::{Function, Object};

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A trigger with two handlers that get `{ n: 1 }` and a log.
const TRIGGER: Trigger = Trigger {
    handlers: &["onExecute", "onContinue"],
    no_handler: "no handler",
    parts: &[],
    view: "(function (host, platform) {
        platform.log = (level, text) => host.log(level + ': ' + text);
        return () => [{ n: 1 }, { log: host.log }];
    })",
    host: |ctx| {
        let host = Object::new(ctx.clone())?;
        let log = |text: String| LOG.with_borrow_mut(|log| log.push(text));
        host.set("log", Function::new(ctx.clone(), log)?)?;
        Ok(host)
    },
};

fn load(source: &str) -> Result<Vec<&'static str>, Thrown> {
    loader::load(&TRIGGER, "action.js", source).map(|loaded| loaded.handlers)
}

/// Loads a file, runs its first handler: what it logged.
fn logged(source: &str) -> Vec<String> {
    LOG.take();
    load(source).unwrap_or_else(|thrown| panic!("{thrown:?}"));
    run("onExecute").unwrap_or_else(|thrown| panic!("{thrown:?}"));
    LOG.take()
}

/// What the first handler throws.
fn thrown(source: &str) -> Thrown {
    load(source).unwrap_or_else(|thrown| panic!("{thrown:?}"));
    run("onExecute").expect_err("it throws")
}

/// What a handler of these statements throws.
fn thrown_in(statements: &str) -> Thrown {
    thrown(&format!("exports.onExecute = async (event, api) => {{ {statements} }};"))
}

/// What a handler of these statements logs with `console.log`.
fn logged_in(statements: &str) -> Vec<String> {
    let lines = logged(&format!("exports.onExecute = async (event, api) => {{\n{statements}\n}};"));
    lines.into_iter().map(|line| line.trim_start_matches("info: ").to_owned()).collect()
}

/// Evaluates expressions in a handler and logs each.
fn evaluated(expressions: &[&str]) -> Vec<String> {
    let lines: String = expressions.iter().map(|e| format!("console.log({e});\n")).collect();
    logged_in(&lines)
}

/// Asserts what expressions are, as the log shows them.
fn assert_logs(expected: &[(&str, &str)]) {
    let expressions: Vec<&str> = expected.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), line) in expected.iter().zip(evaluated(&expressions)) {
        assert_eq!(line, *expected, "{expression}");
    }
}
