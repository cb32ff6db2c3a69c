//! `authentication`: further proof of who the user is. Which of the factors
//! are usable is decided when the run has ended, by the cursor.

use serde_json::{Value, json};
use wasmtime::Result;

use super::{gate, secret_in};
use crate::action::state::RunState;
use crate::action::v1::authentication::{self as wit, Host, PhoneMethod};
use crate::action::v1::types::ApiError;
use crate::effects::{Command, Factor, FactorType};
use crate::error::Code;
use crate::outcome::LogLevel;

/// The most bytes of a factor's options.
const MAX_OPTIONS: usize = 4096;

impl Host for RunState {
    fn challenge_with(
        &mut self,
        factor: wit::Factor,
        additional: Vec<wit::Factor>,
    ) -> Result<Result<(), ApiError>> {
        let mut factors = vec![factor];
        factors.extend(additional);
        self.challenge(factors, |factors| Command::ChallengeWith { factors })
    }

    fn challenge_with_any(&mut self, factors: Vec<wit::Factor>) -> Result<Result<(), ApiError>> {
        self.challenge(factors, |factors| Command::ChallengeWithAny { factors })
    }
}

impl RunState {
    fn challenge(
        &mut self,
        factors: Vec<wit::Factor>,
        command: fn(Vec<Factor>) -> Command,
    ) -> Result<Result<(), ApiError>> {
        self.enter(factors.iter().map(size).sum())?;
        let recorded = self.known(factors).and_then(|known| self.command(command(known)));
        Ok(gate(self, "authentication.challenge", recorded))
    }

    /// The factors that have a name here, the first of each kind.
    fn known(&mut self, factors: Vec<wit::Factor>) -> Result<Vec<Factor>, (Code, String)> {
        let mut known: Vec<Factor> = Vec::new();
        for factor in factors {
            match convert(factor)? {
                Known::Not(name) => {
                    self.log(LogLevel::Warn, format!("unknown factor `{name}` is ignored"));
                }
                Known::Factor(factor) if known.iter().any(|other| other.kind == factor.kind) => {}
                Known::Factor(factor) => {
                    if let Some(name) = factor.options.as_ref().and_then(|o| secret_in(self, o)) {
                        let message = format!("an option holds the value of secret `{name}`");
                        return Err((Code::InvalidPayload, message));
                    }
                    known.push(factor);
                }
            }
        }
        Ok(known)
    }
}

enum Known {
    Factor(Factor),
    Not(String),
}

fn convert(factor: wit::Factor) -> Result<Known, (Code, String)> {
    let (kind, options) = match factor {
        wit::Factor::Otp => (FactorType::Otp, None),
        wit::Factor::Email => (FactorType::Email, None),
        wit::Factor::WebauthnPlatform => (FactorType::WebauthnPlatform, None),
        wit::Factor::WebauthnRoaming => (FactorType::WebauthnRoaming, None),
        wit::Factor::RecoveryCode(options) => (FactorType::RecoveryCode, parse(options)?),
        wit::Factor::Phone(options) => (FactorType::Phone, phone_options(options)),
        wit::Factor::PushNotification(options) => {
            let options = options.otp_fallback.map(|fallback| json!({ "otpFallback": fallback }));
            (FactorType::PushNotification, options)
        }
        wit::Factor::Other(other) => match FactorType::from_name(&other.type_) {
            Some(kind) => (kind, parse(other.options)?),
            None => return Ok(Known::Not(other.type_)),
        },
    };
    Ok(Known::Factor(Factor::new(kind, options)))
}

fn phone_options(options: wit::PhoneOptions) -> Option<Value> {
    let method = match options.preferred_method? {
        PhoneMethod::Sms => "sms",
        PhoneMethod::Voice => "voice",
        PhoneMethod::Both => "both",
    };
    Some(json!({ "preferredMethod": method }))
}

fn parse(options: Option<String>) -> Result<Option<Value>, (Code, String)> {
    let refuse = |why: &str| Err((Code::InvalidPayload, why.to_owned()));
    let Some(text) = options else { return Ok(None) };
    if text.len() > MAX_OPTIONS {
        return refuse("the options of a factor have at most 4096 bytes");
    }
    match serde_json::from_str(&text) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        _ => refuse("the options of a factor must be a JSON object"),
    }
}

fn size(factor: &wit::Factor) -> usize {
    match factor {
        wit::Factor::RecoveryCode(Some(options)) => options.len(),
        wit::Factor::Other(other) => {
            other.type_.len() + other.options.as_ref().map_or(0, String::len)
        }
        _ => 0,
    }
}
