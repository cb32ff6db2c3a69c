//! What errors say: to who catches them and to who reads the log.

use super::{assert_logs, logged_in, thrown, thrown_in};

#[test]
fn a_stack_begins_with_name_and_message() {
    let lines = logged_in(
        "const first = (e) => e.stack.split('\\n')[0];
        console.log(first(new Error('a')));
        try { null.x } catch (e) { console.log(first(e).startsWith('TypeError: ')); }
        class Own extends Error { constructor(m) { super(m); this.name = 'Own'; } }
        console.log(first(new Own('b')));
        console.log(/\\n    at .*action\\.js:\\d+:\\d+/.test(new Error('c').stack), new Error('c').stack.includes('flowhost:'));",
    );
    assert_eq!(lines, ["Error: a", "true", "Own: b", "true false"]);
}

#[test]
fn errors_are_logged_with_their_causes() {
    let lines = logged_in(
        "console.error('failed:', new Error('outer', { cause: new TypeError('inner', { cause: 'why' }) }));",
    );
    let text = &lines[0];
    assert!(text.starts_with("error: failed: Error: outer\n    at "), "{text}");
    assert!(text.contains("\ncaused by: TypeError: inner\n    at "), "{text}");
    assert!(text.ends_with("\ncaused by: why"), "{text}");
}

#[test]
fn errors_that_stand_for_others_name_them() {
    let lines = logged_in(
        "try { await Promise.any([Promise.reject(new TypeError('one')), Promise.reject('two')]); } catch (e) { console.log(e); }",
    );
    assert!(lines[0].contains("\n    error 1: TypeError: one\n    error 2: two"), "{}", lines[0]);
}

#[test]
fn a_name_that_is_missing_on_purpose_says_what_to_use() {
    let error = thrown_in("new Intl.NumberFormat();");
    assert_eq!(error.name, "ReferenceError");
    assert!(error.message.starts_with("Intl is not defined: format with "), "{error:?}");
    assert!(error.message.contains("guest-sdk/javascript/README.md#what-exists"), "{error:?}");
    assert!(
        error.stack.expect("a stack").starts_with(&format!("ReferenceError: {}", error.message))
    );
    let error = thrown_in("somethingElse();");
    assert_eq!(error.message, "somethingElse is not defined");
}

#[test]
fn names_that_are_missing_can_be_looked_for() {
    assert_logs(&[
        ("typeof Intl, typeof window, typeof WebAssembly", "undefined undefined undefined"),
        ("typeof Blob, typeof process, typeof global", "undefined object object"),
    ]);
    let lines = logged_in("try { window } catch (e) { console.log(e.message) }");
    assert_eq!(lines, ["window is not defined"]);
}

#[test]
fn whatever_is_thrown_is_described() {
    for (statement, name, message) in [
        ("throw 'text'", "Uncaught", "text"),
        ("throw null", "Uncaught", "null"),
        ("throw undefined", "Uncaught", "undefined"),
        ("throw { a: 1 }", "Uncaught", "{\n  \"a\": 1\n}"),
        ("throw Object.create(null)", "Uncaught", "{}"),
        ("throw Symbol('s')", "Uncaught", "Symbol(s)"),
        ("throw Object.assign(new Error('m'), { name: 'Own' })", "Own", "m"),
        ("throw Object.assign(new Error('m'), { name: null, stack: 5 })", "Error", "m"),
        ("throw new DOMException('m', 'AbortError')", "AbortError", "m"),
        (
            "throw Object.defineProperty(new Error('m'), 'message', { get() { throw 1 } })",
            "Error",
            "",
        ),
        (
            "throw Object.defineProperty(new Error('m'), 'stack', { get() { throw 1 } })",
            "Error",
            "m",
        ),
        (
            "throw Object.defineProperty(new Error('m'), 'cause', { get() { throw 1 } })",
            "Error",
            "m",
        ),
        ("throw new Proxy(new Error('m'), {})", "Error", "m"),
        ("const e = new Error('m'); e.cause = e; throw e", "Error", "m"),
    ] {
        let error = thrown_in(&format!("{statement};"));
        assert_eq!((error.name.as_str(), error.message.as_str()), (name, message), "{statement}");
    }
    let error = thrown_in(
        "throw new Proxy({}, { get() { throw new Error('trap') }, ownKeys() { throw 1 }, getPrototypeOf() { throw 2 } });",
    );
    assert_eq!(error.name, "Uncaught");
}

#[test]
fn a_stack_is_captured_as_in_node() {
    let lines = logged_in(
        "function make() { const o = { name: 'N', message: 'm' }; Error.captureStackTrace(o, make); return o; }
        console.log(make().stack.split('\\n')[0], make().stack.includes('make'));",
    );
    assert_eq!(lines, ["N: m false"]);
    let lines = logged_in(
        "Error.prepareStackTrace = (error, sites) => sites;
        const o = {}; Error.captureStackTrace(o); const e = new Error('m');
        Error.prepareStackTrace = undefined;
        console.log(Array.isArray(o.stack), typeof o.stack[0].getFileName(), Array.isArray(e.stack)); console.log(e);",
    );
    assert_eq!(lines[0], "true string true");
    assert!(lines[1].starts_with("Error: m"), "{}", lines[1]);
}

#[test]
fn what_a_microtask_throws_fails_the_handler() {
    for call in ["queueMicrotask", "process.nextTick"] {
        let error = thrown(&format!(
            "exports.onExecute = async () => {{ {call}(() => {{ throw new Error('late') }}); await 0; await 0; }};"
        ));
        assert_eq!(error.message, "late", "{call}");
    }
}
