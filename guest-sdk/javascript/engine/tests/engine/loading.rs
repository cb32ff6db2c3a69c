//! Loading files, and running their handlers.

use super::{load, logged, thrown};

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
fn randomness_at_the_top_of_a_file_is_not_frozen() {
    let source = "const r = Math.random(); exports.onExecute = (event, api) => api.log(String(r));";
    assert_ne!(logged(source), ["0.5"]);
}

#[test]
fn a_file_without_a_handler_is_refused() {
    assert_eq!(load("exports.other = 1;").expect_err("no handler").message, "no handler");
    assert_eq!(load("exports.onExecute = 1;").expect_err("no function").name, "InvalidHandler");
}
