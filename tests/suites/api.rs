//! Contract §3: the API, call by call. Tokens are in `token.rs`.

use flowhost_tests::{Scenario, engine_builder, without};
use serde_json::{Value, json};

/// What a call logs: `ok`, a value, or `error CODE: …`.
fn answer(step: Value) -> String {
    let name = step.as_object().and_then(|step| step.keys().next().cloned()).unwrap_or_default();
    Scenario::executing(json!([step])).start().logged(&format!("{name}: "))
}

#[track_caller]
fn refuses(step: Value, code: &str) {
    let answer = answer(step);
    assert!(answer.starts_with(&format!("error {code}")), "{code}: {answer}");
}

fn factors(step: Value) -> (String, Value, Value) {
    let step = Scenario::executing(json!([step])).start();
    let kind = match step.at("/failed/code").as_str() {
        Some(code) => code.to_owned(),
        None => step.outcome().to_owned(),
    };
    (kind, step.at("/challenge/factors").clone(), step.at("/challenge/picker").clone())
}

fn types(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|factor| factor["type"].as_str()).collect()
}

#[test]
fn a_deny_reason_has_at_most_one_kibibyte() {
    assert_eq!(answer(json!({ "deny": "x".repeat(1024) })), "ok");
    refuses(json!({ "deny": "x".repeat(1025) }), "DenyReasonTooLong");
}

#[test]
fn challenge_with_offers_the_default_factor_first_and_the_others_behind() {
    let step = json!({ "challenge_with": {
        "factor": { "type": "webauthn-roaming" },
        "additional": [{ "type": "otp" }, { "type": "email" }],
    } });
    let (outcome, list, picker) = factors(step);
    assert_eq!(
        (outcome.as_str(), types(&list)),
        ("challenge", vec!["webauthn-roaming", "otp", "email"])
    );
    assert_eq!(picker, false);
}

#[test]
fn challenge_with_any_is_a_picker_that_is_skipped_for_one_factor() {
    let (_, list, picker) =
        factors(json!({ "challenge_with_any": [{ "type": "otp" }, { "type": "phone" }] }));
    assert_eq!((types(&list), picker), (vec!["otp", "phone"], json!(true)));
    let (_, list, picker) =
        factors(json!({ "challenge_with_any": [{ "type": "otp" }, { "type": "sms" }] }));
    assert_eq!((types(&list), picker), (vec!["otp"], json!(false)));
}

#[test]
fn every_factor_reaches_the_outcome_with_its_options() {
    let table = [
        (json!({ "type": "otp" }), json!({ "type": "otp" })),
        (json!({ "type": "email" }), json!({ "type": "email" })),
        (json!({ "type": "webauthn-platform" }), json!({ "type": "webauthn-platform" })),
        (json!({ "type": "webauthn-roaming" }), json!({ "type": "webauthn-roaming" })),
        (
            json!({ "type": "recovery-code", "options": { "a": 1 } }),
            json!({ "type": "recovery-code", "options": { "a": 1 } }),
        ),
        (json!({ "type": "phone" }), json!({ "type": "phone" })),
        (
            json!({ "type": "phone", "options": { "preferredMethod": "sms" } }),
            json!({ "type": "phone", "options": { "preferredMethod": "sms" } }),
        ),
        (
            json!({ "type": "phone", "options": { "preferredMethod": "voice" } }),
            json!({ "type": "phone", "options": { "preferredMethod": "voice" } }),
        ),
        (
            json!({ "type": "phone", "options": { "preferredMethod": "both" } }),
            json!({ "type": "phone", "options": { "preferredMethod": "both" } }),
        ),
        (
            json!({ "type": "push-notification", "options": { "otpFallback": true } }),
            json!({ "type": "push-notification", "options": { "otpFallback": true } }),
        ),
        (
            json!({ "type": "push", "options": { "otpFallback": false } }),
            json!({ "type": "push-notification", "options": { "otpFallback": false } }),
        ),
    ];
    for (factor, expected) in table {
        let (_, list, _) = factors(json!({ "challenge_with": { "factor": factor } }));
        assert_eq!(list, json!([expected]), "{factor}");
    }
}

