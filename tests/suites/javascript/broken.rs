//! Actions that go wrong while they run: each with its name, and nobody else is
//! harmed.

use flowhost_tests::{Scenario, Step};
use serde_json::json;

/// What becomes of a handler with this body.
fn run(body: &str) -> Step {
    let step = Scenario::handling(body, "").start();
    // A neighbour is as good as ever.
    Scenario::handling("api.access.deny('fine')", "").start().expect("denied");
    step
}

fn fails(body: &str, class: &str, code: &str) -> Step {
    run(body).expect_failure(class, code)
}

fn error(body: &str) -> (String, String) {
    let step = fails(body, "action_error", "action_error");
    let message = step.at("/failed/message").as_str().unwrap_or_default().to_owned();
    (message, step.logs().join("\n"))
}

#[test]
fn an_error_has_its_name_message_and_stack() {
    let (message, logs) = error("const f = () => { throw new RangeError('too far'); };\nf();");
    assert_eq!(message, "RangeError: too far");
    assert!(logs.starts_with("RangeError: too far\n    at f (action.js:2:"), "{logs}");
    assert!(logs.contains("action.js:3:"), "{logs}");
    assert!(!logs.contains("flowhost:"), "{logs}");
}

#[test]
fn whatever_is_thrown_fails_the_action() {
    assert_eq!(error("throw 'text'").0, "Uncaught: text");
    assert_eq!(error("throw null").0, "Uncaught: null");
    assert_eq!(error("throw { a: 1 }").0, "Uncaught: {\n  \"a\": 1\n}");
    assert_eq!(error("return Promise.reject(new Error('rejected'))").0, "Error: rejected");
    assert_eq!(
        error("class Mine extends Error { name = 'Mine' } throw new Mine('x')").0,
        "Mine: x"
    );
    let sync = "exports.onExecutePostChallenge = () => { throw new TypeError('sync'); };";
    let step = Scenario::javascript(sync).start().expect_failure("action_error", "action_error");
    assert_eq!(step.at("/failed/message"), "TypeError: sync");
}

#[test]
fn a_rejection_that_nobody_handles_fails_the_action() {
    assert_eq!(error("Promise.reject(new Error('lost'));").0, "Error: lost");
    assert_eq!(error("(async () => { throw new Error('lost'); })();").0, "Error: lost");
    run("const p = Promise.reject(1); await p.catch(() => {});").expect("completed");
}

#[test]
fn what_a_handler_that_is_not_async_began_is_seen() {
    let sync = |body: &str| {
        let source =
            format!("exports.onExecutePostChallenge = function (event, api) {{ {body} }};");
        Scenario::javascript(&source).start()
    };
    let later = "(async () => false)().then((ok) => { if (!ok) api.access.deny('later'); });";
    assert_eq!(sync(later).expect("denied").at("/denied/reason"), "later");
    for body in [
        "(async () => { await null; throw new Error('x'); })();",
        "queueMicrotask(() => { throw new Error('x'); });",
        "Promise.resolve().then(() => { throw new Error('x'); });",
    ] {
        sync(body).expect_failure("action_error", "action_error");
    }
}

#[test]
fn a_refusal_must_not_be_ignored_wherever_it_came_from() {
    for call in [
        "api.authentication.challengeWith({ type: 'phone', options: 'sms' })",
        "api.authentication.challengeWith('otp')",
        "api.authentication.challengeWithAny('otp')",
        "api.access.deny({ toString() { throw new Error('t'); } })",
        "api.redirect.sendUserTo('https://a.example/', 'query')",
        "api.prompt.render(7)",
    ] {
        let caught = format!("try {{ {call} }} catch (e) {{ console.warn(e.message); }}");
        let (message, _) = error(&caught);
        assert!(message.contains("was refused and ignored"), "{call}: {message}");
        // Who asks for something else is fine, and a denial stands.
        run(&format!("{caught} api.authentication.challengeWith({{ type: 'otp' }});"))
            .expect("challenge");
        run(&format!("api.access.deny('first'); {caught}")).expect("denied");
    }
    let host = "try { api.redirect.sendUserTo('nowhere'); } catch {}";
    fails(host, "action_error", "command_refused");
}

