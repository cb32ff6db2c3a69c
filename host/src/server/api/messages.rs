//! What the API reads and writes. What it reads is read by these types; what
//! it writes is made by the library and only described here.

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;

use flowhost::FactorType;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::{ToResponse, ToSchema};

/// A flow to start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// The name in the flow file.
    #[schema(min_length = 1, max_length = 64)]
    pub(super) flow: String,
    /// What is known about the user and the request: the event of the trigger.
    #[schema(value_type = Map<String, Value>)]
    pub(super) event: Box<RawValue>,
    /// Whether it runs only when its browser comes to `begin_url`.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) wait_for_browser: bool,
}

fn yes() -> bool {
    true
}

/// A flow that waits for its browser.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct Pending {
    /// The passage through the flow.
    pub(super) flow_id: String,
    /// Always `waiting`.
    pub(super) state: &'static str,
    /// Where to send the browser. Works once, in one browser.
    #[schema(format = "uri")]
    pub(super) begin_url: String,
    /// When `begin_url` ends.
    #[schema(format = "date-time")]
    pub(super) expires_at: String,
}

/// A challenge that was met.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChallengeResult {
    /// The state the flow waits with.
    pub(super) state: String,
    /// The factor that was verified.
    pub(super) factor: FactorName,
}

/// The name of a factor.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FactorName {
    Otp,
    Email,
    WebauthnPlatform,
    WebauthnRoaming,
    RecoveryCode,
    Phone,
    PushNotification,
}

impl From<FactorName> for FactorType {
    fn from(name: FactorName) -> Self {
        match name {
            FactorName::Otp => FactorType::Otp,
            FactorName::Email => FactorType::Email,
            FactorName::WebauthnPlatform => FactorType::WebauthnPlatform,
            FactorName::WebauthnRoaming => FactorType::WebauthnRoaming,
            FactorName::RecoveryCode => FactorType::RecoveryCode,
            FactorName::Phone => FactorType::Phone,
            FactorName::PushNotification => FactorType::PushNotification,
        }
    }
}

/// The request a user came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Continue {
    /// The state the flow waits with.
    pub(super) state: String,
    /// How they came back.
    #[serde(default)]
    pub(super) method: Method,
    /// The query.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub(super) query: Pairs,
    /// The form, of a POST request.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub(super) body: Pairs,
    /// The address of the user, as `event.request.ip`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    pub(super) ip: Option<IpAddr>,
    /// The browser's name, as `event.request.user_agent`. No control characters.
    #[serde(default)]
    pub(super) user_agent: Option<String>,
}

/// How a user came back.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    #[default]
    Get,
    Post,
}

/// An object of strings in which no name occurs twice.
#[derive(Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let (mut pairs, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom("a parameter is given twice"));
                    }
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// A flow's name and the digest of its definition.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct FlowName {
    name: String,
    digest: String,
}

/// How a start or a resume ended. Beside `outcome` stands a member of that
/// name with the details, except for `completed`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(in super::super) struct Report {
    schema_version: u32,
    flow: FlowName,
    flow_id: String,
    outcome: ReportOutcome,
    #[schema(required = false)]
    denied: Option<Denied>,
    #[schema(required = false)]
    redirect: Option<Redirect>,
    #[schema(required = false)]
    prompt: Option<Prompt>,
    #[schema(required = false)]
    challenge: Option<Challenge>,
    #[schema(required = false)]
    failed: Option<Failed>,
    /// Where the user goes after the password was changed.
    #[schema(required = true)]
    result_url: Option<String>,
    /// `event.authentication.methods`, met factors included.
    authentication_methods: Vec<Map<String, Value>>,
    /// What ran.
    runs: Vec<Run>,
}

/// What a start or a resume came to. Only `completed` lets the password be set.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) enum ReportOutcome {
    Completed,
    Denied,
    Redirect,
    Prompt,
    Challenge,
    Failed,
}

/// Who refused, and why.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Denied {
    /// What the user may be told.
    reason: String,
    action: String,
}

/// A redirect to perform.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Redirect {
    url: String,
    /// What resumes the flow. Not told again by a read.
    #[schema(required = false)]
    state: Option<String>,
    #[schema(required = false)]
    expires_at: Option<String>,
}

/// A prompt to show.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Prompt {
    id: String,
    #[schema(required = false)]
    fields: Option<Map<String, Value>>,
    #[schema(required = false)]
    vars: Option<Map<String, Value>>,
    #[schema(required = false)]
    state: Option<String>,
    #[schema(required = false)]
    expires_at: Option<String>,
}

/// A challenge to perform.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Challenge {
    /// Each with its `type`, and `options` if there are any.
    factors: Vec<Map<String, Value>>,
    /// Whether the user picks one first.
    picker: bool,
    #[schema(required = false)]
    state: Option<String>,
    #[schema(required = false)]
    expires_at: Option<String>,
}

/// Why a flow failed. For operators, not for users.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Failed {
    error_class: String,
    code: String,
    message: String,
    action: String,
}

/// One run of an action.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) struct Run {
    action: String,
    handler: String,
    /// `ok` or `failed`.
    status: String,
    fuel: u64,
    fuel_limit: u64,
    /// Microseconds.
    duration_us: u64,
    memory_bytes: u64,
    memory_limit: u64,
    commands: Vec<Map<String, Value>>,
    logs: Vec<Map<String, Value>>,
}

/// How a flow stands. Beside `outcome` stands a member of that name with the
/// details, without what would resume it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the library writes")]
pub(in super::super) struct FlowView {
    schema_version: u32,
    flow_id: String,
    flow: FlowName,
    user_id: String,
    status: FlowStatus,
    outcome: FlowOutcome,
    #[schema(required = false)]
    denied: Option<Denied>,
    #[schema(required = false)]
    redirect: Option<Redirect>,
    #[schema(required = false)]
    prompt: Option<Prompt>,
    #[schema(required = false)]
    challenge: Option<Challenge>,
    #[schema(required = false)]
    failed: Option<Failed>,
    #[schema(required = true)]
    result_url: Option<String>,
    /// When it ended, or was suspended the last time.
    at: String,
    /// When its state ends, if it waits.
    #[schema(required = true)]
    expires_at: Option<String>,
    runs: Vec<Run>,
}

/// What a flow is doing.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) enum FlowStatus {
    Waiting,
    Running,
    Expired,
    Ended,
}

/// What a flow waits for or came to. Only `completed` lets the password be set.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the library writes")]
pub(super) enum FlowOutcome {
    Browser,
    Redirect,
    Prompt,
    Challenge,
    Completed,
    Denied,
    Failed,
    Cancelled,
}

/// An error (RFC 9457). `code` is stable; `flowhost explain CODE` says more.
#[derive(ToSchema, ToResponse)]
#[response(description = "An error", content_type = "application/problem+json")]
#[schema(as = Problem)]
#[expect(dead_code, reason = "describes what `Problem` writes")]
pub(in super::super) struct ProblemBody {
    r#type: String,
    title: String,
    status: u16,
    code: String,
    detail: String,
    #[schema(required = false)]
    hint: Option<String>,
    /// The single things that are wrong, with their places.
    #[schema(required = false)]
    problems: Option<Vec<Map<String, Value>>>,
}
