//! [`Effects`]: what one action run asked for, as values. They become real
//! only when the run ended without an error; [`Effects::verdict`] says what
//! they come to, by the contract's precedence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Code;

/// A kind of factor a user can be challenged with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum FactorType {
    Otp,
    Email,
    WebauthnPlatform,
    WebauthnRoaming,
    RecoveryCode,
    Phone,
    PushNotification,
}

impl FactorType {
    /// All of them.
    pub const ALL: [FactorType; 7] = [
        FactorType::Otp,
        FactorType::Email,
        FactorType::WebauthnPlatform,
        FactorType::WebauthnRoaming,
        FactorType::RecoveryCode,
        FactorType::Phone,
        FactorType::PushNotification,
    ];

    /// The name, as events and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            FactorType::Otp => "otp",
            FactorType::Email => "email",
            FactorType::WebauthnPlatform => "webauthn-platform",
            FactorType::WebauthnRoaming => "webauthn-roaming",
            FactorType::RecoveryCode => "recovery-code",
            FactorType::Phone => "phone",
            FactorType::PushNotification => "push-notification",
        }
    }

    /// The factor called `name`; `push` is another spelling of
    /// `push-notification`.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "push" {
            return Some(FactorType::PushNotification);
        }
        FactorType::ALL.into_iter().find(|factor| factor.as_str() == name)
    }
}

/// A factor with its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Factor {
    /// Which one.
    #[serde(rename = "type")]
    pub kind: FactorType,
    /// Such as `{"preferredMethod": "sms"}`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub options: Option<Value>,
}

impl Factor {
    pub(crate) fn new(kind: FactorType, options: Option<Value>) -> Self {
        Factor { kind, options }
    }
}

/// One thing an action asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// `access.deny`.
    Deny {
        /// What the user may be told.
        reason: String,
    },
    /// `authentication.challengeWith`, the default factor first.
    ChallengeWith {
        /// The factors.
        factors: Vec<Factor>,
    },
    /// `authentication.challengeWithAny`.
    ChallengeWithAny {
        /// The factors.
        factors: Vec<Factor>,
    },
    /// `prompt.render`.
    Render {
        /// Which prompt.
        id: String,
        /// A JSON object, if given.
        #[serde(skip_serializing_if = "Option::is_none")]
        fields: Option<Value>,
        /// A JSON object, if given.
        #[serde(skip_serializing_if = "Option::is_none")]
        vars: Option<Value>,
    },
    /// `redirect.sendUserTo`, without `state`.
    SendUserTo {
        /// The URL, normalised.
        url: String,
    },
    /// `transaction.setResultUrl`.
    SetResultUrl {
        /// The URL, normalised.
        url: String,
    },
}

/// The commands of one run, in call order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects(Vec<Command>);

/// A challenge to be met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) factors: Vec<Factor>,
    /// Whether the user picks, instead of starting with the first.
    pub(crate) picker: bool,
}

/// What the commands of a run come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Continue,
    Deny { reason: String },
    Redirect { url: String },
    Render { id: String, fields: Option<Value>, vars: Option<Value> },
    Challenge(Vec<Challenge>),
    Abort(Code, &'static str),
}

impl Effects {
    pub(crate) fn push(&mut self, command: Command) {
        self.0.push(command);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn commands(&self) -> &[Command] {
        &self.0
    }

    /// The last result URL that was set.
    pub(crate) fn result_url(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|command| match command {
            Command::SetResultUrl { url } => Some(url.as_str()),
            _ => None,
        })
    }

    /// How many challenges were asked for.
    pub(crate) fn challenge_count(&self) -> usize {
        self.challenges().count()
    }

    /// What the commands come to. Deny wins over everything, aborts over the
    /// rest; a redirect or a prompt never goes with a challenge, so that no
    /// user can skip the factor.
    pub(crate) fn verdict(&self) -> Verdict {
        let denied = self.0.iter().find_map(|command| match command {
            Command::Deny { reason } => Some(Verdict::Deny { reason: reason.clone() }),
            _ => None,
        });
        if let Some(denied) = denied {
            return denied;
        }
        let redirect = self.0.iter().rev().find_map(|command| match command {
            Command::SendUserTo { url } => Some(Verdict::Redirect { url: url.clone() }),
            _ => None,
        });
        let mut renders = self.0.iter().filter_map(|command| match command {
            Command::Render { id, fields, vars } => {
                Some(Verdict::Render { id: id.clone(), fields: fields.clone(), vars: vars.clone() })
            }
            _ => None,
        });
        let (render, second_render) = (renders.next(), renders.next());
        let challenges: Vec<Challenge> = self.challenges().collect();
        match (redirect, render, challenges.is_empty()) {
            (Some(_), Some(_), _) => Verdict::Abort(
                Code::RedirectAndRender,
                "Redirect and render commands cannot be used in the same action.",
            ),
            _ if second_render.is_some() => Verdict::Abort(
                Code::MultipleRenders,
                "Only 1 render command per action is allowed.",
            ),
            (Some(_), _, false) | (_, Some(_), false) => Verdict::Abort(
                Code::ConflictingCommands,
                "A redirect or prompt cannot be combined with a challenge in the same action.",
            ),
            (Some(suspend), None, true) | (None, Some(suspend), true) => suspend,
            (None, None, false) => Verdict::Challenge(challenges),
            (None, None, true) => Verdict::Continue,
        }
    }

    fn challenges(&self) -> impl Iterator<Item = Challenge> {
        self.0.iter().filter_map(|command| match command {
            Command::ChallengeWith { factors } => {
                Some(Challenge { factors: factors.clone(), picker: false })
            }
            Command::ChallengeWithAny { factors } => {
                Some(Challenge { factors: factors.clone(), picker: true })
            }
            _ => None,
        })
    }
}
