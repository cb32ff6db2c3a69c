//! The event as messages: one for each field, in the order of the contract.

use flowhost_action::*;

pub(crate) const NONE: &str = "none";

/// Writes the messages of one group.
pub(crate) fn group(event: &Event, group: &str, line: &dyn Fn(String)) {
    let path = format!("event.{group}");
    let raw = |json: Json| line(format!("{path} = {json}"));
    match group {
        "authentication" => event.authentication().show(&path, line),
        "authorization" => event.authorization().show(&path, line),
        "client" => event.client().show(&path, line),
        "connection" => event.connection().show(&path, line),
        "custom-domain" => event.custom_domain().show(&path, line),
        "organization" => event.organization().show(&path, line),
        "prompt" => event.prompt().show(&path, line),
        "request" => event.request().show(&path, line),
        "stats" => event.stats().show(&path, line),
        "tenant" => event.tenant().show(&path, line),
        "transaction" => event.transaction().show(&path, line),
        "user" => event.user().show(&path, line),
        "identities" => event.identities().show(&path, line),
        "enrolled-factors" => event.enrolled_factors().show(&path, line),
        "app-metadata" => raw(event.app_metadata()),
        "user-metadata" => raw(event.user_metadata()),
        "secrets" => event.secrets().show(&path, line),
        "configuration" => raw(event.configuration()),
        _ => panic!("group: {group}"),
    }
}

/// A string in double quotes, with the escapes of JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted + "\""
}

pub(crate) fn text(text: Option<String>) -> String {
    text.map_or_else(|| NONE.to_owned(), |text| quoted(&text))
}

/// Something that can be shown, below its path.
trait Show {
    fn show(&self, path: &str, line: &dyn Fn(String));
}

/// JSON text, which is shown as it is. To Rust it is a string like others.
struct Raw<'a>(&'a str);

impl Show for Raw<'_> {
    fn show(&self, path: &str, line: &dyn Fn(String)) {
        line(format!("{path} = {}", self.0));
    }
}

impl Show for String {
    fn show(&self, path: &str, line: &dyn Fn(String)) {
        line(format!("{path} = {}", quoted(self)));
    }
}

macro_rules! plain {
    ($($kind:ty)*) => {
        $(impl Show for $kind {
            fn show(&self, path: &str, line: &dyn Fn(String)) {
                line(format!("{path} = {self}"));
            }
        })*
    };
}

plain! { bool f64 }

impl<T: Show> Show for Option<T> {
    fn show(&self, path: &str, line: &dyn Fn(String)) {
        match self {
            Some(value) => value.show(path, line),
            None => line(format!("{path} = {NONE}")),
        }
    }
}

impl<T: Item> Show for Vec<T> {
    fn show(&self, path: &str, line: &dyn Fn(String)) {
        if self.is_empty() {
            line(format!("{path} = []"));
        }
        for (index, item) in self.iter().enumerate() {
            item.show_at(path, index, line);
        }
    }
}

/// Something in a list.
trait Item {
    fn show_at(&self, path: &str, index: usize, line: &dyn Fn(String));
}

impl<T: Show> Item for T {
    fn show_at(&self, path: &str, index: usize, line: &dyn Fn(String)) {
        self.show(&format!("{path}[{index}]"), line);
    }
}

impl Item for (String, String) {
    fn show_at(&self, path: &str, _: usize, line: &dyn Fn(String)) {
        self.1.show(&format!("{path}[{}]", quoted(&self.0)), line);
    }
}

/// One line for each record: its fields, in order; `json` ones are JSON text.
macro_rules! records {
    ($($record:ident { $($field:ident $(: $json:ident)?),* $(,)? })*) => {
        $(impl Show for $record {
            fn show(&self, path: &str, line: &dyn Fn(String)) {
                $(
                    // `type_` is `type` in the contract.
                    let name = stringify!($field).trim_end_matches('_').replace('_', "-");
                    records!(@value self.$field $(, $json)?).show(&format!("{path}.{name}"), line);
                )*
            }
        })*
    };
    (@value $value:expr) => { $value };
    (@value $value:expr, text) => { Raw(&$value) };
    (@value $value:expr, option) => { $value.as_deref().map(Raw) };
}

records! {
    Authentication { methods, risk_assessment }
    AuthenticationMethod { name, timestamp, type_ }
    RiskAssessment { supplemental }
    SupplementalSignals { akamai }
    AkamaiSignals { akamai_bot, akamai_user_risk }
    AkamaiBot { type_, action, bot_category, bot_score, bot_score_response_segment, botnet_id }
    AkamaiUserRisk {
        action, email_domain, ouid, requestid, username, uuid, allow, score, status,
        general: option, risk: option, trust: option,
    }
    Authorization { roles }
    Client { client_id, name, metadata }
    Connection { id, name, strategy, metadata }
    CustomDomain { domain, domain_metadata }
    Organization { id, display_name, name, metadata }
    Prompt { id, fields: option, vars: option }
    Request { body: text, query: text, method, ip, hostname, language, user_agent, geoip }
    Geoip {
        city_name, continent_code, country_code, country_code3, country_name, subdivision_code,
        subdivision_name, time_zone, latitude, longitude,
    }
    Stats { logins_count }
    Tenant { id }
    Transaction {
        correlation_id, locale, login_hint, state, ui_locales, acr_values, requested_scopes,
        protocol, redirect_uri, prompt, response_mode, response_type, linking_id,
    }
    User {
        user_id, created_at, updated_at, email, email_verified, family_name, given_name,
        last_password_reset, name, nickname, phone_number, phone_verified, picture, username,
    }
    Identity { connection, provider, user_id, is_social, profile_data: option }
    EnrolledFactor { type_, options: option }
}
