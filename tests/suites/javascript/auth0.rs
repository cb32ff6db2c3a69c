//! Actions written as Auth0's documentation writes them.

use flowhost::Resume;
use flowhost_tests::{Scenario, Step, auth0, javascript};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn action(name: &str) -> Scenario {
    Scenario::javascript(&auth0(name))
}

#[test]
fn a_denial_ignores_further_arguments() {
    let denied = action("deny-blocked-country")
        .event(|event| event["request"]["geoip"]["countryCode"] = json!("KP"))
        .start()
        .expect("denied");
    assert_eq!(denied.at("/denied/reason"), "geo");
    action("deny-blocked-country").start().expect("completed");
    let secret = action("deny-blocked-country").secret("BLOCKED", "CH,DE");
    secret.start().expect("denied");
}

#[test]
fn a_picker_offers_the_factors_of_the_user() {
    let step = action("challenge-enrolled").start().expect("challenge");
    assert_eq!(step.at("/challenge/picker"), true);
    let types = |step: &Step| {
        let factors = step.at("/challenge/factors").as_array().cloned().unwrap_or_default();
        factors.iter().map(|factor| factor["type"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        types(&step),
        ["otp", "phone", "push-notification", "webauthn-roaming", "webauthn-platform"]
    );
    step.passes("otp").expect("completed");
}

#[test]
fn a_factor_and_others_behind_it() {
    let step = action("challenge-fallback").start().expect("challenge");
    let factors = step.at("/challenge/factors");
    assert_eq!(factors[0], json!({ "type": "webauthn-roaming" }));
    assert_eq!(factors[1], json!({ "type": "phone", "options": { "preferredMethod": "sms" } }));
    assert_eq!(
        factors[2],
        json!({ "type": "push-notification", "options": { "otpFallback": true } })
    );
    assert_eq!(factors.as_array().map(Vec::len), Some(3), "{factors}");
    assert!(step.logs().iter().any(|line| line.contains("sms")), "{:?}", step.logs());
}

fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_secret(KEY.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("a token")
}

#[test]
fn a_token_goes_out_and_another_comes_back() {
    let step = action("redirect-token").secret("SESSION_KEY", KEY).start().expect("redirect");
    let url = step.at("/redirect/url").as_str().expect("a url").to_owned();
    assert!(url.starts_with("https://verify.example.com/start?session_token=eyJ"), "{url}");
    assert!(url.contains("&locale=de-CH&n=5&state="), "{url}");
    let token = url.split("session_token=").nth(1).and_then(|rest| rest.split('&').next());
    let claims = claims_of(token.expect("a token"));
    assert_eq!(claims["sub"], "auth0|ada");
    assert_eq!(claims["custom"], json!({ "nested": [1, "two"] }));
    assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(e, i)| e - i), Some(60));

    let back = json!({
        "iss": "verify.example.com", "sub": "auth0|ada", "state": step.state(),
        "iat": claims["iat"], "exp": claims["exp"], "result": "ok",
    });
    let done =
        step.resume(Resume::post([] as [(&str, &str); 0], [("back", signed(&back).as_str())]));
    assert_eq!(done.logs(), ["verified ok"]);
    done.expect("completed");
}

#[test]
fn a_token_that_is_not_accepted_is_an_error_to_catch() {
    let step = action("redirect-token").secret("SESSION_KEY", KEY).start().expect("redirect");
    let denied = step.returns(&[]).expect("denied");
    assert_eq!(
        denied.logs(),
        [
            "not validated: There is no parameter called 'back' available in either the POST body or query string."
        ]
    );
    let step = action("redirect-token").secret("SESSION_KEY", KEY).start().expect("redirect");
    let denied = step.returns(&[("back", "eyJhbGciOiJub25lIn0.e30.")]).expect("denied");
    assert_eq!(
        denied.logs(),
        ["not validated: The session token is invalid: Failed signature validation"]
    );
}

#[test]
fn the_cache_answers_with_codes() {
    let scenario = action("cache-token");
    let first = scenario.start().expect("completed");
    let logs = first.logs();
    assert_eq!(logs[0], "kept abc");
    assert!(logs[1].contains("CacheKeySizeExceeded"), "{logs:?}");
    assert!(logs[1].contains("CacheKeyDoesNotExist"), "{logs:?}");
    assert_eq!(scenario.start().expect("completed").logs(), ["cached abc until number"]);
}

