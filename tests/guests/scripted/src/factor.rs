//! A factor as scripts write it: `{"type": "phone", "options": {…}}`.
//!
//! The seven names of the contract become its cases. Every other name goes
//! through as it is, `push` and `sms` among them, since what to make of those
//! is the host's business and a thing to test.

use flowhost_action::{Factor, Json, PhoneMethod};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactorText {
    r#type: String,
    options: Option<Value>,
}

impl From<FactorText> for Factor {
    fn from(text: FactorText) -> Self {
        let option = |name: &str| text.options.as_ref().and_then(|options| options.get(name));
        match text.r#type.as_str() {
            "otp" => Factor::otp(),
            "email" => Factor::email(),
            "webauthn-platform" => Factor::webauthn_platform(),
            "webauthn-roaming" => Factor::webauthn_roaming(),
            "recovery-code" => Factor::RecoveryCode(text.options.map(|o| o.to_string())),
            "phone" => match option("preferredMethod").and_then(Value::as_str) {
                Some("sms") => Factor::phone_by(PhoneMethod::Sms),
                Some("voice") => Factor::phone_by(PhoneMethod::Voice),
                Some("both") => Factor::phone_by(PhoneMethod::Both),
                _ => Factor::phone(),
            },
            "push-notification" => match option("otpFallback").and_then(Value::as_bool) {
                Some(fallback) => Factor::push_notification_with_otp_fallback(fallback),
                None => Factor::push_notification(),
            },
            _ => Factor::other(text.r#type, text.options.map(Json::from)),
        }
    }
}

pub(crate) fn all(texts: Vec<FactorText>) -> Vec<Factor> {
    texts.into_iter().map(Factor::from).collect()
}
