//! The engine by itself, natively: files are loaded and their handlers run.

#[path = "engine/bent.rs"]
mod bent;
#[path = "engine/crypto.rs"]
mod crypto;
#[path = "engine/fetch.rs"]
mod fetch;
#[path = "engine/node.rs"]
mod node;
#[path = "engine/server.rs"]
mod server;
#[path = "engine/vectors.rs"]
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
    view: "(function (host, platform) {
        platform.log = (level, text) => host.log(`${level}: ${text}`);
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

/// Evaluates expressions in a handler and logs each.
fn evaluated(expressions: &[&str]) -> Vec<String> {
    let lines: String = expressions.iter().map(|e| format!("console.log({e});\n")).collect();
    let lines = logged(&format!("exports.onExecute = async (event, api) => {{\n{lines}}};"));
    lines.into_iter().map(|line| line.trim_start_matches("info: ").to_owned()).collect()
}

#[test]
fn handlers_get_their_arguments_in_every_style() {
    for source in [
        "exports.onExecute = async (event, api) => { api.log(event.n) };",
        "module.exports.onExecute = async (event, api) => { api.log(event.n) };",
        "module.exports = { onExecute(event, api) { api.log(event.n) } };",
        "export const onExecute = async (event, api) => { api.log(event.n) };",
        "export async function onExecute(event, api) { api.log(event.n) }",
    ] {
        let source = source.replace("event.n", "String(event.n)");
        assert_eq!(logged(&source), ["1"], "{source}");
    }
}

#[test]
fn errors_have_the_files_own_lines_and_columns() {
    let error = thrown("exports.onExecute = async () => { null.x };");
    assert_eq!(error.name, "TypeError");
    let stack = error.stack.expect("a stack");
    assert!(stack.contains("action.js:1:3"), "{stack}");
    assert!(!stack.contains("flowhost:"), "{stack}");
    let error = load("exports.a = 1;\n  const = 2;").expect_err("no JavaScript");
    assert_eq!(error.name, "SyntaxError");
    assert!(error.stack.as_deref().unwrap_or_default().contains("action.js:2:9"), "{error:?}");
}

#[test]
fn a_promise_that_can_never_settle_is_an_error() {
    let error = thrown("exports.onExecute = () => new Promise(() => {});");
    assert!(error.message.contains("can never settle"), "{error:?}");
}

#[test]
fn a_rejection_that_nothing_handles_is_an_error() {
    let error = thrown("exports.onExecute = async () => { Promise.reject(new Error('lost')); };");
    assert_eq!(error.message, "lost");
    logged(
        "exports.onExecute = async () => { const p = Promise.reject(new Error('x')); await p.catch(() => {}); };",
    );
}

#[test]
fn timers_wait_and_keep_their_order() {
    let source = "exports.onExecute = async (event, api) => {
        setTimeout(() => api.log('b'), 2);
        setTimeout(() => api.log('a'), 1);
        clearTimeout(setTimeout(() => api.log('never'), 1));
        await new Promise((done) => setTimeout(done, 3));
    };";
    assert_eq!(logged(source), ["a", "b"]);
}

#[test]
fn randomness_at_the_top_of_a_file_is_not_frozen() {
    let source = "const r = Math.random(); exports.onExecute = (event, api) => api.log(String(r));";
    assert_ne!(logged(source), ["0.5"]);
}

#[test]
fn objects_are_logged_with_two_spaces() {
    assert_eq!(
        evaluated(&["'a', {b: 1, c: [1]}", "undefined, null, 1n"]),
        ["a {\n  \"b\": 1,\n  \"c\": [\n    1\n  ]\n}", "undefined null 1n",]
    );
}

#[test]
fn a_file_without_a_handler_is_refused() {
    assert_eq!(load("exports.other = 1;").expect_err("no handler").message, "no handler");
    assert_eq!(load("exports.onExecute = 1;").expect_err("no function").name, "InvalidHandler");
}