#[test]
fn a_prompt_is_rendered_and_its_answers_read() {
    let step = action("render-prompt").start().expect("prompt");
    assert_eq!(step.at("/prompt/id"), "ap_consent");
    assert_eq!(step.at("/prompt/vars"), &json!({ "name": "Ada Lovelace" }));
    let done = step.resume(Resume::post([] as [(&str, &str); 0], [("agreed", "yes")]));
    assert!(
        done.logs()[0].starts_with("ap_consent {\n  \"agreed\": \"yes\"\n}"),
        "{:?}",
        done.logs()
    );
    let done = done.expect("completed");
    assert_eq!(done.at("/result_url"), "https://app.example.com/done?reset=true");
}

#[test]
fn values_are_logged_as_auth0_logs_them() {
    let step = action("log-everything").start().expect("completed");
    assert_eq!(
        step.logs(),
        [
            "user {\n  \"id\": \"auth0|ada\",\n  \"roles\": [\n    \"member\",\n    \"editor\"\n  ]\n}",
            "unknown engines {\n  \"kept\": true\n} undefined",
            "session undefined undefined",
            "ada has 3",
            "mutable true",
        ]
    );
}

#[test]
fn a_continue_handler_is_missed_where_it_is_missing() {
    let source = "exports.onExecutePostChallenge = async (event, api) => {
        api.redirect.sendUserTo('https://verify.example.com/');
    };";
    Scenario::javascript(source).start().expect_failure("action_error", "continue_missing");
    let with = format!("{source} exports.onContinuePostChallenge = async () => {{}};");
    Scenario::javascript(&with).start().expect("redirect").returns(&[]).expect("completed");
}

#[test]
fn es_modules_and_typescript_are_actions_too() {
    let module = "import { createHash } from 'node:crypto';
        export const onExecutePostChallenge = async (event, api) => {
            api.access.deny(createHash('sha256').update('abc').digest('hex').slice(0, 8));
        };";
    for name in ["action.mjs", "action.js"] {
        let component = javascript(name, module);
        let step = Scenario::new().component("one", &component, json!({})).start();
        assert_eq!(step.expect("denied").at("/denied/reason"), "ba7816bf");
    }
    let typed = "interface Reason { text: string }
        export const onExecutePostChallenge = async (event: any, api: any): Promise<void> => {
            const reason: Reason = { text: 'typed' as const };
            api.access.deny(reason!.text);
        };";
    let component = javascript("action.ts", typed);
    let step = Scenario::new().component("one", &component, json!({})).start();
    assert_eq!(step.expect("denied").at("/denied/reason"), "typed");
}

#[test]
fn methods_return_the_api() {
    let step = Scenario::handling(
        "const same = api.access.deny('no') === api
            && api.authentication.challengeWith({ type: 'otp' }) === api
            && api.transaction.setResultUrl('https://a.example/') === api;
        console.log(same);",
        "",
    );
    assert_eq!(step.start().logs(), ["true"]);
}

#[test]
fn wrong_arguments_are_errors_to_catch() {
    let step = Scenario::handling(
        "const said = (call) => { try { call(); return 'nothing'; } catch (e) { return `${e.name} ${e.code}`; } };
        console.log(said(() => api.redirect.sendUserTo('not a url')));
        console.log(said(() => api.redirect.sendUserTo('http://elsewhere.example/')));
        console.log(said(() => api.authentication.challengeWith('otp')));
        console.log(said(() => api.redirect.encodeToken({ payload: {} })));
        console.log(said(() => api.cache.get(7)));
        api.access.deny('seen');",
        "",
    );
    let step = step.start().expect("denied");
    assert_eq!(
        step.logs(),
        [
            "TypeError ERR_INVALID_URL",
            "Error UrlNotAllowed",
            "TypeError undefined",
            "TypeError undefined",
            "TypeError undefined",
        ]
    );
}

/// The claims of a token, unverified.
fn claims_of(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode(token).expect("a token").claims
}
