//! Files that replace what the platform could rely on: they may break
//! themselves, but neither the engine nor what is said of their errors.

use super::{LOG, load, logged_in, thrown_in};
use flowhost_javascript_engine::run;

/// Statements that break something built in.
const BREAKS: &[&str] = &[
    "const nope = () => { throw new RangeError('broken') }; for (const key of Reflect.ownKeys(Array.prototype)) if (typeof Array.prototype[key] === 'function' && key !== 'constructor') Array.prototype[key] = nope",
    "const nope = () => { throw new RangeError('broken') }; for (const key of ['call', 'apply', 'bind', 'toString']) Object.defineProperty(Function.prototype, key, { value: nope })",
    "const nope = () => { throw new RangeError('broken') }; for (const key of Reflect.ownKeys(String.prototype)) if (key !== 'constructor' && key !== 'length') String.prototype[key] = nope",
    "for (const C of [Map, Set, RegExp, Date, Number, Symbol]) for (const key of Object.getOwnPropertyNames(C.prototype)) if (key !== 'constructor') Object.defineProperty(C.prototype, key, { value() { throw new RangeError('broken') } })",
    "JSON.stringify = JSON.parse = () => { throw new RangeError('broken') }",
    "Promise.prototype.then = Promise.prototype.catch = Promise.resolve = Promise.reject = () => { throw new RangeError('broken') }",
    "Object.prototype.x = 1; Object.prototype.get = 5; Object.prototype.value = 6; Object.prototype.toJSON = () => { throw 1 }",
    "Object.prototype.set = () => {}; Object.prototype.code = 1; Object.prototype.cause = 'odd'; Object.prototype.stack = 7",
    "Object.defineProperty(Object.prototype, '0', { get() { throw 1 }, set() { throw 2 } })",
    "const { defineProperty } = Object; for (const key of Reflect.ownKeys(Object)) if (typeof Object[key] === 'function') defineProperty(Object, key, { value() { throw new RangeError('broken') } })",
    "Reflect.apply = Reflect.ownKeys = Reflect.construct = () => { throw 1 }",
    "Error.prototype.toString = () => { throw 1 }; Error.isError = () => false; Error.prepareStackTrace = () => { throw 1 }",
    "Object.defineProperty(Error.prototype, 'stack', { get() { throw 1 } })",
    "Error.stackTraceLimit = 'x'; Error.captureStackTrace = null",
    "Array.from = Array.isArray = () => { throw 1 }; Array = undefined",
    "Map = Set = String = Number = Symbol = Date = Uint8Array = Object = undefined",
    "Error = TypeError = RangeError = undefined",
    "Promise = undefined",
    "globalThis.globalThis = undefined",
    "console = undefined; setTimeout = undefined; require = undefined",
    "Object.setPrototypeOf(Array.prototype, null); Object.setPrototypeOf(Function.prototype, null)",
    "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(globalThis)",
];

#[test]
fn a_file_that_breaks_what_is_built_in_still_fails_with_its_own_error() {
    for tampering in BREAKS {
        let error =
            thrown_in(&format!("const own = new TypeError('mine'); {tampering}; throw own;"));
        assert_eq!(
            (error.name.as_str(), error.message.as_str()),
            ("TypeError", "mine"),
            "{tampering}"
        );
    }
}

#[test]
fn a_file_that_breaks_what_is_built_in_can_still_log() {
    for tampering in BREAKS.iter().filter(|text| !text.contains("console =")) {
        LOG.take();
        let source = format!(
            "exports.onExecute = async () => {{ const log = console.log; {tampering}; log({{ a: [1, 'b'], c: {{ d: null }} }}, 'x', 5); }};"
        );
        load(&source).unwrap_or_else(|thrown| panic!("{tampering}: {thrown:?}"));
        run("onExecute").unwrap_or_else(|thrown| panic!("{tampering}: {thrown:?}"));
        let lines = LOG.take();
        assert_eq!(lines.len(), 1, "{tampering}: {lines:?}");
        assert!(
            lines[0].starts_with("info: {") || lines[0].starts_with("info: [threw"),
            "{tampering}: {lines:?}"
        );
    }
}