#[test]
fn an_unknown_factor_is_ignored_with_a_warning() {
    let steps = json!([{ "challenge_with": { "factor": { "type": "sms" }, "additional": [{ "type": "otp" }] } }]);
    let step = Scenario::executing(steps).start().expect("challenge");
    assert_eq!(types(step.at("/challenge/factors")), ["otp"]);
    let warning = &step.report.runs[0].logs[0];
    assert!(warning.message.contains("`sms`"), "{warning:?}");
    assert_eq!(serde_json::to_value(warning.level).ok(), Some(json!("warn")));
}

#[test]
fn factors_that_are_not_enabled_are_ignored() {
    let steps = json!([{ "challenge_with_any": [{ "type": "otp" }, { "type": "phone" }] }]);
    let flow = Scenario::executing(steps)
        .flow(|flow| flow.factors = Some(vec![flowhost::FactorType::Phone]));
    assert_eq!(types(flow.start().at("/challenge/factors")), ["phone"]);
}

#[test]
fn factors_that_are_not_enrolled_are_ignored() {
    let any = json!([{ "challenge_with_any": [{ "type": "otp" }, { "type": "phone" }, { "type": "recovery-code" }] }]);
    let only = |list: Value| {
        Scenario::executing(any.clone()).event(move |e| e["user"]["enrolledFactors"] = list)
    };
    assert_eq!(
        types(only(json!([{ "type": "otp" }])).start().at("/challenge/factors")),
        ["otp", "recovery-code"]
    );
    only(json!([])).start().expect_failure("action_error", "no_usable_factor");
    let unknown =
        Scenario::executing(any).event(|e| *e = without(e.take(), "/user/enrolledFactors"));
    unknown.start().expect_failure("action_error", "no_usable_factor");
}

#[test]
fn email_counts_as_enrolled_with_a_verified_address() {
    let email =
        || Scenario::executing(json!([{ "challenge_with": { "factor": { "type": "email" } } }]));
    email().event(|e| e["user"]["enrolledFactors"] = json!([])).start().expect("challenge");
    email().event(|e| *e = without(e.take(), "/user/enrolledFactors")).start().expect("challenge");
    let unverified = email().event(|e| e["user"]["email_verified"] = json!(false));
    unverified.start().expect_failure("action_error", "no_usable_factor");
    let none = email().event(|e| *e = without(e.take(), "/user/email"));
    none.start().expect_failure("action_error", "no_usable_factor");
}

#[test]
fn a_factor_met_already_is_ignored_and_alone_counts_as_met() {
    let with = |list: Value| json!([{ "challenge_with_any": list }]);
    let flow = Scenario::new()
        .action("a", with(json!([{ "type": "otp" }])))
        .action("b", with(json!([{ "type": "otp" }])))
        .action("c", with(json!([{ "type": "otp" }, { "type": "phone" }])));
    let step = flow.start().passes("otp").expect("challenge");
    assert_eq!(step.ran(), ["b on-execute", "c on-execute"], "b's challenge counts as met");
    assert_eq!(types(step.at("/challenge/factors")), ["phone"]);
    step.passes("phone").expect("completed");
}

#[test]
fn a_met_factor_does_not_stand_in_for_others_that_cannot_be_met() {
    let flow = Scenario::new()
        .action("a", json!([{ "challenge_with": { "factor": { "type": "otp" } } }]))
        .action("b", json!([{ "challenge_with": { "factor": { "type": "phone" } } }]))
        .event(|event| event["user"]["enrolledFactors"] = json!([{ "type": "otp" }]));
    flow.start().passes("otp").expect_failure("action_error", "no_usable_factor");
}

#[test]
fn a_challenge_without_any_known_factor_fails() {
    for list in [json!([]), json!([{ "type": "sms" }])] {
        let (outcome, ..) = factors(json!({ "challenge_with_any": list }));
        assert_eq!(outcome, "no_usable_factor", "{list}");
    }
}

#[test]
fn only_an_offered_factor_meets_a_challenge() {
    let step =
        Scenario::executing(json!([{ "challenge_with": { "factor": { "type": "otp" } } }])).start();
    let phone = flowhost::Resume::passed(flowhost::FactorType::Phone);
    assert_eq!(step.resume_refused(phone), "factor_not_offered");
    step.passes("otp").expect("completed");
}

fn redirected(url: &str, query: Value) -> String {
    let steps = json!([{ "send_user_to": { "url": url, "query": query } }]);
    let step = Scenario::executing(steps).start().expect("redirect");
    let url = step.at("/redirect/url").as_str().unwrap_or_default().to_owned();
    url.replace(&step.state(), "STATE")
}

