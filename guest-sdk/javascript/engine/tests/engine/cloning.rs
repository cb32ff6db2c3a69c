//! structuredClone, beyond what is compared with Node.

use super::{assert_logs, logged_in};

#[test]
fn what_cannot_be_cloned_is_a_data_clone_error() {
    for value in ["() => 1", "Symbol('x')", "new WeakMap()", "{ a: [Promise.resolve()] }"] {
        let lines = logged_in(&format!(
            "try {{ structuredClone({value}); }} catch (e) {{ console.log(e.name, e.code, e instanceof DOMException); }}"
        ));
        assert_eq!(lines, ["DataCloneError 25 true"], "{value}");
    }
}

#[test]
fn nothing_is_shared_with_a_clone() {
    assert_logs(&[
        (
            "(() => { const a = { m: new Map([['k', [1]]]) }; const b = structuredClone(a); b.m.get('k').push(2); return a; })()",
            "{\n  \"m\": Map(1) {\n    \"k\" => [\n      1\n    ]\n  }\n}",
        ),
        ("structuredClone(new TypeError('x')) instanceof TypeError", "true"),
        ("structuredClone(new RangeError('x', { cause: 1 })).cause", "1"),
        (
            "(() => { const a = []; a.push(a); const b = structuredClone(a); return b[0] === b; })()",
            "true",
        ),
    ]);
}

#[test]
fn a_very_deep_value_is_an_error_and_no_crash() {
    let lines = logged_in(
        "let a = {}; for (let i = 0; i < 100000; i++) a = { a };
        try { structuredClone(a); } catch (e) { console.log(e.name); }
        console.log(a);",
    );
    assert_eq!(lines[0], "RangeError");
}
