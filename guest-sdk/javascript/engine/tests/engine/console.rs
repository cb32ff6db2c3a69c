//! What the log shows.

use super::{assert_logs, logged, logged_in};

#[test]
fn objects_are_logged_with_two_spaces() {
    assert_logs(&[
        ("'a', {b: 1, c: [1]}", "a {\n  \"b\": 1,\n  \"c\": [\n    1\n  ]\n}"),
        ("{}, []", "{} []"),
        ("{ a: {}, b: [] }", "{\n  \"a\": {},\n  \"b\": []\n}"),
        ("{ 'quo\"te': 'new\\nline' }", "{\n  \"quo\\\"te\": \"new\\nline\"\n}"),
        ("[[1, [2]]]", "[\n  [\n    1,\n    [\n      2\n    ]\n  ]\n]"),
    ]);
}

#[test]
fn plain_values_are_logged_as_they_are() {
    assert_logs(&[
        ("'text'", "text"),
        ("undefined, null, 1n", "undefined null 1n"),
        ("true, -0, NaN, Infinity", "true -0 NaN Infinity"),
        ("Symbol('s')", "Symbol(s)"),
        ("function f() {}", "[Function: f]"),
        ("() => 1", "[Function (anonymous)]"),
        ("", ""),
    ]);
}

#[test]
fn what_json_cannot_say_is_logged_all_the_same() {
    assert_logs(&[
        (
            "{ u: undefined, n: NaN, b: 5n, s: Symbol('x'), f() {} }",
            "{\n  \"u\": undefined,\n  \"n\": NaN,\n  \"b\": 5n,\n  \"s\": Symbol(x),\n  \"f\": [Function: f]\n}",
        ),
        (
            "new Map([['a', 1], [{ k: 1 }, 'v']])",
            "Map(2) {\n  \"a\" => 1,\n  {\n    \"k\": 1\n  } => \"v\"\n}",
        ),
        ("new Set([1, 'x']), new Map()", "Set(2) {\n  1,\n  \"x\"\n} Map(0) {}"),
        (
            "new Date(0), { d: new Date(0) }",
            "1970-01-01T00:00:00.000Z {\n  \"d\": \"1970-01-01T00:00:00.000Z\"\n}",
        ),
        ("new Date(NaN), /x/g", "Invalid Date /x/g"),
        ("Buffer.from('hi'), new Uint8Array([1, 2])", "<Buffer 68 69> Uint8Array(2) [1, 2]"),
        ("new ArrayBuffer(2)", "ArrayBuffer <00 00>"),
        (
            "(() => { const a = { b: {} }; a.b.a = a; return a; })()",
            "{\n  \"b\": {\n    \"a\": [Circular]\n  }\n}",
        ),
        ("(() => { const o = {}; return [o, o]; })()", "[\n  {},\n  {}\n]"),
        ("{ toJSON: () => ({ as: 'json' }) }", "{\n  \"as\": \"json\"\n}"),
        ("{ [Symbol('k')]: 1 }", "{\n  [Symbol(k)]: 1\n}"),
        ("{ e: new TypeError('m') }", "{\n  \"e\": [TypeError: m]\n}"),
        ("Object(5), Object('s'), Promise.resolve()", "5 \"s\" Promise { … }"),
    ]);
}

#[test]
fn placeholders_are_filled_in() {
    assert_logs(&[
        ("'%s is %d or %i of %f', 'x', 1.5, 2.9, '3.5'", "x is 1.5 or 2 of 3.5"),
        ("'%j|%o|%O', { a: 1 }, [1], { b: 2 }", "{\"a\":1}|[\n  1\n]|{\n  \"b\": 2\n}"),
        ("'%c%s %%', 'css', 'x', 'more'", "x % more"),
        ("'100%', 5", "100% 5"),
        ("'%s'", "%s"),
        ("'%s %s', 'one'", "one %s"),
    ]);
}

#[test]
fn nothing_makes_the_console_throw() {
    let lines = logged_in(
        "const trap = new Proxy({}, { get() { throw new Error('trap') }, ownKeys() { throw new Error('trap') } });
        const revoked = Proxy.revocable({}, {}); revoked.revoke();
        for (const value of [trap, revoked.proxy, { get x() { throw new TypeError('getter') } },
            { toJSON() { throw 1 } }, { toString() { throw 1 }, [Symbol.toPrimitive]() { throw 2 } },
            Object.create(null), Object.defineProperty([], 'length', { value: 2 }), new (class extends Map { get size() { throw 1 } })(),
            Object.defineProperty(() => 1, 'name', { get() { throw 1 } })]) {
            console.log(value); console.log('%s %d %i %f %j %o', value, value, value, value, value, value); console.log({ value });
            console.error('text', value); console.table([value]); console.dir(value); console.group(value); console.groupEnd(); console.count(value);
            console.assert(false, value); console.trace(value); console.time(value); console.timeEnd(value); console.timeLog(value);
        }
        console.log({ get x() { throw new TypeError('getter') }, y: 1 });",
    );
    assert_eq!(
        lines.last().expect("a line"),
        "{\n  \"x\": [threw TypeError: getter],\n  \"y\": 1\n}"
    );
}

#[test]
fn a_long_message_is_cut_and_says_so() {
    let lines = logged_in(
        "console.log('x'.repeat(1e6));
        console.log(Array.from({ length: 1e5 }, (_, i) => ({ i })));
        console.log({ s: 'y'.repeat(1e6) });
        console.log(...Array(5000).fill('z'.repeat(100)));
        console.log(new Uint8Array(1e6));
        console.log(Buffer.alloc(1e6));
        let deep = {}; for (let i = 0; i < 1000; i++) deep = { deep }; console.log(deep);",
    );
    assert!(lines[0].ends_with("x… [cut: 16384 of 1000000 characters]"), "{}", &lines[0][16300..]);
    assert!(lines[1].ends_with("… [cut: the first 16384 characters]"));
    for line in &lines {
        assert!(line.len() < 17_000, "{}", line.len());
    }
    assert!(lines[5].ends_with(" … 999936 more bytes>"), "{}", lines[5]);
    assert!(lines[6].contains("[Object]"), "{}", lines[6]);
}

#[test]
fn the_other_methods_do_something_sensible() {
    let lines = logged(
        "exports.onExecute = () => {
            console.debug('d'); console.info('i'); console.warn('w'); console.error('e');
            console.assert(true, 'no'); console.assert(false, 'yes %s', 1); console.assert(false);
            console.count(); console.count(); console.count('a'); console.countReset(); console.count();
            console.group('G'); console.log('in\\nside'); console.groupEnd(); console.log('out');
            console.dir({ a: 1 }, { depth: 0 });
            console.table([{ a: 1, b: 'x' }, { a: 22 }]); console.table(5);
            console.timeEnd('none'); console.time('t'); console.timeEnd('t');
        };",
    );
    let expected = [
        "debug: d",
        "info: i",
        "warn: w",
        "error: e",
        "error: Assertion failed: yes 1",
        "error: Assertion failed",
        "info: default: 1",
        "info: default: 2",
        "info: a: 1",
        "info: default: 1",
        "info: G",
        "info:   in\n  side",
        "info: out",
        "info: {\n  \"a\": 1\n}",
        "info: (index) | a  | b\n0       | 1  | x\n1       | 22 |",
        "info: 5",
        "warn: No such label 'none' for console.timeEnd()",
    ];
    assert_eq!(lines[..expected.len()], expected);
    assert!(lines[expected.len()].starts_with("info: t: "), "{lines:?}");
}