#[test]
fn a_redirect_is_normalised_and_carries_the_state() {
    assert_eq!(
        redirected("https://V.example.com/a/../b", json!([])),
        "https://v.example.com/b?state=STATE"
    );
    assert_eq!(
        redirected("https://v.example.com/?x=1&y=2&x=3#frag", json!([["x", "é &"]])),
        "https://v.example.com/?y=2&x=%C3%A9+%26&state=STATE#frag"
    );
}

#[test]
fn the_hosts_state_overrides_one_already_there() {
    assert_eq!(
        redirected("https://v.example.com/?state=forged", json!([["state", "also"]])),
        "https://v.example.com/?state=STATE"
    );
}

#[test]
fn urls_that_no_user_is_sent_to() {
    let to = |url: &str| json!({ "send_user_to": { "url": url, "query": [] } });
    for url in ["", "/relative", "verify.example.com", "https://"] {
        refuses(to(url), "InvalidUrl");
    }
    for url in [
        "http://example.com/",
        "javascript:alert(1)",
        "ftp://example.com/",
        "data:,x",
        "https://a:b@example.com/",
    ] {
        refuses(to(url), "UrlNotAllowed");
    }
    refuses(to(&format!("https://example.com/{}", "x".repeat(8192))), "UrlTooLong");
    for url in ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:9/"] {
        assert_eq!(answer(to(url)), "ok", "{url}");
    }
}

#[test]
fn a_url_with_very_many_parameters_is_refused_before_any_work() {
    let url = format!("https://a.example.com/?{}", "a&".repeat(300_000));
    let query: Vec<(String, String)> = (0..4_000).map(|n| (n.to_string(), String::new())).collect();
    refuses(json!({ "send_user_to": { "url": url, "query": query } }), "UrlTooLong");
    refuses(json!({ "set_result_url": { "url": url } }), "UrlTooLong");
    let pairs: Vec<(String, String)> = (0..900).map(|n| (n.to_string(), String::new())).collect();
    let found = redirected("https://a.example.com/?0=x", json!(pairs));
    assert!(
        found.starts_with("https://a.example.com/?0=&1=&2=")
            && found.ends_with("&899=&state=STATE")
    );
    let twice = redirected("https://a.example.com/", json!([["a", "1"], ["b", "2"], ["a", "3"]]));
    assert_eq!(twice, "https://a.example.com/?b=2&a=3&state=STATE");
}

#[test]
fn an_empty_allow_list_allows_nothing() {
    let to = json!([{ "send_user_to": { "url": "https://a.example.com/" } }]);
    let step = Scenario::executing(to).flow(|f| f.redirects.allow = Some(Vec::new())).start();
    assert!(step.logged("send_user_to: ").contains("UrlNotAllowed"));
}

#[test]
fn http_beyond_loopback_needs_a_setting_and_an_allow_list_bounds_all() {
    let to =
        |url: &str| Scenario::executing(json!([{ "send_user_to": { "url": url, "query": [] } }]));
    to("http://example.com/").flow(|f| f.redirects.allow_http = true).start().expect("redirect");
    let allowed = |url: &str| {
        to(url).flow(|f| f.redirects.allow = Some(vec!["https://a.example.com".into()])).start()
    };
    allowed("https://a.example.com/x").expect("redirect");
    assert!(allowed("https://b.example.com/").logged("send_user_to: ").contains("UrlNotAllowed"));
}

#[test]
fn a_url_with_a_secret_in_it_is_refused() {
    let steps = json!([
        { "send_user_to": { "url": "https://v.example.com/", "query": [["k", "the-secret"]] } },
        { "send_user_to": { "url": "https://v.example.com/", "query": [["k", "another/secret"]] } },
        { "set_result_url": { "url": "https://v.example.com/the-secret", "query": [] } },
    ]);
    let step =
        Scenario::executing(steps).secret("K", "the-secret").secret("L", "another/secret").start();
    let step = step.expect_failure("action_error", "command_refused");
    assert!(step.logs().iter().all(|line| line.contains("SecretInUrl")), "{:?}", step.logs());
}

