//! The records of the contract, built of parts of the event. A part that is missing, or
//! of another type, reads as absent.

use crate::action::v1::event as wit;
use crate::event::document::Json;

pub(super) type Pairs = Vec<(String, String)>;

/// A part of the event, where there is one.
pub(super) type Part<'v> = Option<Json<'v>>;

pub(super) fn authentication(group: Part<'_>) -> wit::Authentication {
    let methods = part(group, "methods").into_iter().flat_map(Json::items);
    let method = |method: Json<'_>| wit::AuthenticationMethod {
        name: text(method, "name"),
        timestamp: text(method, "timestamp"),
        type_: maybe(method, "type"),
    };
    let akamai = |akamai: Json<'_>| wit::AkamaiSignals {
        akamai_bot: part(akamai, "akamaiBot").map(akamai_bot),
        akamai_user_risk: part(akamai, "akamaiUserRisk").map(akamai_user_risk),
    };
    let supplemental = |signals: Json<'_>| wit::SupplementalSignals {
        akamai: part(signals, "akamai").map(akamai),
    };
    wit::Authentication {
        methods: methods.map(method).collect(),
        risk_assessment: part(group, "riskAssessment").map(|risk| wit::RiskAssessment {
            supplemental: part(risk, "supplemental").map(supplemental),
        }),
    }
}

fn akamai_bot(bot: Json<'_>) -> wit::AkamaiBot {
    wit::AkamaiBot {
        type_: maybe(bot, "type"),
        action: maybe(bot, "action"),
        bot_category: texts(bot, "botCategory"),
        bot_score: number(bot, "botScore"),
        bot_score_response_segment: maybe(bot, "botScoreResponseSegment"),
        botnet_id: maybe(bot, "botnetId"),
    }
}

fn akamai_user_risk(risk: Json<'_>) -> wit::AkamaiUserRisk {
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

pub(super) fn request(group: Part<'_>) -> wit::Request {
    let geoip = part(group, "geoip");
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

pub(super) fn transaction(group: Part<'_>) -> wit::Transaction {
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

pub(super) fn user(group: Part<'_>) -> wit::User {
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

pub(super) fn identity(identity: Json<'_>) -> wit::Identity {
    wit::Identity {
        connection: maybe(identity, "connection"),
        provider: maybe(identity, "provider"),
        user_id: maybe(identity, "user_id"),
        is_social: flag(identity, "isSocial"),
        profile_data: json(identity, "profileData"),
    }
}

pub(super) fn enrolled_factor(factor: Json<'_>) -> wit::EnrolledFactor {
    wit::EnrolledFactor { type_: text(factor, "type"), options: json(factor, "options") }
}

/// A member that is there and not `null`.
fn part<'v>(group: impl Into<Part<'v>>, key: &str) -> Part<'v> {
    group.into()?.get(key).filter(|value| !value.is_null())
}

fn maybe<'v>(group: impl Into<Part<'v>>, key: &str) -> Option<String> {
    part(group, key)?.as_str().map(str::to_owned)
}

pub(super) fn text<'v>(group: impl Into<Part<'v>>, key: &str) -> String {
    maybe(group, key).unwrap_or_default()
}

pub(super) fn number<'v>(group: impl Into<Part<'v>>, key: &str) -> Option<f64> {
    part(group, key)?.as_f64()
}

fn flag<'v>(group: impl Into<Part<'v>>, key: &str) -> Option<bool> {
    part(group, key)?.as_bool()
}

fn json<'v>(group: impl Into<Part<'v>>, key: &str) -> Option<String> {
    part(group, key).map(|value| value.to_string())
}

/// A list of strings; a single string, as some senders write it, is a list of
/// one.
pub(super) fn texts<'v>(group: impl Into<Part<'v>>, key: &str) -> Vec<String> {
    let Some(texts) = part(group, key) else { return Vec::new() };
    let one = texts.as_str().into_iter();
    one.chain(texts.items().filter_map(Json::as_str)).map(str::to_owned).collect()
}

pub(super) fn pairs<'v>(group: impl Into<Part<'v>>, key: &str) -> Pairs {
    let members = part(group, key).into_iter().flat_map(Json::members);
    let pair =
        |(name, value): (&str, Json<'_>)| Some((name.to_owned(), value.as_str()?.to_owned()));
    members.filter_map(pair).collect()
}