#[test]
fn a_file_that_breaks_what_is_built_in_while_it_is_loaded_is_refused_or_runs() {
    for tampering in BREAKS {
        let source = format!("{tampering}; exports.onExecute = async () => {{ throw 'done' }};");
        if load(&source).is_ok() {
            let error = run("onExecute").expect_err("it throws");
            assert_eq!(error.message, "done", "{tampering}");
        }
    }
}

#[test]
fn timers_and_modules_work_in_a_broken_place_or_fail() {
    for tampering in BREAKS {
        let source = format!(
            "exports.onExecute = async () => {{ const later = setTimeout; const find = require; {tampering};
                try {{ find('util'); find('url'); }} catch (error) {{}}
                try {{ find('fs'); }} catch (error) {{}}
                await new (async () => {{}})().constructor((done) => later(done, 1));
            }};"
        );
        if load(&source).is_ok() {
            // Either is fine: what counts is that there is an answer.
            _ = run("onExecute");
        }
    }
}

#[test]
fn the_platform_cannot_be_taken_away() {
    let error = thrown_in(
        "for (const key of Reflect.ownKeys(globalThis)) { try { delete globalThis[key]; } catch {} } throw null;",
    );
    assert_eq!((error.name.as_str(), error.message.as_str()), ("Uncaught", "null"));
}

#[test]
fn whatever_the_platform_is_called_with_it_answers_or_throws() {
    let lines = logged_in(
        r#"const hostile = () => [undefined, null, NaN, -1, 1e300, 5n, "", "é\ud800", Symbol("s"), {}, [], () => 1,
            new Proxy({}, { get() { throw new TypeError("trap") } }), Object.create(null), { length: -1 }, { length: 1e4 },
            new Uint8Array(3), new ArrayBuffer(2), Buffer.from("abc"), new Date(NaN), { valueOf() { throw new TypeError("v") } },
            new Map([[1, 2]]), new URL("https://a.example"), new URLSearchParams("a=1"), new (class extends Buffer.from("x").constructor {})(2)];
        let calls = 0;
        const kept = ["setTimeout", "setInterval", "setImmediate", "require"];
        const call = (f, self, values) => {
            calls++;
            try { Reflect.apply(f, self, values); } catch {}
            try { Reflect.construct(f, values); } catch {}
        };
        const visit = (holder, selves, depth) => {
            for (const key of Reflect.ownKeys(holder)) {
                if (kept.includes(key)) continue;
                const descriptor = Object.getOwnPropertyDescriptor(holder, key);
                for (const f of [descriptor.value, descriptor.get, descriptor.set]) {
                    if (typeof f !== "function") continue;
                    for (const self of selves) {
                        const values = hostile();
                        for (const a of values) { call(f, self, [a]); }
                        for (let i = 0; i < 40; i++) call(f, self, [values[(i * 7) % values.length], values[(i * 5 + 3) % values.length], values[(i * 11 + 1) % values.length]]);
                    }
                    if (depth > 0 && f.prototype) visit(f.prototype, [...selves, {}], depth - 1);
                }
            }
        };
        const quiet = console; globalThis.console = { log() {}, warn() {} };
        const { Buffer: B } = globalThis;
        visit(B, [B, undefined], 0);
        visit(B.prototype, [B.from("abc"), new Uint8Array(2), {}, undefined], 0);
        visit(URL, [URL], 0); visit(URL.prototype, [new URL("https://a.example"), {}], 0);
        visit(URLSearchParams.prototype, [new URLSearchParams("a=1"), {}], 0);
        visit(TextDecoder.prototype, [new TextDecoder(), {}], 0); visit(TextEncoder.prototype, [new TextEncoder(), {}], 0);
        visit({ TextDecoder, URL, URLSearchParams, structuredClone, atob, btoa, clearTimeout }, [undefined], 0);
        for (const name of ["util", "url", "querystring", "buffer", "util/types"]) visit(require(name), [require(name), undefined], 0);
        visit(Object.fromEntries(Object.entries(quiet)), [quiet, undefined], 0);
        quiet.log("calls", calls > 10000);"#,
    );
    assert_eq!(lines.last().map(|line| line.trim_start()), Some("calls true"));
}
