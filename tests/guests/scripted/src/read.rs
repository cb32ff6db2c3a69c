//! Reading the event: how a script writes it, and what it gives.

use flowhost_action::Event;
use serde::Deserialize;
use serde_json::Value;

use crate::record::Record;
use crate::step::True;

/// A look at the event, written `{"get": "user"}` or `{"json_at": "/user/email"}`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Read {
    Get(Getter),
    Json(True),
    JsonAt(String),
    TextAt(String),
    Secret(String),
}

/// The getters of the event, by their names in the SDK.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Getter {
    AppMetadata,
    Authentication,
    Authorization,
    Client,
    Configuration,
    Connection,
    CustomDomain,
    EnrolledFactors,
    Identities,
    Organization,
    Prompt,
    Request,
    Secrets,
    Stats,
    Tenant,
    Transaction,
    User,
    UserMetadata,
}

impl Read {
    /// The name of its line in the log, and what it read.
    pub(crate) fn perform(self, event: &Event, step: &str) -> (String, String) {
        let none = || "none".to_owned();
        match self {
            Self::Get(getter) => {
                let (name, value) = getter.perform(event);
                (name.to_owned(), value.to_string())
            }
            Self::Json(_) => (step.to_owned(), event.json().to_string()),
            Self::JsonAt(pointer) => {
                let json = event.json_at(&pointer);
                (step.to_owned(), json.map_or_else(none, |json| json.to_string()))
            }
            Self::TextAt(pointer) => {
                (step.to_owned(), event.text_at(&pointer).unwrap_or_else(none))
            }
            Self::Secret(name) => (step.to_owned(), event.secret(&name).unwrap_or_else(none)),
        }
    }
}

impl Getter {
    fn perform(self, event: &Event) -> (&'static str, Value) {
        match self {
            Self::AppMetadata => ("app_metadata", event.app_metadata().json()),
            Self::Authentication => ("authentication", event.authentication().json()),
            Self::Authorization => ("authorization", event.authorization().json()),
            Self::Client => ("client", event.client().json()),
            Self::Configuration => ("configuration", event.configuration().json()),
            Self::Connection => ("connection", event.connection().json()),
            Self::CustomDomain => ("custom_domain", event.custom_domain().json()),
            Self::EnrolledFactors => ("enrolled_factors", event.enrolled_factors().json()),
            Self::Identities => ("identities", event.identities().json()),
            Self::Organization => ("organization", event.organization().json()),
            Self::Prompt => ("prompt", event.prompt().json()),
            Self::Request => ("request", event.request().json()),
            Self::Secrets => ("secrets", event.secrets().json()),
            Self::Stats => ("stats", event.stats().json()),
            Self::Tenant => ("tenant", event.tenant().json()),
            Self::Transaction => ("transaction", event.transaction().json()),
            Self::User => ("user", event.user().json()),
            Self::UserMetadata => ("user_metadata", event.user_metadata().json()),
        }
    }
}
