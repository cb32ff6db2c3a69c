//! The calls a step may name: each function of the contract, and three ways to
//! end a run.

use std::hint::black_box;

use flowhost_action::{Api, ApiError, CacheRecord, Error, Event, Form, Level, wit};

use crate::step::Step;
use crate::{factor, look};

/// What a call came to: the text of its result, if it has one.
type Answer = Result<Option<String>, ApiError>;

/// Performs a call. The outer error is the handler's own.
pub(crate) fn perform(
    name: &str,
    step: &Step<'_>,
    event: &Event,
    api: &Api,
) -> Result<Answer, Error> {
    Ok(match name {
        "deny" => done(api.access().deny(step.required("reason"))),
        "challenge-with" => done(api.authentication().challenge_with_additional(
            factor::read(&step.part("factor")),
            factor::all(step, "additional"),
        )),
        "challenge-with-any" => {
            done(api.authentication().challenge_with_any(factor::all(step, "factors")))
        }
        "cache-get" => {
            let found = api.cache().get(&step.required("key"));
            Ok(Some(found.map_or_else(|| look::NONE.to_owned(), record)))
        }
        "cache-set" => cache_set(step),
        "cache-delete" => done(api.cache().delete(&step.required("key"))),
        "render" => done(render(step, api)),
        "send-user-to" => {
            done(api.redirect().send_user_to(&step.required("url"), &borrowed(&query(step))))
        }
        "set-result-url" => {
            done(api.transaction().set_result_url(&step.required("url"), &borrowed(&query(step))))
        }
        "encode-token" => encode_token(step),
        "validate-token" => validate_token(step),
        "log" => {
            api.log().write(level(&step.required("level")), step.required("message"));
            Ok(None)
        }
        "event" => {
            let group = step.required("group");
            look::group(event, &group, &|line| api.log().info(line));
            Ok(None)
        }
        "get-secret" => Ok(Some(look::text(event.secret(&step.required("name"))))),
        "get-json" => Ok(Some(event.json().to_string())),
        "get-json-at" => {
            let found = event.json_at(&step.required("pointer"));
            Ok(Some(found.map_or_else(|| look::NONE.to_owned(), |json| json.to_string())))
        }
        "get-text-at" => Ok(Some(look::text(event.text_at(&step.required("pointer"))))),
        "fail" => return Err(failure(step)),
        "loop" => for_ever(),
        "trap" => panic!("a bug"),
        _ => return Err(Error::new("UnknownCall", name)),
    })
}

fn done(result: Result<(), ApiError>) -> Answer {
    result.map(|()| None)
}

fn query(step: &Step<'_>) -> Vec<(String, String)> {
    step.pairs("query")
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn record(record: CacheRecord) -> String {
    format!("{} {}", look::quoted(&record.value), record.expires_at)
}

/// The SDK's times are never negative; the contract's may be.
fn cache_set(step: &Step<'_>) -> Answer {
    let expiry =
        wit::cache::Expiry { ttl: step.plain("ttl"), expires_at: step.plain("expires-at") };
    let set = wit::cache::set(&step.required("key"), &step.required("value"), expiry);
    Ok(Some(record(set?)))
}

fn render(step: &Step<'_>, api: &Api) -> Result<(), ApiError> {
    let form = Form::new(step.required("id"));
    let form = step.json("fields").into_iter().fold(form, Form::fields);
    api.prompt().render(step.json("vars").into_iter().fold(form, Form::vars))
}

fn secret(step: &Step<'_>) -> wit::redirect::Secret {
    match step.text("secret-named") {
        Some(name) => wit::redirect::Secret::Named(name),
        None => wit::redirect::Secret::Value(step.required("secret-value")),
    }
}

fn encode_token(step: &Step<'_>) -> Answer {
    let payload = step.json("payload").unwrap_or_else(|| panic!("no `payload`"));
    let seconds = step.plain("expires-in-seconds");
    Ok(Some(wit::redirect::encode_token(&secret(step), payload.as_str(), seconds)?))
}

fn validate_token(step: &Step<'_>) -> Answer {
    let parameter = step.text("token-parameter-name");
    Ok(Some(wit::redirect::validate_token(&secret(step), parameter.as_deref())?))
}

fn level(name: &str) -> Level {
    match name {
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "error" => Level::Error,
        _ => panic!("level: {name}"),
    }
}

fn failure(step: &Step<'_>) -> Error {
    let error = Error::new(step.required("name"), step.required("message"));
    step.text("stack").into_iter().fold(error, Error::with_stack)
}

fn for_ever() -> ! {
    loop {
        black_box(());
    }
}