#[test]
fn half_a_character_is_no_error() {
    let body = "const half = 'x\u{1f469}'.slice(0, 2);
        console.log(half, { half });
        api.cache.set(half, half);
        const token = api.redirect.encodeToken({ secret: 's'.repeat(32), payload: { half, kept: '\\\\ud83d' } });
        console.log(Buffer.from(token.split('.')[1], 'base64url').toString().includes('\\\\ud83d'));
        api.access.deny(half);";
    let step = run(body).expect("denied");
    assert_eq!(step.at("/denied/reason"), "x\u{fffd}");
    assert_eq!(step.logs()[1], "true");
}

#[test]
fn a_frozen_event_is_read_like_any_other() {
    let body = "Object.freeze(event); Object.seal(event);
        console.log(event.user.user_id, event.user === event.user, Object.keys(event).includes('tenant'));
        console.log(require('util').inspect(event.stats), JSON.stringify(event.tenant.id !== undefined));";
    assert_eq!(
        run(body).expect("completed").logs(),
        ["auth0|ada true true", "{ logins_count: 42 } true"]
    );
}

#[test]
fn the_event_is_what_came_in_whatever_its_keys() {
    let body = "const { user, ...rest } = event;
        console.log(user.user_id, Object.keys(event).slice(0, 2).join(), rest['k\"q'][0], rest['ä\\n'], 'gone' in event);
        delete event.stats; event.client = 7;
        console.log(event.stats, event.client, JSON.stringify({ ...event }).includes('\"k'));";
    let step = Scenario::handling(body, "")
        .event(|event| {
            event["k\"q"] = json!([1]);
            event["ä\n"] = json!("odd");
        })
        .start();
    let logs = step.expect("completed").logs();
    assert_eq!(logs, ["auth0|ada authentication,authorization 1 odd false", "undefined 7 true"]);
}

#[test]
fn a_handler_that_comes_and_goes_fails_the_action() {
    // Zero while it is built, and a date in a run.
    let source =
        "if (Date.now() === 0) exports.onExecutePostChallenge = (e, api) => api.access.deny('x');";
    let step = Scenario::javascript(source).start().expect_failure("action_error", "action_error");
    assert!(
        step.at("/failed/message").as_str().unwrap_or_default().contains("no function any more")
    );
}

#[test]
fn an_error_in_a_timer_fails_the_action() {
    let body = "setTimeout(() => { throw new Error('late'); }, 1);
        await new Promise((done) => setTimeout(done, 50));";
    assert_eq!(error(body).0, "Error: late");
}

#[test]
fn a_promise_that_can_never_settle_is_found_out() {
    let (message, _) = error("await new Promise(() => {});");
    assert!(message.contains("can never settle"), "{message}");
}

#[test]
fn an_endless_loop_ends() {
    let limited = |body: &str| {
        Scenario::handling(body, "").last(|action| action.limits.fuel = 50_000_000).start()
    };
    limited("for (;;) {}").expect_failure("action_timeout", "out_of_fuel");
    limited("try { for (;;) {} } catch {} finally { api.access.deny('no'); }")
        .expect_failure("action_timeout", "out_of_fuel");
    limited("const f = () => Promise.resolve().then(f); await f();")
        .expect_failure("action_timeout", "out_of_fuel");
    limited("/(a+)+$/.test('a'.repeat(64) + 'b');").expect_failure("action_timeout", "out_of_fuel");
}

#[test]
fn a_wait_that_is_too_long_ends_with_the_flows_time() {
    let step = Scenario::handling("await new Promise((done) => setTimeout(done, 60000));", "")
        .flow(|flow| flow.limits.wall_clock = 200)
        .start();
    step.expect_failure("action_timeout", "wall_clock_exceeded");
}

#[test]
fn deep_recursion_is_an_error_to_catch() {
    let (message, _) = error("const f = () => f() + 1; f();");
    assert!(message.starts_with("RangeError"), "{message}");
    run("const f = () => f() + 1; try { f(); } catch (e) { api.access.deny(e.name); }")
        .expect("denied");
}

#[test]
fn deep_recursion_in_native_code_ends_the_run() {
    let step = run("JSON.parse('['.repeat(100000));").expect("failed");
    let code = step.at("/failed/code").as_str().unwrap_or_default().to_owned();
    assert!(["stack_overflow", "action_error"].contains(&code.as_str()), "{code}");
}