#[test]
fn a_secret_is_found_in_a_url_however_it_is_encoded() {
    for (secret, url) in [
        ("correct horse", "https://v.example.com/?k=correct horse"),
        ("correct horse", "https://v.example.com/correct%20horse"),
        ("p+q/r=", "https://v.example.com/?k=p%2Bq%2Fr%3D"),
        ("p+q/r=", "https://v.example.com/#p%2Bq%2Fr%3D"),
        ("key name", "https://v.example.com/?key%20name=1"),
    ] {
        let step = Scenario::executing(json!([{ "send_user_to": { "url": url } }]))
            .secret("K", secret)
            .start();
        assert!(step.logged("send_user_to: ").contains("SecretInUrl"), "{url}");
    }
    let render = json!([{ "render": { "id": "the-secret" } }]);
    let step = Scenario::executing(render).secret("K", "the-secret").start().expect("failed");
    assert!(step.logged("render: ").contains("InvalidPrompt"));
}

#[test]
fn where_a_redirect_leads_may_be_kept_among_the_secrets() {
    for secret in ["https://verify.example.com", "verify.example.com"] {
        let steps = json!([{ "send_user_to": { "url": "https://verify.example.com/start" } }]);
        Scenario::executing(steps).secret("VERIFIER", secret).start().expect("redirect");
    }
}

#[test]
fn the_result_url_is_part_of_completed_and_checked_like_a_redirect() {
    let steps = json!([{ "set_result_url": { "url": "https://app.example.com/done", "query": [["a", "b"]] } }]);
    let step = Scenario::executing(steps).start().expect("completed");
    assert_eq!(*step.at("/result_url"), "https://app.example.com/done?a=b");
    refuses(json!({ "set_result_url": { "url": "nowhere", "query": [] } }), "InvalidUrl");
}

#[test]
fn a_prompt_reaches_the_outcome() {
    let render =
        json!({ "render": { "id": "consent", "fields": { "a": 1 }, "vars": { "b": { "c": 2 } } } });
    let step = Scenario::executing(json!([render])).start().expect("prompt");
    assert_eq!(*step.at("/prompt/id"), "consent");
    assert_eq!(*step.at("/prompt/fields"), json!({ "a": 1 }));
    assert_eq!(*step.at("/prompt/vars"), json!({ "b": { "c": 2 } }));
}

#[test]
fn prompts_are_bounded() {
    let keys = |count: usize| (0..count).map(|n| (format!("k{n}"), json!(1))).collect::<Value>();
    let render = |id: &str, fields: Value, vars: Value| json!({ "render": { "id": id, "fields": fields, "vars": vars } });
    assert_eq!(answer(render(&"é".repeat(48), keys(24), keys(24))), "ok");
    refuses(render(&"x".repeat(49), json!({}), json!({})), "InvalidPrompt");
    refuses(render("", json!({}), json!({})), "InvalidPrompt");
    refuses(render("p", keys(25), json!({})), "InvalidPrompt");
    refuses(render("p", json!({}), keys(25)), "InvalidPrompt");
    refuses(render("p", json!("raw:nope"), json!({})), "InvalidPrompt");
    refuses(render("p", json!([1]), json!({})), "InvalidPrompt");
    for name in ["1a", "a-b", "", "é", &"a".repeat(51)] {
        refuses(render("p", json!({ name: 1 }), json!({})), "InvalidPrompt");
    }
    for name in ["_", "a1_B", &"a".repeat(50)] {
        assert_eq!(answer(render("p", json!({ name: 1 }), json!({}))), "ok", "{name}");
    }
    // {"a":"…"} is 8 bytes around the text.
    assert_eq!(answer(render("p", json!({ "a": "x".repeat(24 * 1024 - 8) }), Value::Null)), "ok");
    refuses(render("p", json!({ "a": "x".repeat(24 * 1024 - 7) }), Value::Null), "InvalidPrompt");
}

fn set(key: &str, value: &str) -> Value {
    json!({ "cache_set": { "key": key, "value": value } })
}

