//! The native harness through its public face: what it answers, what it
//! records and what it refuses. A missing refusal here would let an author's
//! test pass and the action fail in production.
#![cfg(feature = "json")]

use std::time::Duration;

use flowhost_action::testing::{Command, NOW_MILLIS, Run};
use flowhost_action::{
    Action, Api, Continue, Error, Event, Expiry, Factor, Form, Json, Level, Secret,
};
use serde_json::{Value, json};

/// An action written as a function, one for each test.
macro_rules! action {
    ($name:ident, |$event:ident, $api:ident| $body:expr) => {
        struct $name;
        impl Action for $name {
            fn on_execute($event: &Event, $api: &Api) -> Result<(), Error> {
                $body
            }
        }
    };
}

fn log_of(run: &flowhost_action::testing::Report) -> Vec<&str> {
    run.logs().iter().map(|line| line.message.as_str()).collect()
}

#[test]
fn requests_are_recorded_in_call_order() {
    action!(Everything, |_event, api| {
        let authentication = api.authentication();
        authentication.challenge_with(Factor::otp())?;
        authentication.challenge_with_additional(Factor::phone(), [Factor::email()])?;
        authentication.challenge_with_any([Factor::recovery_code()])?;
        api.prompt().render(Form::new("f").fields(json!({"a": 1})))?;
        api.redirect().send_user_to("https://a.example.com", &[("k", "v")])?;
        api.transaction().set_result_url("https://b.example.com", &[])?;
        api.access().deny("no")?;
        Ok(())
    });
    let run = Run::new().execute::<Everything>();
    assert_eq!(
        run.commands(),
        [
            Command::challenge_with(Factor::otp(), []),
            Command::challenge_with(Factor::phone(), [Factor::email()]),
            Command::challenge_with_any([Factor::recovery_code()]),
            Command::render("f", Some(json!({"a": 1})), None),
            Command::send_user_to("https://a.example.com", &[("k", "v")]),
            Command::set_result_url("https://b.example.com", &[]),
            Command::deny("no"),
        ]
    );
    assert_eq!(run.error(), None);
}

#[test]
fn the_33rd_request_is_refused() {
    action!(Greedy, |_event, api| {
        for i in 0..40 {
            if let Err(refusal) = api.access().deny("no") {
                api.log().warn(format!("{i}: {}", refusal.code));
                break;
            }
        }
        Ok(())
    });
    let run = Run::new().execute::<Greedy>();
    assert_eq!((run.commands().len(), log_of(&run)), (32, vec!["32: MaxSideEffectsExceeded"]));
    assert_eq!(run.logs()[0].level, Level::Warn);
}

#[test]
fn an_error_drops_what_was_asked_for() {
    action!(Failing, |_event, api| {
        api.access().deny("no")?;
        "x".parse::<u32>()?;
        Ok(())
    });
    let run = Run::new().execute::<Failing>();
    assert_eq!(run.commands(), []);
    assert_eq!(run.error().map(Error::name), Some("ParseIntError"));
}

#[test]
fn typed_getters_read_the_names_of_the_event() {
    action!(Reader, |event, api| {
        let akamai = event.authentication().risk_assessment.and_then(|r| r.supplemental?.akamai);
        let bot = akamai.as_ref().and_then(|akamai| akamai.akamai_bot.as_ref());
        let risk = akamai.as_ref().and_then(|akamai| akamai.akamai_user_risk.as_ref());
        let log = api.log();
        log.info(format!("{:?}", event.request().geoip.country_code3));
        log.info(format!("{:?}", bot.map(|bot| (bot.bot_score, bot.bot_category.len()))));
        log.info(format!("{:?}", risk.and_then(|risk| risk.email_domain.clone())));
        log.info(format!("{:?}", event.enrolled_factors().map(|all| all[0].type_.clone())));
        log.info(format!("{:?}", event.identities()[0].is_social));
        log.info(format!(
            "{:?}",
            event.organization().map(|organization| organization.display_name)
        ));
        log.info(format!("{:?}", event.client().metadata));
        Ok(())
    });
    let akamai = json!({
        "akamaiBot": {"botScore": 71, "botCategory": ["a", "b"]},
        "akamaiUserRisk": {"emailDomain": "example.com"},
    });
    let event = json!({
        "authentication": {"riskAssessment": {"supplemental": {"akamai": akamai}}},
        "client": {"metadata": {"tier": "gold"}},
        "organization": {"id": "org_1", "name": "acme", "display_name": "Acme", "metadata": {}},
        "request": {"geoip": {"countryCode3": "NLD"}},
        "user": {"enrolledFactors": [{"type": "otp"}], "identities": [{"isSocial": false}]},
    });
    assert_eq!(
        log_of(&Run::with_event(event).execute::<Reader>()),
        [
            r#"Some("NLD")"#,
            "Some((Some(71.0), 2))",
            r#"Some("example.com")"#,
            r#"Some("otp")"#,
            "Some(false)",
            r#"Some("Acme")"#,
            r#"[("tier", "gold")]"#,
        ]
    );
}

