//! Contract §2: the event.

use flowhost::{Event, Resume};
use flowhost_tests::{Scenario, event, without};
use serde_json::{Map, Value, json};

/// The contract's table: a JSON Pointer, whether it may be absent, its type.
const TABLE: &[(&str, bool, &str)] = &[
    ("/authentication", false, "object"),
    ("/authentication/methods", false, "list"),
    ("/authentication/methods/0/name", false, "string"),
    ("/authentication/methods/0/timestamp", false, "string"),
    ("/authentication/methods/0/type", true, "string"),
    ("/authentication/riskAssessment", true, "object"),
    ("/authentication/riskAssessment/supplemental", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiBot", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiBot/botCategory", true, "list"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/action", true, "string"),
    (
        "/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/emailDomain",
        true,
        "string",
    ),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/ouid", true, "string"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/requestid", true, "string"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/username", true, "string"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/uuid", true, "string"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/allow", true, "number"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/score", true, "number"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/status", true, "number"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/general", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/risk", true, "object"),
    ("/authentication/riskAssessment/supplemental/akamai/akamaiUserRisk/trust", true, "object"),
    ("/authorization", false, "object"),
    ("/authorization/roles", false, "list"),
    ("/client", false, "object"),
    ("/client/client_id", false, "string"),
    ("/client/name", false, "string"),
    ("/client/metadata", false, "object"),
    ("/client/metadata/plan", true, "string"),
    ("/connection", false, "object"),
    ("/connection/id", false, "string"),
    ("/connection/name", false, "string"),
    ("/connection/strategy", false, "string"),
    ("/connection/metadata", true, "object"),
    ("/custom_domain", true, "object"),
    ("/custom_domain/domain", false, "string"),
    ("/custom_domain/domain_metadata", false, "object"),
    ("/organization", true, "object"),
    ("/organization/id", false, "string"),
    ("/organization/display_name", false, "string"),
    ("/organization/name", false, "string"),
    ("/organization/metadata", false, "object"),
    ("/request", false, "object"),
    ("/request/body", false, "object"),
    ("/request/query", false, "object"),
    ("/request/method", false, "string"),
    ("/request/ip", false, "string"),
    ("/request/hostname", true, "string"),
    ("/request/language", true, "string"),
    ("/request/user_agent", true, "string"),
    ("/request/geoip", false, "object"),
    ("/request/geoip/cityName", true, "string"),
    ("/request/geoip/continentCode", true, "string"),
    ("/request/geoip/countryCode", true, "string"),
    ("/request/geoip/countryCode3", true, "string"),
    ("/request/geoip/countryName", true, "string"),
    ("/request/geoip/subdivisionCode", true, "string"),
    ("/request/geoip/subdivisionName", true, "string"),
    ("/request/geoip/timeZone", true, "string"),
    ("/request/geoip/latitude", true, "number"),
    ("/request/geoip/longitude", true, "number"),
    ("/stats", false, "object"),
    ("/stats/logins_count", false, "number"),
    ("/tenant", false, "object"),
    ("/tenant/id", false, "string"),
    ("/transaction", false, "object"),
    ("/transaction/correlation_id", true, "string"),
    ("/transaction/locale", false, "string"),
    ("/transaction/login_hint", true, "string"),
    ("/transaction/state", true, "string"),
    ("/transaction/ui_locales", false, "list"),
    ("/user", false, "object"),
    ("/user/app_metadata", false, "object"),
    ("/user/user_metadata", false, "object"),
    ("/user/created_at", false, "string"),
    ("/user/updated_at", false, "string"),
    ("/user/user_id", false, "string"),
    ("/user/email_verified", false, "bool"),
    ("/user/identities", false, "list"),
    ("/user/email", true, "string"),
    ("/user/family_name", true, "string"),
    ("/user/given_name", true, "string"),
    ("/user/last_password_reset", true, "string"),
    ("/user/name", true, "string"),
    ("/user/nickname", true, "string"),
    ("/user/phone_number", true, "string"),
    ("/user/phone_verified", true, "bool"),
    ("/user/picture", true, "string"),
    ("/user/username", true, "string"),
    ("/user/identities/0/connection", true, "string"),
    ("/user/identities/0/provider", true, "string"),
    ("/user/identities/0/user_id", true, "string"),
    ("/user/identities/0/isSocial", true, "bool"),
    ("/user/identities/0/profileData", true, "object"),
    ("/user/enrolledFactors", true, "list"),
    ("/user/enrolledFactors/1/type", false, "string"),
    ("/user/enrolledFactors/1/options", true, "object"),
];

/// `/user/identities/0/isSocial` → `event.user.identities[0].isSocial`.
fn path(pointer: &str) -> String {
    let part = |part: &str| match part.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{part}"),
    };
    format!("event{}", pointer.split('/').skip(1).map(part).collect::<String>())
}

