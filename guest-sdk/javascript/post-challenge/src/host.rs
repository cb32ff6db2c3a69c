//! The functions that `js/view.js` stands on: the WIT interfaces, with texts,
//! numbers and JSON. A call that may be refused answers with a list of answer,
//! code and message; the view makes errors of them.

mod event;

use flowhost_javascript_engine::loader;
use rquickjs::{Ctx, Function, Object, Result};

use crate::bindings::imports::flowhost::post_challenge as wit;
use wit::authentication::{
    Factor, OtherFactor, PhoneMethod, PhoneOptions, PushOptions, challenge_with, challenge_with_any,
};
use wit::cache::{CacheRecord, Expiry};
use wit::redirect::Secret;
use wit::types::ApiError;

/// Answer, code, message.
type Answer = Vec<Option<String>>;

fn answer<T>(
    result: std::result::Result<T, ApiError>,
    text: impl FnOnce(T) -> Option<String>,
) -> Answer {
    match result {
        Ok(value) => vec![text(value)],
        Err(ApiError { code, message }) => vec![None, Some(code), Some(message)],
    }
}

fn done(result: std::result::Result<(), ApiError>) -> Answer {
    answer(result, |()| None)
}

/// All of them.
pub(crate) fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let function = |name, function: Function<'js>| host.set(name, function);
    function("event", Function::new(ctx.clone(), event::object)?)?;
    function("eventPart", Function::new(ctx.clone(), event::part)?)?;
    function("knowGroup", Function::new(ctx.clone(), event::know)?)?;
    function(
        "deny",
        Function::new(ctx.clone(), |reason: String| done(wit::access::deny(&reason)))?,
    )?;
    function("challengeWith", Function::new(ctx.clone(), challenge)?)?;
    function("challengeWithAny", Function::new(ctx.clone(), pick)?)?;
    function("sendUserTo", Function::new(ctx.clone(), send_user_to)?)?;
    function("setResultUrl", Function::new(ctx.clone(), set_result_url)?)?;
    function("encodeToken", Function::new(ctx.clone(), encode_token)?)?;
    function("validateToken", Function::new(ctx.clone(), validate_token)?)?;
    function("render", Function::new(ctx.clone(), render)?)?;
    function("cacheGet", Function::new(ctx.clone(), cache_get)?)?;
    function("cacheSet", Function::new(ctx.clone(), cache_set)?)?;
    function("cacheDelete", Function::new(ctx.clone(), cache_delete)?)?;
    function("log", Function::new(ctx.clone(), log)?)?;
    Ok(host)
}

fn factors(written: Vec<Vec<Option<String>>>) -> Vec<Factor> {
    written.into_iter().map(factor).collect()
}

fn factor(written: Vec<Option<String>>) -> Factor {
    let mut parts = written.into_iter();
    let kind = parts.next().flatten().unwrap_or_default();
    let options = parts.next().flatten();
    let flag = parts.next().flatten();
    match kind.as_str() {
        "otp" => Factor::Otp,
        "email" => Factor::Email,
        "webauthn-platform" => Factor::WebauthnPlatform,
        "webauthn-roaming" => Factor::WebauthnRoaming,
        "recovery-code" => Factor::RecoveryCode(options),
        "phone" => {
            Factor::Phone(PhoneOptions { preferred_method: flag.as_deref().and_then(phone_method) })
        }
        "push-notification" | "push" => {
            Factor::PushNotification(PushOptions { otp_fallback: flag.map(|flag| flag == "true") })
        }
        _ => Factor::Other(OtherFactor { type_: kind, options }),
    }
}

fn phone_method(name: &str) -> Option<PhoneMethod> {
    match name {
        "sms" => Some(PhoneMethod::Sms),
        "voice" => Some(PhoneMethod::Voice),
        "both" => Some(PhoneMethod::Both),
        _ => None,
    }
}

fn challenge(first: Vec<Option<String>>, others: Vec<Vec<Option<String>>>) -> Answer {
    done(challenge_with(&factor(first), &factors(others)))
}

fn pick(offered: Vec<Vec<Option<String>>>) -> Answer {
    done(challenge_with_any(&factors(offered)))
}

/// Names and values in turn.
fn pairs(flat: Vec<String>) -> Vec<(String, String)> {
    let mut flat = flat.into_iter();
    std::iter::from_fn(|| Some((flat.next()?, flat.next()?))).collect()
}

fn send_user_to(url: String, query: Vec<String>) -> Answer {
    done(wit::redirect::send_user_to(&url, &pairs(query)))
}

fn set_result_url(url: String, query: Vec<String>) -> Answer {
    done(wit::transaction::set_result_url(&url, &pairs(query)))
}

fn encode_token(secret: String, payload: String, lifetime: Option<f64>) -> Answer {
    let lifetime = lifetime.map(|seconds| seconds as i64);
    answer(wit::redirect::encode_token(&Secret::Value(secret), &payload, lifetime), Some)
}

fn validate_token(secret: String, parameter: Option<String>) -> Answer {
    answer(wit::redirect::validate_token(&Secret::Value(secret), parameter.as_deref()), Some)
}

fn render(id: String, fields: Option<String>, vars: Option<String>) -> Answer {
    done(wit::prompt::render(&id, fields.as_deref(), vars.as_deref()))
}

/// Value and end of an entry, as texts.
fn entry(record: CacheRecord) -> Vec<String> {
    vec![record.value, record.expires_at.to_string()]
}

fn cache_get(key: String) -> Option<Vec<String>> {
    wit::cache::get(&key).map(entry)
}

/// Value and end, or one code.
fn cache_set(key: String, value: String, ttl: Option<f64>, expires_at: Option<f64>) -> Vec<String> {
    let expiry = Expiry {
        ttl: ttl.map(|millis| millis as i64),
        expires_at: expires_at.map(|millis| millis as i64),
    };
    match wit::cache::set(&key, &value, expiry) {
        Ok(record) => entry(record),
        Err(error) => vec![error.code],
    }
}

/// A code, if it was refused.
fn cache_delete(key: String) -> Option<String> {
    wit::cache::delete(&key).err().map(|error| error.code)
}

/// What the top of a file says while it is built is for nobody.
fn log(level: String, message: String) {
    if loader::is_loading() {
        return;
    }
    let level = match level.as_str() {
        "debug" => wit::log::Level::Debug,
        "warn" => wit::log::Level::Warn,
        "error" => wit::log::Level::Error,
        _ => wit::log::Level::Info,
    };
    wit::log::write(level, &message);
}
