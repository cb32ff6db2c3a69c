//! A factor as steps write it: an object with a `type`.

use flowhost_action::{Factor, PhoneMethod};

use crate::step::Step;

pub(crate) fn read(step: &Step<'_>) -> Factor {
    let kind = step.required("type");
    match kind.as_str() {
        "otp" => Factor::otp(),
        "email" => Factor::email(),
        "webauthn-platform" => Factor::webauthn_platform(),
        "webauthn-roaming" => Factor::webauthn_roaming(),
        "recovery-code" => {
            Factor::RecoveryCode(step.json("options").map(|options| options.to_string()))
        }
        "phone" => match step.text("preferred-method").as_deref() {
            None => Factor::phone(),
            Some("sms") => Factor::phone_by(PhoneMethod::Sms),
            Some("voice") => Factor::phone_by(PhoneMethod::Voice),
            Some("both") => Factor::phone_by(PhoneMethod::Both),
            Some(method) => panic!("preferred-method: {method}"),
        },
        "push-notification" => match step.plain("otp-fallback") {
            None => Factor::push_notification(),
            Some(fallback) => Factor::push_notification_with_otp_fallback(fallback),
        },
        _ => Factor::other(kind, step.json("options")),
    }
}

pub(crate) fn all(step: &Step<'_>, name: &str) -> Vec<Factor> {
    step.list(name).map(|factor| read(&factor)).collect()
}