/// The problems an event is refused with, as `path: message`.
fn problems(event: &Value) -> Vec<String> {
    match Event::from_json(&event.to_string()) {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert_eq!(error.code().as_str(), "event_invalid");
            error.problems().iter().map(ToString::to_string).collect()
        }
    }
}

#[test]
fn required_fields_are_missed_by_their_path_and_optional_ones_are_not() {
    for (pointer, optional, _) in TABLE {
        let found = problems(&without(event(), pointer));
        match optional {
            true => assert!(found.is_empty(), "{pointer}: {found:?}"),
            false => assert_eq!(found, [format!("{}: missing", path(pointer))]),
        }
    }
}

#[test]
fn every_wrong_type_is_refused_by_its_path() {
    let values = [json!("text"), json!(7), json!(true), json!({}), json!([])];
    let names = ["string", "number", "bool", "object", "list"];
    for (pointer, _, kind) in TABLE {
        for (value, name) in values.iter().zip(names) {
            let mut event = event();
            *event.pointer_mut(pointer).unwrap_or(&mut json!(null)) = value.clone();
            if event.pointer(pointer) == Some(value) && name != *kind {
                let found = problems(&event);
                let expected = format!("{}: expected", path(pointer));
                assert!(
                    found.iter().any(|p| p.starts_with(&expected)),
                    "{pointer} as {name}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn all_problems_are_listed_at_once() {
    let mut event = without(event(), "/user/user_id");
    event["tenant"]["id"] = json!(7);
    event["user"]["identities"][0]["isSocial"] = json!("no");
    let found = problems(&event);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn problems_come_in_the_order_of_the_event_and_what_is_missing_behind_it() {
    let text = r#"{"user":{"user_id":7,"identities":[{"isSocial":"no"}]},
        "stats":{"since":1,"logins_count":true},"more":1,"authentication":{}}"#;
    let error = Event::from_json(text).expect_err("wrong");
    let paths: Vec<_> = error.problems().iter().filter_map(|p| p.path.as_deref()).collect();
    let first = [
        "event.user.user_id",
        "event.user.identities[0].isSocial",
        "event.user.app_metadata",
        "event.user.user_metadata",
        "event.user.created_at",
        "event.user.updated_at",
        "event.user.email_verified",
        "event.stats.logins_count",
        "event.authentication.methods",
        "event.authorization",
    ];
    assert_eq!(paths[..first.len()], first, "{error}");
}

#[test]
fn broken_json_names_its_line_and_column() {
    let error = Event::from_json("{\n  \"user\": nope }").expect_err("broken");
    assert_eq!((error.problems()[0].line, error.problems()[0].column), (Some(2), Some(12)));
}

#[test]
fn what_is_no_event_at_all_is_refused() {
    for text in ["", "null", "[]", "7", "{", "{} {}", "\u{feff}{}"] {
        assert!(Event::from_json(text).is_err(), "{text:?}");
    }
    // White space is what JSON says it is (RFC 8259, section 2).
    assert!(Event::from_json(&format!(" \t\r\n{} \t\r\n", event())).is_ok());
    for more in ["\u{a0}", "\u{3000}", "\u{85}", "\u{b}", "\u{c}", "x", "{}"] {
        assert!(Event::from_json(&format!("{}{more}", event())).is_err(), "{more:?}");
    }
    let twice = event().to_string().replacen('{', r#"{"tenant":{"id":"other"},"#, 1);
    let error = Event::from_json(&twice).expect_err("two tenants");
    assert!(error.to_string().contains("`tenant` occurs twice"), "{error}");
}

#[test]
fn of_two_members_in_a_group_the_last_counts_also_when_one_is_replaced() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    let places = json!([{ "json_at": "/user/user_metadata" }, { "json_at": "/request/query" }]);
    let scenario = Scenario::new().action_with("a", json!([redirect]), places);
    let text = scenario
        .event_json()
        .replacen("\"request\":{", "\"request\":{\"query\":{\"gone\":\"1\"},", 1)
        .replacen("\"user_metadata\":{", "\"user_metadata\":{\"likes\":\"coffee\",", 1);
    let engine = flowhost_tests::shared_engine();
    let event = Event::from_json(&text).expect("an event");
    let flow = scenario.load().expect("a flow");
    let started = flowhost_tests::wait_for(engine.start(&flow, event)).expect("a report");
    let step = flowhost_tests::Step::new(engine, started).returns(&[]).expect("completed");
    let [metadata, query] = &step.logs()[..] else { panic!("{:?}", step.logs()) };
    assert_eq!(metadata, r#"json_at: {"likes":"tea"}"#);
    assert!(query.starts_with(r#"json_at: {"state":""#) && !query.contains("gone"), "{query}");
}

#[test]
fn unknown_keys_of_closed_objects_are_kept_with_a_warning() {
    let mut event = event();
    event["stats"]["since"] = json!("2020");
    event["later"] = json!({ "group": 1 });
    let parsed = Event::from_json(&event.to_string()).expect("an event");
    let warned: Vec<_> = parsed.warnings().iter().filter_map(|w| w.path.clone()).collect();
    assert_eq!(warned, ["event.stats.since", "event.later"].map(String::from).to_vec());
    let step = Scenario::executing(json!([{ "json_at": "/stats/since" }, { "json_at": "/later" }]))
        .event(|e| *e = event)
        .start();
    assert_eq!(step.logs(), [r#"json_at: "2020""#, r#"json_at: {"group":1}"#]);
}

#[test]
fn keys_of_open_objects_raise_no_warning() {
    let parsed = Event::from_json(&event().to_string()).expect("an event");
    assert!(parsed.warnings().is_empty(), "{:?}", parsed.warnings());
}

#[test]
fn the_json_view_is_exactly_what_came_in() {
    // Order, spacing inside groups, number spelling and escapes included.
    let own = r#","secrets":{"K":"v"},"configuration":{"execute":[{"json":true}],"continue":[]}}"#;
    let scenario = Scenario::executing(json!([{ "json": true }])).secret("K", "v").event(|event| {
        event["user"]["user_metadata"]["odd"] = json!("\u{1}\\\"é\u{2028}");
    });
    let mut text = scenario.event_json();
    text =
        text.replace("\"later\":1.5", "\"later\": 1.50e0, \"big\":123456789012345678901234567890");
    let event = Event::from_json(&text).expect("an event");
    let flow = scenario.flow(|flow| flow.actions[0].limits.log_bytes = 1 << 20).load();
    let engine = flowhost_tests::shared_engine();
    let report =
        flowhost_tests::wait_for(engine.start(&flow.expect("a flow"), event)).expect("a report");
    let seen = report.runs[0].logs[0].message.strip_prefix("json: ").unwrap_or_default();
    let expected = format!("{}{own}", &text[..text.len() - 1]).replace("\"v\"", "\"[secret K]\"");
    // The one-letter secret is redacted wherever it stands in the log.
    assert_eq!(seen.replace("[secret K]", "v"), expected.replace("[secret K]", "v"));
}

#[test]
fn secrets_and_configuration_are_the_actions_own() {
    let flow = Scenario::new()
        .action("a", json!([{ "get": "secrets" }, { "secret": "B" }, { "json_at": "/configuration/continue" }]))
        .secret("A", "alpha-secret")
        .action("b", json!([{ "secret": "A" }, { "secret": "B" }]))
        .secret("B", "beta-secret")
        .event(|event| {
            event["secrets"] = json!({ "A": "forged" });
            event["configuration"] = json!({ "forged": true });
        });
    let step = flow.start().expect("completed");
    assert_eq!(
        step.logs(),
        [
            r#"secrets: [["A","[secret A]"]]"#,
            "secret: none",
            "json_at: []",
            "secret: none",
            "secret: [secret B]",
        ]
    );
}

#[test]
fn configuration_is_an_empty_object_when_there_is_none() {
    let flow = Scenario::new().component("one", flowhost_tests::execute_only(), json!({}));
    flow.start().expect("completed");
    let step = Scenario::executing(json!([{ "get": "configuration" }])).start();
    assert!(step.logged("configuration: ").contains("execute"));
}

/// The typed groups, as the WIT names them.
#[test]
fn every_field_reaches_a_typed_action() {
    let groups = [
        "authentication",
        "authorization",
        "client",
        "connection",
        "custom_domain",
        "organization",
        "prompt",
        "request",
        "stats",
        "tenant",
        "transaction",
        "user",
        "identities",
        "enrolled_factors",
        "app_metadata",
        "user_metadata",
    ];
    let steps: Vec<Value> = groups.iter().map(|group| json!({ "get": group })).collect();
    let step = Scenario::executing(json!(steps)).start().expect("completed");
    let read = |group: &str| -> Value {
        serde_json::from_str(&step.logged(&format!("{group}: "))).expect("JSON")
    };
    let event = event();
    for group in ["connection", "client", "custom_domain", "organization", "stats", "authorization"]
    {
        subset(&read(group), &event[group], group);
    }
    let tenant = read("tenant")["id"].as_str().map(str::to_owned);
    assert!(tenant.is_some_and(|id| id.starts_with("scenario-")));
    assert_eq!(read("prompt"), Value::Null);
    subset(&read("transaction"), &event["transaction"], "transaction");
    subset(&read("user"), &event["user"], "user");
    subset(&read("request"), &event["request"], "request");
    subset(&read("identities"), &event["user"]["identities"], "identities");
    subset(&read("enrolled_factors"), &event["user"]["enrolledFactors"], "enrolled_factors");
    subset(&read("authentication"), &event["authentication"], "authentication");
    let metadata = |group: &str| -> Value {
        let text = read(group);
        serde_json::from_str(text.as_str().unwrap_or_default()).expect("JSON text")
    };
    assert_eq!(metadata("app_metadata"), event["user"]["app_metadata"]);
    assert_eq!(metadata("user_metadata"), event["user"]["user_metadata"]);
}

/// Every typed value must be the event's: records under snake-case names, maps
/// as pairs, free JSON as text.
#[track_caller]
fn subset(typed: &Value, event: &Value, place: &str) {
    match (typed, event) {
        (Value::Object(fields), Value::Object(members)) => {
            for (name, value) in fields {
                let original = members.iter().find(|(key, _)| snake(key) == *name);
                match original {
                    Some((_, original)) => subset(value, original, &format!("{place}.{name}")),
                    None => assert_eq!(*value, Value::Null, "{place}.{name}"),
                }
            }
        }
        (Value::Array(pairs), Value::Object(members)) => {
            let map: Map<String, Value> = pairs
                .iter()
                .map(|pair| (pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone()))
                .collect();
            assert_eq!(map, *members, "{place}");
        }
        (Value::Array(typed), Value::Array(items)) => {
            assert_eq!(typed.len(), items.len(), "{place}");
            for (typed, item) in typed.iter().zip(items) {
                subset(typed, item, &format!("{place}[]"));
            }
        }
        (Value::String(text), Value::Object(_)) => {
            let parsed: Value = serde_json::from_str(text).expect("JSON text");
            assert_eq!(parsed, *event, "{place}");
        }
        (Value::Number(typed), Value::Number(number)) => {
            assert_eq!(typed.as_f64(), number.as_f64(), "{place}");
        }
        _ => assert_eq!(typed, event, "{place}"),
    }
}

/// `countryCode3` → `country_code3`.
fn snake(camel: &str) -> String {
    camel.chars().fold(String::new(), |mut name, c| {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        name
    })
}

#[test]
fn no_enrolled_factors_differ_from_unknown_ones() {
    let read = |change: fn(&mut Value)| {
        let scenario = Scenario::executing(json!([{ "get": "enrolled_factors" }])).event(change);
        scenario.start().logged("enrolled_factors: ")
    };
    assert_eq!(read(|event| event["user"]["enrolledFactors"] = json!([])), "[]");
    assert_eq!(read(|event| *event = without(event.take(), "/user/enrolledFactors")), "null");
}

#[test]
fn pointers_reach_every_place() {
    let steps = json!([
        { "json_at": "/client/extra/kept" },
        { "json_at": "/user/app_metadata/nested/n/1" },
        { "text_at": "/user/department" },
        { "text_at": "/stats/logins_count" },
        { "json_at": "/nowhere" },
        { "json_at": "no pointer" },
        { "text_at": "/secrets/K" },
    ]);
    let step = Scenario::executing(steps).secret("K", "the-secret").start();
    assert_eq!(
        step.logs(),
        [
            "json_at: true",
            "json_at: 2",
            "text_at: engines",
            "text_at: none",
            "json_at: none",
            "json_at: none",
            "text_at: [secret K]",
        ]
    );
}

#[test]
fn database_connections_only() {
    for strategy in
        ["ad", "auth0-adldap", "samlp", "waad", "okta", "google-apps", "google-oauth2", "sms", ""]
    {
        let scenario =
            Scenario::executing(json!([])).event(|e| e["connection"]["strategy"] = json!(strategy));
        assert_eq!(scenario.refused(), "connection_not_supported", "{strategy}");
    }
    Scenario::executing(json!([])).event(|e| e["connection"]["strategy"] = json!("auth0")).start();
}

#[test]
fn universal_login_only() {
    for pointer in ["/transaction/login_experience", "/tenant/universal_login_experience"] {
        let scenario = Scenario::executing(json!([])).event(|event| {
            let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
            event.pointer_mut(parent).expect("a group")[key] = json!("Classic");
        });
        assert_eq!(scenario.refused(), "classic_login_not_supported", "{pointer}");
    }
}

#[test]
fn an_event_over_its_limit_is_refused_before_anything_runs() {
    let long = "x".repeat(256 * 1024);
    let scenario = Scenario::executing(json!([]))
        .event(|event| event["user"]["user_metadata"]["long"] = json!(long));
    assert_eq!(scenario.refused(), "event_too_large");
}

#[test]
fn on_resume_the_request_is_the_one_the_user_came_back_with() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    let flow = Scenario::new()
        .action_with("a", json!([redirect]), json!([{ "get": "request" }]))
        .action("b", json!([{ "get": "request" }, { "get": "transaction" }]));
    let step = flow.start();
    let state = step.state();
    let more = json!({ "ip": "198.51.100.9", "user_agent": "curl" });
    let resume = Resume::post([("q", "1")], [("b", "2")])
        .with_request(more.as_object().cloned().unwrap_or_default());
    let step = step.resume(resume).expect("completed");
    for run in [0, 1] {
        let line = &step.report.runs[run].logs[0].message;
        let request: Value =
            serde_json::from_str(line.trim_start_matches("request: ")).expect("JSON");
        assert_eq!(request["method"], "POST");
        assert_eq!(request["ip"], "198.51.100.9");
        assert_eq!(request["user_agent"], "curl");
        assert_eq!(request["body"], r#"{"b":"2"}"#);
        let query: Value =
            serde_json::from_str(request["query"].as_str().unwrap_or_default()).expect("JSON");
        assert_eq!(query, json!({ "q": "1", "state": state }));
    }
    let transaction: Value = serde_json::from_str(&step.logged("transaction: ")).expect("JSON");
    assert_eq!(transaction["correlation_id"], "corr-1", "the transaction stays");
    assert_eq!(transaction["state"], "app-state");
}

#[test]
fn what_a_return_does_not_replace_stays_exactly_as_it_came_in() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    let scenario = Scenario::new()
        .action_with("a", json!([redirect]), json!([{ "json": true }]))
        .flow(|flow| flow.actions[0].limits.log_bytes = 1 << 20);
    // Latitudes of more digits than fit, other spellings, what no number type holds.
    let text = scenario.event_json().replacen(
        "\"geoip\":{",
        "\"odd\":[1.50e0,123456789012345678901234567890, \"\\u00e9\"],\"geoip\":{\"latitude\":0.12088995980580641,\"longitude\":0.9925434121760651,",
        1,
    );
    let engine = flowhost_tests::shared_engine();
    let event = Event::from_json(&text).expect("an event");
    let flow = scenario.load().expect("a flow");
    let started = flowhost_tests::wait_for(engine.start(&flow, event)).expect("a report");
    let step = flowhost_tests::Step::new(engine, started).returns(&[]).expect("completed");
    let seen = step.logged("json: ");
    for kept in [
        "\"odd\":[1.50e0,123456789012345678901234567890, \"\\u00e9\"]",
        "\"latitude\":0.12088995980580641,\"longitude\":0.9925434121760651,",
        "\"later\":1.5",
    ] {
        assert!(seen.contains(kept), "{kept} in {seen}");
    }
}

#[test]
fn event_prompt_is_filled_only_after_a_prompt() {
    let render =
        json!({ "render": { "id": "consent", "fields": { "terms": 1 }, "vars": { "v": [2] } } });
    let flow = Scenario::new()
        .action_with("a", json!([{ "get": "prompt" }, render]), json!([{ "get": "prompt" }]))
        .action("b", json!([{ "get": "prompt" }, { "json_at": "/prompt" }]))
        .event(|event| event["prompt"] = json!({ "id": "forged" }));
    let step = flow.start().expect("prompt");
    assert_eq!(step.logged("prompt: "), "null");
    let step = step.resume(Resume::post([] as [(&str, &str); 0], [("terms", "yes")]));
    let prompt: Value = serde_json::from_str(&step.logged("prompt: ")).expect("JSON");
    assert_eq!(
        prompt,
        json!({ "id": "consent", "fields": r#"{"terms":"yes"}"#, "vars": r#"{"v":[2]}"# })
    );
    assert_eq!(step.report.runs[1].logs[0].message, "prompt: null");
    assert_eq!(step.report.runs[1].logs[1].message, "json_at: none");
}

#[test]
fn the_user_is_resupplied_when_it_changed_and_is_never_another() {
    let redirect = json!({ "send_user_to": { "url": "https://verify.example.com/", "query": [] } });
    let flow =
        Scenario::new().action_with("a", json!([redirect]), json!([{ "text_at": "/user/email" }]));
    let step = flow.start();
    let mut user = event()["user"].clone();
    user["email"] = json!("new@example.com");
    let mut other = user.clone();
    other["user_id"] = json!("auth0|eve");
    let get = || Resume::get([("user_id", "auth0|eve"), ("sub", "auth0|eve")]);
    assert_eq!(step.resume_refused(get().with_user(other)), "user_mismatch");
    assert_eq!(
        step.resume_refused(get().with_user(json!({ "user_id": "auth0|ada" }))),
        "event_invalid"
    );
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let mut unreadable = user.clone();
    unreadable["user_metadata"]["deep"] = deep;
    assert_eq!(step.resume_refused(get().with_user(unreadable)), "event_invalid");
    assert_eq!(step.resume(get().with_user(user)).logged("text_at: "), "new@example.com");
}
