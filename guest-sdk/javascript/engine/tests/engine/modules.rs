//! `require` and `import` of what exists, and the answer for what does not.

use super::{assert_logs, load, logged, logged_in, thrown_in};

#[test]
fn modules_are_found_with_and_without_their_prefix() {
    for name in
        ["url", "util", "querystring", "buffer", "util/types", "process", "timers", "perf_hooks"]
    {
        let expression =
            format!("require('{name}') !== undefined, require('node:{name}') !== undefined");
        assert_logs(&[(&expression, "true true")]);
    }
    assert_logs(&[("require('url') === require('node:url')", "true")]);
}

#[test]
fn modules_can_be_imported_by_name_and_as_a_whole() {
    let lines = logged(
        "import { URL as Address, parse } from 'node:url';
        import util, { inspect } from 'util';
        import * as all from 'node:querystring';
        import { Buffer as Bytes, default as whole } from 'buffer';
        export const onExecute = async () => {
            console.log(Address === URL, typeof parse, util.inspect === inspect, all.default.parse === all.parse);
            console.log(Bytes === Buffer, whole.Buffer === Bytes, 'decode' in all);
            const { format } = await import('node:util'); console.log(format('%s', 1));
        };",
    );
    assert_eq!(lines, ["info: true function true true", "info: true true true", "info: 1"]);
}

#[test]
fn a_module_that_does_not_exist_says_what_to_do() {
    for (name, why) in [
        ("fs", "an action has no files"),
        ("node:fs/promises", "an action has no files"),
        ("http", "an action has no sockets; use fetch"),
        ("node:child_process", "an action has no processes"),
        ("axios", "Bundle npm packages"),
        ("./local.js", "Bundle npm packages"),
        ("it's \"odd\"\\n\\0", "Bundle npm packages"),
    ] {
        let error = thrown_in(&format!("require(`{name}`);"));
        assert!(error.message.starts_with("Cannot find module '"), "{error:?}");
        assert!(error.message.contains(why), "{error:?}");
        assert!(error.message.ends_with("README.md#what-exists"), "{error:?}");
    }
    let error =
        load("import fs from 'node:fs'; export const onExecute = () => {};").expect_err("no fs");
    assert!(error.message.contains("an action has no files"), "{error:?}");
    let error = thrown_in("await import('axios');");
    assert!(error.message.contains("Bundle npm packages"), "{error:?}");
    assert_logs(&[(
        "(() => { try { require('fs') } catch (e) { return e.code } })()",
        "MODULE_NOT_FOUND",
    )]);
}

#[test]
fn members_that_do_not_exist_can_be_looked_for() {
    assert_logs(&[(
        "typeof require('util').parseArgs, 'Blob' in require('buffer')",
        "undefined false",
    )]);
}

#[test]
fn callbacks_and_promises_are_turned_into_each_other() {
    let lines = logged_in(
        "const util = require('util');
        console.log(await util.promisify((a, done) => done(null, a + 1))(1));
        try { await util.promisify((done) => done(new Error('no')))(); } catch (e) { console.log(e.message); }
        await util.promisify(setTimeout)(1); console.log('waited');
        await new Promise((done) => util.callbackify(async (a) => a * 2)(4, (error, value) => { console.log(error, value); done(); }));
        await new Promise((done) => util.callbackify(async () => { throw null })((error) => { console.log(error.code); done(); }));
        util.deprecate(() => {}, 'old')();",
    );
    assert_eq!(
        lines,
        [
            "2",
            "no",
            "waited",
            "null 8",
            "ERR_FALSY_VALUE_REJECTION",
            "warn: DeprecationWarning: old"
        ]
    );
}

#[test]
fn bundles_made_for_node_find_what_they_look_at_first() {
    assert_logs(&[
        ("process.env.NODE_ENV, process.env.HOME", "production undefined"),
        ("/^v\\d+\\./.test(process.version), process.versions", "true undefined"),
        ("Object.prototype.toString.call(process)", "[object Object]"),
        ("(() => { 'use strict'; process.env.X = 1; return process.env.X; })()", "1"),
    ]);
    let lines = logged_in(
        "Promise.resolve().then(() => console.log('then')); process.nextTick((a) => console.log(a), 'tick'); await 0; await 0;",
    );
    assert_eq!(lines.len(), 2);
}