#[test]
fn the_cache_answers_at_once_and_across_actions_and_flows() {
    let read = json!([{ "cache_get": "k" }]);
    let flow =
        Scenario::new().action("a", json!([set("k", "v"), { "cache_get": "k" }])).action("b", read);
    let step = flow.start().expect("completed");
    assert_eq!(step.logs().iter().filter(|line| line.contains(r#""value":"v""#)).count(), 3);
    let again = flow.start().expect("completed");
    assert!(again.logs()[0].contains(r#""value":"v""#));
    let elsewhere = Scenario::executing(json!([{ "cache_get": "k" }])).start();
    assert_eq!(elsewhere.logs(), ["cache_get: none"], "another tenant");
}

#[test]
fn what_the_cache_keeps_survives_a_failed_run() {
    let flow = Scenario::executing(json!([{ "cache_get": "k" }, set("k", "v"), { "trap": true }]));
    assert_eq!(flow.start().expect("failed").logs()[0], "cache_get: none");
    assert!(flow.start().expect("failed").logs()[0].contains(r#""value":"v""#));
}

#[test]
fn cache_sizes_are_bounded() {
    assert!(answer(set(&"k".repeat(64), &"v".repeat(4096))).contains("expires_at"));
    refuses(set(&"k".repeat(65), "v"), "CacheKeySizeExceeded");
    refuses(set("k", &"v".repeat(4097)), "CacheValueSizeExceeded");
    let twenty_one: Vec<Value> = (0..21).map(|n| set(&format!("k{n}"), "v")).collect();
    let logs = Scenario::executing(json!(twenty_one)).start().logs();
    assert!(logs[19].contains("expires_at"), "{}", logs[19]);
    assert!(logs[20].contains("CacheSizeExceeded"), "{}", logs[20]);
    // 2 × 4,096 bytes of values leave no room for a key.
    let steps = json!([
        set("a", &"v".repeat(4096)),
        set("b", &"v".repeat(4095)),
        set("b", &"v".repeat(4094))
    ]);
    let logs = Scenario::executing(steps).start().logs();
    assert!(logs[1].contains("CacheSizeExceeded") && logs[2].contains("expires_at"), "{logs:?}");
}

#[test]
fn replacing_an_entry_does_not_count_it_twice() {
    let mut steps: Vec<Value> = (0..20).map(|n| set(&format!("k{n}"), "v")).collect();
    steps.push(set("k0", "w"));
    let logs = Scenario::executing(json!(steps)).start().logs();
    assert!(logs[20].contains(r#""value":"w""#), "{}", logs[20]);
}

#[test]
fn cache_expiries_are_checked() {
    let with = |expiry: Value| {
        let mut step = json!({ "cache_set": { "key": "k", "value": "v" } });
        for (name, value) in expiry.as_object().into_iter().flatten() {
            step["cache_set"][name] = value.clone();
        }
        step
    };
    refuses(with(json!({ "ttl": -1 })), "InvalidExpiry");
    refuses(with(json!({ "ttl": 86_400_001 })), "InvalidExpiry");
    refuses(with(json!({ "expires_at": -1 })), "InvalidExpiry");
    refuses(with(json!({ "ttl": 0 })), "ItemAlreadyExpired");
    refuses(with(json!({ "expires_at": 1000 })), "ItemAlreadyExpired");
    refuses(with(json!({ "ttl": 5000, "expires_at": 1000 })), "ItemAlreadyExpired");
    refuses(json!({ "cache_delete": "absent" }), "CacheKeyDoesNotExist");
    assert_eq!(
        Scenario::executing(json!([set("k", "v"), { "cache_delete": "k" }, { "cache_get": "k" }]))
            .start()
            .logs()[1..],
        ["cache_delete: ok", "cache_get: none"]
    );
}

#[test]
fn a_cache_entry_ends_with_its_lifetime() {
    use flowhost::{ManualClock, Timestamp};
    let clock = std::sync::Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
    let engine = engine_builder().clock(clock.clone()).build().expect("an engine");
    let flow = Scenario::executing(json!([{ "cache_get": "k" }, { "cache_get": "t" }])).on(&engine);
    let fill = flow.clone().flow(|flow| {
        flow.actions[0].configuration["execute"] = json!([
            { "cache_set": { "key": "k", "value": "v" } },
            { "cache_set": { "key": "t", "value": "v", "ttl": 5000 } },
        ]);
    });
    fill.start().expect("completed");
    let expect = |k: bool, t: bool| {
        let logs = flow.start().logs();
        assert_eq!((logs[0] != "cache_get: none", logs[1] != "cache_get: none"), (k, t));
    };
    clock.advance_millis(4999);
    expect(true, true);
    clock.advance_millis(1);
    expect(true, false);
    clock.advance_millis(15 * 60 * 1000 - 5001);
    expect(true, false);
    clock.advance_millis(1);
    expect(false, false);
}
