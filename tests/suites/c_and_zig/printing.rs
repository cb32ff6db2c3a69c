//! What actions in C and C++ print is in the log: all of it, whatever bytes it is made
//! of, and nothing of a system is linked for it.

use serde_json::{Value, json};

use super::{Builder, flow};

/// Levels and messages of the first run.
fn logs(outcome: &Value) -> Vec<(String, String)> {
    let logs = outcome["runs"][0]["logs"].as_array();
    let logs = logs.unwrap_or_else(|| panic!("{outcome:#}")).iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    logs.map(|line| (text(&line["level"]), text(&line["message"]))).collect()
}

fn info(text: impl Into<String>) -> (String, String) {
    ("info".to_owned(), text.into())
}

fn warn(text: &str) -> (String, String) {
    ("warn".to_owned(), text.to_owned())
}

fn in_c(builder: &Builder, body: &str) -> Value {
    builder.outcome(&format!(
        "#include <flowhost_action.h>\n#include <stdio.h>\nfh_result on_execute(void) {{\n  \
         {body}\n}}\n"
    ))
}

#[test]
fn it_is_in_the_log_and_needs_no_system() {
    let Some(builder) = Builder::new() else { return };
    let outcome = in_c(
        &builder,
        "printf(\"%s has %d\\n\", \"ada\", 42);\n  fprintf(stderr, \"careful\\n\");\n  \
         return fh_ok();",
    );
    assert_eq!(logs(&outcome), [info("ada has 42"), warn("careful")]);
    builder.run(&["build", "action.c"]).exits(0);
    let imports = builder.run(&["inspect", "action.wasm"]).exits(0).stdout;
    assert!(imports.contains("flowhost:post-challenge/log") && !imports.contains("wasi:"));
}

#[test]
fn a_character_that_is_cut_or_is_none_does_not_end_the_run() {
    let Some(builder) = Builder::new() else { return };
    let outcome = in_c(
        &builder,
        "printf(\"%.5s\\n\", \"abcd\u{fc}\");\n  puts(\"\\xff\\xfe and \\xe2\\x82\");\n  \
         return fh_ok();",
    );
    assert_eq!(outcome["outcome"], "completed", "{outcome:#}");
    assert_eq!(logs(&outcome), [info("abcd\u{fffd}"), info("\u{fffd}\u{fffd} and \u{fffd}")]);
}

#[test]
fn a_long_line_is_cut_between_characters() {
    let Some(builder) = Builder::new() else { return };
    let outcome = in_c(
        &builder,
        "for (int i = 0; i < 1023; i++) putchar('x');\n  puts(\"\u{fc}\");\n  \
         for (int i = 0; i < 400; i++) printf(\"\u{4f60}\");\n  puts(\"\");\n  return fh_ok();",
    );
    let parts = [
        info("x".repeat(1023)),
        info("\u{fc}"),
        info("\u{4f60}".repeat(341)),
        info("\u{4f60}".repeat(59)),
    ];
    assert_eq!(logs(&outcome), parts);
}

#[test]
fn the_last_line_needs_no_end() {
    let Some(builder) = Builder::new() else { return };
    let outcome = in_c(
        &builder,
        "printf(\"one\\nt\");\n  fprintf(stderr, \"careful\");\n  printf(\"wo\");\n  \
         return fh_fail(\"Enough\", \"of it\");",
    );
    assert_eq!(outcome["failed"]["message"], "Enough: of it", "{outcome:#}");
    assert_eq!(logs(&outcome), [info("one"), info("two"), warn("careful")]);
}

#[test]
fn the_last_line_of_the_continue_handler_needs_no_end_either() {
    let Some(builder) = Builder::new() else { return };
    let outcome = builder.outcome(
        "#include <flowhost_action.h>\n#include <stdio.h>\n\
         fh_result on_execute(void) {\n  printf(\"away\");\n  \
         return fh_send_user_to(\"https://verify.example.com/\");\n}\n\
         fh_result on_continue(void) {\n  printf(\"back\");\n  return fh_ok();\n}\n",
    );
    assert_eq!(logs(&outcome), [info("away")]);
    let state = outcome["redirect"]["state"].as_str().expect("a state");
    let ran = builder.run(&["resume", state, "--json"]).exits(0);
    assert_eq!(logs(&ran.json()), [info("back")]);
}

/// Nothing is called behind the handlers of an action that prints nothing.
#[test]
fn who_does_not_print_does_not_pay() {
    let Some(builder) = Builder::new() else { return };
    let outcome = builder.outcome(super::OK);
    let fuel = outcome["runs"][0]["fuel"].as_u64().expect("fuel");
    assert!(fuel < 20, "{fuel}");
}

#[test]
fn streams_of_cpp_print_and_have_nothing_to_read() {
    let Some(builder) = Builder::new() else { return };
    builder.cli.write(
        "action.cpp",
        "#include <flowhost_action.hpp>\n#include <iostream>\n#include <string>\n\
         flowhost::result on_execute() {\n  std::string word;\n  \
         std::cout << \"read \" << static_cast<bool>(std::cin >> word) << std::endl;\n  \
         std::cerr << \"careful \" << 4.5 << '\\n';\n  std::cout << \"the \\xc3\\xbc rest\";\n  \
         return flowhost::ok();\n}\n",
    );
    // It is the one that takes longest to compile, on a machine that has other work too.
    builder.cli.write("flow.toml", flow("action.cpp"));
    let mut outcome = Value::Null;
    for _ in 0..3 {
        let ran = builder.run(&["run", "flow.toml", "--event", "event.json", "--json"]);
        outcome = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
        if outcome["error"]["code"] != json!("compile_time_exceeded") {
            break;
        }
    }
    assert_eq!(logs(&outcome), [info("read 0"), warn("careful 4.5"), info("the \u{fc} rest")]);
    builder.run(&["build", "action.cpp"]).exits(0);
    let imports = builder.run(&["inspect", "action.wasm"]).exits(0).stdout;
    assert!(!imports.contains("wasi:filesystem"), "{imports}");
}