#[test]
fn the_json_view_has_all_keys_the_secrets_and_the_configuration() {
    action!(Reader, |event, api| {
        let log = api.log();
        log.info(event.text_at("/user/x_team").unwrap_or_default());
        log.info(
            event.json_at("/user/identities").map(|json| json.to_string()).unwrap_or_default(),
        );
        log.info(event.text_at("/secrets/KEY").unwrap_or_default());
        log.info(event.json().value()?["configuration"]["limit"].to_string());
        log.info(format!(
            "{:?} {:?}",
            event.text_at("/user/nothing"),
            event.text_at("/user/identities")
        ));
        Ok(())
    });
    let run = Run::with_event(json!({"user": {"x_team": "blue"}}))
        .secret("KEY", "value")
        .configuration(json!({"limit": 3}))
        .execute::<Reader>();
    assert_eq!(log_of(&run), ["blue", "[]", "value", "3", "None None"]);
}

#[test]
fn null_in_a_change_removes_the_key() {
    action!(Reader, |event, api| {
        api.log().info(format!("{:?} {:?}", event.user().email, event.enrolled_factors()));
        Ok(())
    });
    let run = Run::with_event(json!({"user": {"email": null, "enrolledFactors": null}}));
    assert_eq!(log_of(&run.execute::<Reader>()), ["None None"]);
}

#[test]
#[should_panic(expected = "event.user.user_id: missing")]
fn a_broken_event_is_refused_by_path() {
    action!(Reader, |event, api| {
        api.log().info(event.user().user_id);
        Ok(())
    });
    let _ = Run::with_event(json!({"user": {"user_id": null}})).execute::<Reader>();
}

#[test]
fn the_cache_outlives_a_run_and_nothing_else_does() {
    action!(Counter, |_event, api| {
        let count = api.cache().get("n").map_or(0, |entry| entry.value.parse().unwrap_or(0));
        api.cache().set("n", &(count + 1).to_string(), Duration::from_secs(60))?;
        api.log().info(count.to_string());
        Ok(())
    });
    let first = Run::new().execute::<Counter>();
    let second = first.next().execute::<Counter>();
    assert_eq!((first.cached("n"), second.cached("n")), (Some("1"), Some("2")));
    assert_eq!(log_of(&second), ["1"]);
}

#[test]
fn the_cache_keeps_its_bounds() {
    action!(Bounds, |_event, api| {
        let cache = api.cache();
        let long = "x".repeat(65);
        let large = "x".repeat(4_097);
        let codes = [
            cache.set(&long, "", Expiry::default()).map(drop),
            cache.set("k", &large, Expiry::default()).map(drop),
            cache.set("k", "", Expiry::at(NOW_MILLIS)).map(drop),
            cache.set("k", "", Duration::from_secs(86_401)).map(drop),
            cache.set("k", "", Expiry::at(-1)).map(drop),
            cache.delete("k"),
        ];
        for code in codes {
            api.log().info(code.map_err(|refusal| refusal.code).unwrap_err());
        }
        let end = cache.set(
            "k",
            "",
            Expiry { ttl: Some(Duration::from_secs(9)), expires_at: Some(NOW_MILLIS + 7) },
        )?;
        api.log().info((end.expires_at - NOW_MILLIS).to_string());
        Ok(())
    });
    assert_eq!(
        log_of(&Run::new().execute::<Bounds>()),
        [
            "CacheKeySizeExceeded",
            "CacheValueSizeExceeded",
            "ItemAlreadyExpired",
            "InvalidExpiry",
            "InvalidExpiry",
            "CacheKeyDoesNotExist",
            "7",
        ]
    );
}

