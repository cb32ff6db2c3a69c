//! Timers, microtasks and what has to do with time.

use super::{assert_logs, logged, logged_in, thrown_in};

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
fn a_timer_is_an_object_and_a_number() {
    let lines = logged_in(
        "const t = setTimeout(() => console.log('never'), 1);
        console.log(typeof t, typeof +t, t.hasRef(), t.unref().hasRef(), t.ref() === t);
        clearTimeout(+t);
        clearTimeout(`${+setTimeout(() => console.log('never'), 1)}`);
        const i = setInterval(() => { console.log('tick'); clearInterval(i); }, 1);
        setTimeout(() => console.log('never'), 1).close();
        for (const odd of [undefined, null, {}, 'x', NaN, Symbol('s'), -1]) clearTimeout(odd);
        await new Promise((done) => setTimeout(done, 5, 'value'));",
    );
    assert_eq!(lines, ["object number true false true", "tick"]);
}

#[test]
fn values_are_passed_to_what_a_timer_calls() {
    let lines = logged_in(
        "await new Promise((done) => setTimeout((...all) => { console.log(...all); done(); }, 0, 1, 2));
        await new Promise((done) => setImmediate((a) => { console.log(a); done(); }, 'now'));",
    );
    assert_eq!(lines, ["1 2", "now"]);
}

#[test]
fn what_a_timer_throws_fails_the_handler() {
    let error = thrown_in(
        "setTimeout(() => { throw new Error('late') }, 0); await new Promise((d) => setTimeout(d, 5));",
    );
    assert_eq!(error.message, "late");
    let error = thrown_in("setTimeout('code', 0);");
    assert_eq!(error.name, "TypeError");
}

#[test]
fn microtasks_run_before_timers() {
    let lines = logged_in(
        "setTimeout(() => console.log('timer'), 0); queueMicrotask(() => console.log('microtask'));
        await new Promise((done) => setTimeout(done, 3));",
    );
    assert_eq!(lines, ["microtask", "timer"]);
}

#[test]
fn time_passes() {
    assert_logs(&[
        ("typeof performance.now(), performance.now() <= performance.now()", "number true"),
        ("Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000", "true"),
    ]);
}
