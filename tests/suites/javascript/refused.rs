//! Files that are no actions: refused when they are built, by name and place.

use flowhost_tests::{Cli, Scenario, try_javascript};

const SIGNATURE: &str = "Invalid function signature for the \"onExecutePostChallenge\" handler. Use \"exports.onExecutePostChallenge = async function(event, api) { }\" as the signature.";

/// The message and the place.
fn refused(name: &str, source: impl AsRef<[u8]>) -> (String, Option<(usize, usize)>) {
    let error = match try_javascript(name, source.as_ref()) {
        Ok(_) => panic!("{name} was built"),
        Err(error) => error,
    };
    assert_eq!(error.code().as_str(), "source_invalid", "{error}");
    let problem = error.problems().first();
    let place = problem.and_then(|problem| problem.line.zip(problem.column));
    (error.to_string(), place)
}

fn says(source: &str, what: &str) -> Option<(usize, usize)> {
    let (message, place) = refused("action.js", source);
    assert!(message.contains(what), "`{what}` is not in: {message}");
    // What else is built is as good as ever.
    Scenario::handling("api.access.deny('fine')", "").start().expect("denied");
    place
}

#[test]
fn a_file_without_a_handler_is_told_how_one_looks() {
    for source in [
        "",
        "exports.other = 1;",
        "exports.onExecutePostLogin = async () => {};",
        "exports.onExecutePostChalenge = async () => {};",
        "exports = { onExecutePostChallenge() {} };",
        "export const onExecutePostLogin = async () => {};",
    ] {
        says(source, SIGNATURE);
    }
}

#[test]
fn a_handler_must_be_a_function() {
    says(
        "exports.onExecutePostChallenge = 'text';",
        "`onExecutePostChallenge` is exported, but is no function",
    );
    says("module.exports = 7;", "`module.exports` is no object");
}

#[test]
fn a_generator_is_no_handler() {
    says("exports.onExecutePostChallenge = function* () {};", "generator function");
    says("exports.onExecutePostChallenge = async function* () {};", "generator function");
}

#[test]
fn what_is_logged_at_the_top_is_for_nobody() {
    let source = "console.log('loading', { a: 1 }); exports.onExecutePostChallenge = () => console.log('run');";
    assert_eq!(Scenario::javascript(source).start().expect("completed").logs(), ["run"]);
}

#[test]
fn a_large_file_is_built() {
    let list = "'203.0.113.7',".repeat(90_000);
    let source = format!(
        "const all = [{list}]; exports.onExecutePostChallenge = () => console.log(all.length);"
    );
    assert!(source.len() > 1 << 20);
    let step = Scenario::javascript(&source).last(|action| action.limits.cpu_time = 10_000).start();
    assert_eq!(step.expect("completed").logs(), ["90000"]);
}

#[test]
fn a_syntax_error_is_shown_at_its_place() {
    let place =
        says("exports.onExecutePostChallenge = async () => {\n  const = 2;\n};", "SyntaxError");
    assert_eq!(place, Some((2, 9)));
    let place = says(
        "export const onExecutePostChallenge = async () => {\n  return (1;\n};",
        "SyntaxError",
    );
    assert_eq!(place.map(|(line, _)| line), Some(2));
    assert_eq!(refused("action.ts", "let a: = 1;").1, Some((1, 8)));
}

#[test]
fn a_throw_at_the_top_is_shown_at_its_place() {
    let place = says(
        "\nconst x = undefined;\nx.y;\nexports.onExecutePostChallenge = () => {};",
        "TypeError",
    );
    assert_eq!(place, Some((3, 1)));
    says("throw 'text'", "Uncaught: text");
    says("throw undefined", "Uncaught: undefined");
    says("throw Object.create(null)", "Uncaught: {}");
}

#[test]
fn a_rejection_at_the_top_that_nobody_handles_is_shown() {
    let place = says(
        "Promise.reject(new Error('lost'));\nexports.onExecutePostChallenge = () => {};",
        "Error: lost",
    );
    assert_eq!(place.map(|(line, _)| line), Some(1));
}

#[test]
fn a_loop_at_the_top_ends() {
    says("for (;;) {}", "does not end");
    says("export const a = 1; while (true);", "does not end");
    says("/(a+)+$/.test('a'.repeat(64) + 'b');", "does not end");
    says("const f = () => { Promise.resolve().then(f); }; f();", "does not end");
}

#[test]
fn memory_at_the_top_is_bounded() {
    says("const a = []; for (;;) a.push('x'.repeat(100000) + a.length);", "more memory");
    says("new ArrayBuffer(1 << 30)", "more memory");
}

#[test]
fn nesting_at_the_top_is_bounded() {
    says("(function f() { f(); })();", "RangeError");
    let (message, _) =
        refused("action.js", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(message.contains("stack"), "{message}");
    refused("action.js", format!("JSON.parse('{}')", "[".repeat(200_000)));
}

#[test]
fn ten_megabytes_are_too_many() {
    let (message, _) = refused("action.js", vec![b' '; 10 << 20]);
    assert!(message.contains("10485760 bytes"), "{message}");
}

#[test]
fn what_is_no_text_is_refused_at_its_place() {
    assert_eq!(refused("action.js", b"let a;\n\"\xff\"").1, Some((2, 2)));
    assert_eq!(refused("action.js", b"\0asm").1, Some((1, 1)));
}

#[test]
fn a_module_that_is_not_there_is_named_with_what_to_do() {
    for (name, source) in [
        ("axios", "const axios = require('axios');"),
        ("./lib", "require('./lib');"),
        ("fs", "require('fs');"),
        ("node:http", "require('node:http');"),
        ("lodash", "import _ from 'lodash'; export const onExecutePostChallenge = () => {};"),
    ] {
        let (message, _) = refused("action.js", source);
        assert!(message.contains(name) && message.contains("#what-exists"), "{name}: {message}");
    }
}

#[test]
fn waiting_and_requests_at_the_top_are_refused() {
    says("setTimeout(() => {}, 1)", "while the file is loaded");
    says("export const x = await new Promise(() => {});", "can never settle");
}

#[test]
fn a_module_must_not_ask_for_the_date_at_its_top() {
    says(
        "export const onExecutePostChallenge = () => {}; export const now = Date.now();",
        "ask in a handler",
    );
}

#[test]
fn typescript_that_is_more_than_types_is_refused() {
    let (message, place) =
        refused("action.ts", "enum A { B }\nexport const onExecutePostChallenge = () => {};");
    assert!(message.contains("more than types"), "{message}");
    assert_eq!(place, Some((1, 1)));
}

#[test]
fn the_command_shows_the_line_and_a_caret() {
    let cli = Cli::new();
    cli.write("action.js", "exports.onExecutePostChallenge = () => {\n  let let = 1;\n};\n");
    let ran = cli.run(&["build", "action.js"]).exits(2);
    assert!(ran.stderr.contains("action.js:2:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 │   let let = 1;"), "{}", ran.stderr);
    assert!(ran.stderr.contains('^'), "{}", ran.stderr);
    assert!(!cli.path().join("action.wasm").exists());
    let json = cli.run(&["build", "action.js", "--json"]).exits(2).json();
    assert_eq!(json["error"]["code"], "source_invalid");
    assert_eq!(json["error"]["problems"][0]["line"], 2);
}