#[test]
fn the_21st_cache_entry_is_refused_and_rewriting_one_is_not() {
    action!(Filler, |_event, api| {
        for i in 0..20 {
            api.cache().set(&format!("k{i}"), "", Expiry::default())?;
        }
        api.cache().set("k0", "again", Expiry::default())?;
        api.cache().set("k20", "", Expiry::default())?;
        Ok(())
    });
    let run = Run::new().execute::<Filler>();
    assert_eq!(run.error().map(Error::name), Some("CacheSizeExceeded"));
    assert_eq!(run.cached("k0"), Some("again"));
}

#[test]
fn tokens_are_recorded_and_answered_with_a_placeholder() {
    action!(Signer, |_event, api| {
        let minute = Some(Duration::from_secs(60));
        let token = api.redirect().encode_token(Secret::named("KEY"), json!({"a": 1}), minute)?;
        api.log().info(token);
        Ok(())
    });
    let run = Run::new().secret("KEY", "k").execute::<Signer>();
    assert_eq!(log_of(&run), ["test-token-1"]);
    assert_eq!(run.tokens()[0].payload, json!({"a": 1}));
    assert_eq!(run.tokens()[0].secret, Secret::named("KEY"));
    assert_eq!(run.tokens()[0].expires_in, Some(Duration::from_secs(60)));
    let run = Run::new().execute::<Signer>();
    assert_eq!(run.error().map(Error::name), Some("UnknownSecret"));
}

#[test]
fn a_returned_token_is_what_the_test_says() {
    action!(Validator, |_event, api| {
        let claims = api.redirect().validate_token(Secret::value("k"), Some("t"))?;
        api.log().info(claims.as_str());
        Ok(())
    });
    let failure = |run: Run| run.execute::<Validator>().error().map(ToString::to_string);
    let missing = "TokenMissing: There is no parameter called 't' available in either the POST body or query string.";
    assert_eq!(failure(Run::new()).as_deref(), Some(missing));
    let expired = "TokenInvalid: The session token is invalid: Token has expired.";
    assert_eq!(failure(Run::new().token(Err("Token has expired."))).as_deref(), Some(expired));
    let run = Run::new().token(Ok(json!({"ok": true}))).execute::<Validator>();
    assert_eq!(log_of(&run), [r#"{"ok":true}"#]);
}

#[test]
fn what_is_no_json_object_or_no_absolute_url_is_refused() {
    action!(Sloppy, |_event, api| {
        let codes = [
            api.redirect().encode_token(Secret::value("k"), Json::raw("{"), None).map(drop),
            api.prompt().render(Form::new("f").vars(json!([]))),
            api.redirect().send_user_to("/relative", &[]),
            api.transaction().set_result_url("example.com", &[]),
        ];
        for code in codes {
            api.log().info(code.map_err(|refusal| refusal.code).unwrap_err());
        }
        Ok(())
    });
    let codes = ["InvalidPayload", "InvalidPrompt", "InvalidUrl", "InvalidUrl"];
    assert_eq!(log_of(&Run::new().execute::<Sloppy>()), codes);
}

#[test]
fn the_user_comes_back_with_a_form_or_a_query() {
    struct Returning;
    impl Action for Returning {
        fn on_execute(_event: &Event, api: &Api) -> Result<(), Error> {
            Ok(api.prompt().render(Form::new("f").vars(json!({"v": 1})))?)
        }
    }
    impl Continue for Returning {
        fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
            let request = event.request();
            api.log().info(format!("{} {} {}", request.method, request.query, request.body));
            if let Some(prompt) = event.prompt() {
                let answers: Option<Value> = prompt.fields.map(|f| f.parse()).transpose()?;
                api.log().info(format!("{} {answers:?} {:?}", prompt.id, prompt.vars));
            }
            Ok(())
        }
    }
    let first = Run::new().execute::<Returning>();
    let returned = first.resume(json!({"q": "1"}), json!({})).continue_::<Returning>();
    assert_eq!(log_of(&returned), [r#"GET {"q":"1"} {}"#]);
    let answered = first.answer(json!({"a": "b"})).continue_::<Returning>();
    let answers = r#"f Some(Object {"a": String("b")}) Some("{\"v\":1}")"#;
    assert_eq!(log_of(&answered), [r#"POST {} {"a":"b"}"#, answers]);
}