#[test]
fn memory_is_bounded_by_the_host() {
    let bomb = "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(all.length));";
    fails(bomb, "action_error", "memory_limit_exceeded");
    // Texts have an end of their own.
    assert!(error("let s = 'x'; for (;;) s += s;").0.contains("string too long"));
    // Catching what is thrown does not help.
    let caught = format!("try {{ {bomb} }} catch {{ }} ");
    fails(&caught, "action_error", "memory_limit_exceeded");
}

#[test]
fn eval_sees_nothing_that_the_action_does_not() {
    let body = "console.log(eval('1 + 1'), new Function('return typeof require')());
        console.log(typeof process, typeof WebAssembly, typeof Worker);";
    let step = run(body).expect("completed");
    assert_eq!(step.logs()[0], "2 undefined");
    assert!(step.logs()[1].ends_with("undefined undefined"), "{:?}", step.logs());
}

#[test]
fn requests_by_a_name_that_is_put_together_are_refused() {
    let (message, _) = error("await globalThis['fe' + 'tch']('https://example.com/');");
    assert!(message.contains("the file does not mention `fetch`"), "{message}");
}

#[test]
fn what_is_done_to_prototypes_stays_in_the_run() {
    let tampering = "Array.prototype.map = () => { throw new Error('tampered'); };
        Object.prototype.type = 'email'; Object.prototype.toJSON = () => 'spoofed';
        JSON.stringify = () => 'spoofed'; JSON.parse = () => ({});
        String.prototype.split = null; Promise.prototype.then = undefined;
        api.access.deny = () => api;";
    let step =
        Scenario::handling(tampering, "").action("after", json!([{ "deny": "seen" }])).start();
    // It broke itself or nothing: the next action has its say either way.
    assert!(matches!(step.outcome(), "denied" | "failed"), "{:#}", step.json);
    // What it throws and what it denies gets through all the same.
    for (end, outcome) in [("throw new Error('x');", "failed"), ("deny('still');", "denied")] {
        let body = format!("const {{ deny }} = api.access; {tampering} {end}");
        assert_eq!(Scenario::handling(&body, "").start().outcome(), outcome, "{end}");
    }
    let next =
        run("console.log([1].map((x) => x), JSON.stringify({ a: 1 }), typeof api.access.deny);");
    assert_eq!(next.expect("completed").logs(), ["[\n  1\n] {\"a\":1} function"]);
}

#[test]
fn a_changed_event_changes_no_token() {
    let body = "event.user.user_id = 'auth0|mallory'; event.request.hostname = 'evil.example';
        event.request.ip = '0.0.0.0'; delete event.tenant;
        const token = api.redirect.encodeToken({ secret: 's'.repeat(32), payload: {} });
        console.log(Buffer.from(token.split('.')[1], 'base64url').toString());
        console.log(event.user.user_id);";
    let step = run(body).expect("completed");
    let claims: serde_json::Value = serde_json::from_str(&step.logs()[0]).expect("claims");
    assert_eq!(claims["sub"], "auth0|ada");
    assert_eq!(claims["iss"], "login.example.com");
    assert_eq!(claims["ip"], "203.0.113.7");
    assert_eq!(step.logs()[1], "auth0|mallory");
}

#[test]
fn a_spoofed_event_accepts_no_token() {
    let step = Scenario::handling(
        "api.redirect.sendUserTo('https://verify.example.com/');",
        "const secret = 's'.repeat(32);
         // A good token, but for the state that the event now claims.
         event.request.query.state = 'mine';
         const token = api.redirect.encodeToken({ secret, payload: { state: 'mine', iss: 'x' } });
         event.request.body = { session_token: token };
         try { api.redirect.validateToken({ secret }); }
         catch (e) { console.log(e.code, e.message); }",
    );
    let back = step.start().expect("redirect").returns(&[]);
    assert!(
        back.logs()[0].starts_with("TokenMissing There is no parameter called 'session_token'"),
        "{:?}",
        back.logs()
    );
}

#[test]
fn what_is_missing_is_named_with_the_page_that_lists_what_exists() {
    let (message, _) = error("new Intl.NumberFormat('de');");
    assert!(message.contains("Intl") && message.contains("#what-exists"), "{message}");
    let (message, _) = error("require('fs').readFileSync('/etc/passwd');");
    assert!(message.contains("'fs'") && message.contains("#what-exists"), "{message}");
}
