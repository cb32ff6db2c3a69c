//! `event`: the event, group by group, built when it is asked for. The event
//! was compared with the contract before any action ran, so a group that does
//! not read as expected here is one of the open, untyped parts: it reads as
//! absent.

use std::borrow::Cow;

use serde_json::{Map, Value};
use wasmtime::Result;

use crate::action::state::RunState;
use crate::action::v1::event::{self as wit, Host};
use crate::event::pointer;

type Pairs = Vec<(String, String)>;

impl Host for RunState {
    fn get_authentication(&mut self) -> Result<wit::Authentication> {
        self.read("/authentication", authentication)
    }

    fn get_authorization(&mut self) -> Result<wit::Authorization> {
        self.read("/authorization", |group| wit::Authorization { roles: texts(group, "roles") })
    }

    fn get_client(&mut self) -> Result<wit::Client> {
        self.read("/client", |group| wit::Client {
            client_id: text(group, "client_id"),
            name: text(group, "name"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_connection(&mut self) -> Result<wit::Connection> {
        self.read("/connection", |group| wit::Connection {
            id: text(group, "id"),
            name: text(group, "name"),
            strategy: text(group, "strategy"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_custom_domain(&mut self) -> Result<Option<wit::CustomDomain>> {
        self.read_optional("/custom_domain", |group| wit::CustomDomain {
            domain: text(group, "domain"),
            domain_metadata: pairs(group, "domain_metadata"),
        })
    }

    fn get_organization(&mut self) -> Result<Option<wit::Organization>> {
        self.read_optional("/organization", |group| wit::Organization {
            id: text(group, "id"),
            display_name: text(group, "display_name"),
            name: text(group, "name"),
            metadata: pairs(group, "metadata"),
        })
    }

    fn get_prompt(&mut self) -> Result<Option<wit::Prompt>> {
        self.enter(0)?;
        let prompt = self.flow.prompt.clone();
        self.exchange(prompt.as_deref().map_or(0, weight))?;
        Ok(prompt.as_deref().map(|group| wit::Prompt {
            id: text(group, "id"),
            fields: json(group, "fields"),
            vars: json(group, "vars"),
        }))
    }

    fn get_request(&mut self) -> Result<wit::Request> {
        self.read("/request", request)
    }

    fn get_stats(&mut self) -> Result<wit::Stats> {
        self.read("/stats", |group| wit::Stats {
            logins_count: number(group, "logins_count").unwrap_or_default(),
        })
    }

    fn get_tenant(&mut self) -> Result<wit::Tenant> {
        self.read("/tenant", |group| wit::Tenant { id: text(group, "id") })
    }

    fn get_transaction(&mut self) -> Result<wit::Transaction> {
        self.read("/transaction", transaction)
    }

    fn get_user(&mut self) -> Result<wit::User> {
        self.enter(0)?;
        let event = self.flow.event.clone();
        let group = event.group("user").unwrap_or(&Value::Null);
        // What has functions of its own is not in the record.
        let members = group.as_object().into_iter().flatten();
        let texts = members.filter_map(|(_, value)| value.as_str().map(str::len));
        self.exchange(texts.sum())?;
        Ok(user(group))
    }

    fn get_identities(&mut self) -> Result<Vec<wit::Identity>> {
        self.read("/user/identities", |list| {
            list.as_array().into_iter().flatten().map(identity).collect()
        })
    }

    fn get_enrolled_factors(&mut self) -> Result<Option<Vec<wit::EnrolledFactor>>> {
        self.read_optional("/user/enrolledFactors", |list| {
            list.as_array().into_iter().flatten().map(enrolled_factor).collect()
        })
    }

    fn get_app_metadata(&mut self) -> Result<String> {
        self.read_json("/user/app_metadata")
    }

    fn get_user_metadata(&mut self) -> Result<String> {
        self.read_json("/user/user_metadata")
    }

    fn get_secrets(&mut self) -> Result<Pairs> {
        self.enter(0)?;
        self.exchange(self.own.secrets.iter().map(|(n, s)| n.len() + s.expose().len()).sum())?;
        let secrets = self.own.secrets.iter();
        Ok(secrets.map(|(name, secret)| (name.to_owned(), secret.expose().to_owned())).collect())
    }

    fn get_secret(&mut self, name: String) -> Result<Option<String>> {
        self.enter(name.len())?;
        let secret = self.own.secrets.get(&name).map(|secret| secret.expose().to_owned());
        self.exchange(secret.as_ref().map_or(0, String::len))?;
        Ok(secret)
    }

    fn get_configuration(&mut self) -> Result<String> {
        self.enter(0)?;
        let text = self.configuration();
        self.exchange(text.len())?;
        Ok(text)
    }

    fn get_json(&mut self) -> Result<String> {
        self.enter(0)?;
        let text = self.whole_event();
        self.exchange(text.len())?;
        Ok(text)
    }

    fn get_json_at(&mut self, pointer: String) -> Result<Option<String>> {
        self.enter(pointer.len())?;
        let text = match pointer.as_str() {
            "" => Some(self.whole_event()),
            _ => self.place(&pointer).map(|value| value.to_string()),
        };
        self.exchange(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }

    fn get_text_at(&mut self, pointer: String) -> Result<Option<String>> {
        self.enter(pointer.len())?;
        let text = self.place(&pointer).and_then(|value| value.as_str().map(str::to_owned));
        self.exchange(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }
}

impl RunState {
    /// Builds a record from a part of the event that is always there.
    fn read<T>(&mut self, part: &str, build: impl Fn(&Value) -> T) -> Result<T> {
        self.read_optional(part, &build).map(|built| built.unwrap_or_else(|| build(&Value::Null)))
    }

    fn read_optional<T>(&mut self, part: &str, build: impl Fn(&Value) -> T) -> Result<Option<T>> {
        self.enter(0)?;
        let event = self.flow.event.clone();
        let Some(part) = event.at(part).filter(|value| !value.is_null()) else { return Ok(None) };
        self.exchange(weight(part))?;
        Ok(Some(build(part)))
    }

    fn read_json(&mut self, pointer: &str) -> Result<String> {
        self.enter(0)?;
        let text = self.flow.event.at(pointer).map_or("{}".to_owned(), Value::to_string);
        self.exchange(text.len())?;
        Ok(text)
    }

    fn configuration(&self) -> String {
        // A map of JSON values always has a JSON form.
        serde_json::to_string(&*self.own.configuration).unwrap_or_default()
    }

    fn secrets(&self) -> Value {
        let secret = |(name, secret): (&str, &crate::secret::Secret)| {
            (name.to_owned(), Value::from(secret.expose()))
        };
        Value::Object(self.own.secrets.iter().map(secret).collect::<Map<_, _>>())
    }

    fn whole_event(&self) -> String {
        let prompt = self.flow.prompt.iter().map(|prompt| ("prompt", prompt.to_string()));
        let own =
            [("secrets", self.secrets().to_string()), ("configuration", self.configuration())];
        self.flow.event.to_json(prompt.chain(own))
    }

    /// The value at a JSON Pointer, in the event or in what is the action's. Of the
    /// secrets nothing is copied but what is asked for.
    fn place(&self, pointer: &str) -> Option<Cow<'_, Value>> {
        let (group, rest) = pointer::split(pointer)?;
        match group.as_ref() {
            "prompt" => pointer::follow(self.flow.prompt.as_deref()?, rest).map(Cow::Borrowed),
            "secrets" => Some(Cow::Owned(match pointer::split(rest) {
                None => self.secrets(),
                Some((name, "")) => Value::from(self.own.secrets.get(&name)?.expose()),
                Some(_) => return None,
            })),
            "configuration" if rest.is_empty() => {
                Some(Cow::Owned(Value::Object(Map::clone(&self.own.configuration))))
            }
            "configuration" => pointer::within(&self.own.configuration, rest).map(Cow::Borrowed),
            _ => self.flow.event.at(pointer).map(Cow::Borrowed),
        }
    }
}

/// About the bytes that a value takes on its way to an action.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members.iter().map(|(n, value)| n.len() + weight(value)).sum(),
        _ => size_of::<f64>(),
    }
}

fn authentication(group: &Value) -> wit::Authentication {
    let methods = part(group, "methods").and_then(Value::as_array);
    let method = |method: &Value| wit::AuthenticationMethod {
        name: text(method, "name"),
        timestamp: text(method, "timestamp"),
        type_: maybe(method, "type"),
    };
    let akamai = |akamai: &Value| wit::AkamaiSignals {
        akamai_bot: part(akamai, "akamaiBot").map(akamai_bot),
        akamai_user_risk: part(akamai, "akamaiUserRisk").map(akamai_user_risk),
    };
    let supplemental =
        |signals: &Value| wit::SupplementalSignals { akamai: part(signals, "akamai").map(akamai) };
    wit::Authentication {
        methods: methods.into_iter().flatten().map(method).collect(),
        risk_assessment: part(group, "riskAssessment").map(|risk| wit::RiskAssessment {
            supplemental: part(risk, "supplemental").map(supplemental),
        }),
    }
}

fn akamai_bot(bot: &Value) -> wit::AkamaiBot {
    wit::AkamaiBot {
        type_: maybe(bot, "type"),
        action: maybe(bot, "action"),
        bot_category: texts(bot, "botCategory"),
        bot_score: number(bot, "botScore"),
        bot_score_response_segment: maybe(bot, "botScoreResponseSegment"),
        botnet_id: maybe(bot, "botnetId"),
    }
}

fn akamai_user_risk(risk: &Value) -> wit::AkamaiUserRisk {
    wit::AkamaiUserRisk {
        action: maybe(risk, "action"),
        email_domain: maybe(risk, "emailDomain"),
        ouid: maybe(risk, "ouid"),
        requestid: maybe(risk, "requestid"),
        username: maybe(risk, "username"),
        uuid: maybe(risk, "uuid"),
        allow: number(risk, "allow"),
        score: number(risk, "score"),
        status: number(risk, "status"),
        general: json(risk, "general"),
        risk: json(risk, "risk"),
        trust: json(risk, "trust"),
    }
}

fn request(group: &Value) -> wit::Request {
    let geoip = part(group, "geoip").unwrap_or(&Value::Null);
    wit::Request {
        body: json(group, "body").unwrap_or_else(|| "{}".to_owned()),
        query: json(group, "query").unwrap_or_else(|| "{}".to_owned()),
        method: text(group, "method"),
        ip: text(group, "ip"),
        hostname: maybe(group, "hostname"),
        language: maybe(group, "language"),
        user_agent: maybe(group, "user_agent"),
        geoip: wit::Geoip {
            city_name: maybe(geoip, "cityName"),
            continent_code: maybe(geoip, "continentCode"),
            country_code: maybe(geoip, "countryCode"),
            country_code3: maybe(geoip, "countryCode3"),
            country_name: maybe(geoip, "countryName"),
            subdivision_code: maybe(geoip, "subdivisionCode"),
            subdivision_name: maybe(geoip, "subdivisionName"),
            time_zone: maybe(geoip, "timeZone"),
            latitude: number(geoip, "latitude"),
            longitude: number(geoip, "longitude"),
        },
    }
}

fn transaction(group: &Value) -> wit::Transaction {
    wit::Transaction {
        correlation_id: maybe(group, "correlation_id"),
        locale: text(group, "locale"),
        login_hint: maybe(group, "login_hint"),
        state: maybe(group, "state"),
        ui_locales: texts(group, "ui_locales"),
        acr_values: texts(group, "acr_values"),
        requested_scopes: texts(group, "requested_scopes"),
        protocol: maybe(group, "protocol"),
        redirect_uri: maybe(group, "redirect_uri"),
        prompt: texts(group, "prompt"),
        response_mode: maybe(group, "response_mode"),
        response_type: texts(group, "response_type"),
        linking_id: maybe(group, "linking_id"),
    }
}

fn user(group: &Value) -> wit::User {
    wit::User {
        user_id: text(group, "user_id"),
        created_at: text(group, "created_at"),
        updated_at: text(group, "updated_at"),
        email: maybe(group, "email"),
        email_verified: flag(group, "email_verified").unwrap_or_default(),
        family_name: maybe(group, "family_name"),
        given_name: maybe(group, "given_name"),
        last_password_reset: maybe(group, "last_password_reset"),
        name: maybe(group, "name"),
        nickname: maybe(group, "nickname"),
        phone_number: maybe(group, "phone_number"),
        phone_verified: flag(group, "phone_verified"),
        picture: maybe(group, "picture"),
        username: maybe(group, "username"),
    }
}

fn identity(identity: &Value) -> wit::Identity {
    wit::Identity {
        connection: maybe(identity, "connection"),
        provider: maybe(identity, "provider"),
        user_id: maybe(identity, "user_id"),
        is_social: flag(identity, "isSocial"),
        profile_data: json(identity, "profileData"),
    }
}

fn enrolled_factor(factor: &Value) -> wit::EnrolledFactor {
    wit::EnrolledFactor { type_: text(factor, "type"), options: json(factor, "options") }
}

/// A member that is there and not `null`.
fn part<'v>(group: &'v Value, key: &str) -> Option<&'v Value> {
    pointer::member(group.as_object()?, key).filter(|value| !value.is_null())
}

fn maybe(group: &Value, key: &str) -> Option<String> {
    part(group, key)?.as_str().map(str::to_owned)
}

fn text(group: &Value, key: &str) -> String {
    maybe(group, key).unwrap_or_default()
}

fn number(group: &Value, key: &str) -> Option<f64> {
    part(group, key)?.as_f64()
}

fn flag(group: &Value, key: &str) -> Option<bool> {
    part(group, key)?.as_bool()
}

fn json(group: &Value, key: &str) -> Option<String> {
    part(group, key).map(Value::to_string)
}

/// A list of strings; a single string, as some senders write it, is a list of
/// one.
fn texts(group: &Value, key: &str) -> Vec<String> {
    match part(group, key) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn pairs(group: &Value, key: &str) -> Pairs {
    let Some(map) = part(group, key).and_then(Value::as_object) else { return Vec::new() };
    let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    map.iter().filter_map(pair).collect()
}
