//! The contract's records, read from the event's JSON.
//!
//! One function for each record: which JSON name goes to which field. Names in
//! the JSON mix camel and snake case and are those of the event's definition.

use super::node::Node;
use crate::{
    AkamaiBot, AkamaiSignals, AkamaiUserRisk, Authentication, AuthenticationMethod, Authorization,
    Client, Connection, CustomDomain, EnrolledFactor, Geoip, Identity, Organization, Prompt,
    Request, RiskAssessment, Stats, SupplementalSignals, Tenant, Transaction, User,
};

pub(super) fn authentication(n: &Node<'_>) -> Authentication {
    Authentication {
        methods: n.opt_list("methods").unwrap_or_default().iter().map(method).collect(),
        risk_assessment: n.at("riskAssessment").present().map(|n| RiskAssessment {
            supplemental: n.at("supplemental").present().map(|n| SupplementalSignals {
                akamai: n.at("akamai").present().map(|n| AkamaiSignals {
                    akamai_bot: n.at("akamaiBot").present().map(|n| akamai_bot(&n)),
                    akamai_user_risk: n.at("akamaiUserRisk").present().map(|n| user_risk(&n)),
                }),
            }),
        }),
    }
}

fn method(n: &Node<'_>) -> AuthenticationMethod {
    AuthenticationMethod {
        name: n.text("name"),
        timestamp: n.text("timestamp"),
        type_: n.opt_text("type"),
    }
}

fn akamai_bot(n: &Node<'_>) -> AkamaiBot {
    AkamaiBot {
        type_: n.opt_text("type"),
        action: n.opt_text("action"),
        bot_category: n.texts("botCategory"),
        bot_score: n.opt_number("botScore"),
        bot_score_response_segment: n.opt_text("botScoreResponseSegment"),
        botnet_id: n.opt_text("botnetId"),
    }
}

fn user_risk(n: &Node<'_>) -> AkamaiUserRisk {
    AkamaiUserRisk {
        action: n.opt_text("action"),
        email_domain: n.opt_text("emailDomain"),
        ouid: n.opt_text("ouid"),
        requestid: n.opt_text("requestid"),
        username: n.opt_text("username"),
        uuid: n.opt_text("uuid"),
        allow: n.opt_number("allow"),
        score: n.opt_number("score"),
        status: n.opt_number("status"),
        general: n.opt_json("general"),
        risk: n.opt_json("risk"),
        trust: n.opt_json("trust"),
    }
}

pub(super) fn authorization(n: &Node<'_>) -> Authorization {
    Authorization { roles: n.texts("roles") }
}

pub(super) fn client(n: &Node<'_>) -> Client {
    Client {
        client_id: n.text("client_id"),
        name: n.text("name"),
        metadata: n.texts_by_name("metadata"),
    }
}

pub(super) fn connection(n: &Node<'_>) -> Connection {
    Connection {
        id: n.text("id"),
        name: n.text("name"),
        strategy: n.text("strategy"),
        metadata: n.texts_by_name("metadata"),
    }
}

pub(super) fn custom_domain(n: &Node<'_>) -> CustomDomain {
    CustomDomain { domain: n.text("domain"), domain_metadata: n.texts_by_name("domain_metadata") }
}

pub(super) fn organization(n: &Node<'_>) -> Organization {
    Organization {
        id: n.text("id"),
        display_name: n.text("display_name"),
        name: n.text("name"),
        metadata: n.texts_by_name("metadata"),
    }
}

pub(super) fn prompt(n: &Node<'_>) -> Prompt {
    Prompt { id: n.text("id"), fields: n.opt_json("fields"), vars: n.opt_json("vars") }
}

pub(super) fn request(n: &Node<'_>) -> Request {
    Request {
        body: n.json("body"),
        query: n.json("query"),
        method: n.text("method"),
        ip: n.text("ip"),
        hostname: n.opt_text("hostname"),
        language: n.opt_text("language"),
        user_agent: n.opt_text("user_agent"),
        geoip: geoip(&n.at("geoip")),
    }
}

fn geoip(n: &Node<'_>) -> Geoip {
    Geoip {
        city_name: n.opt_text("cityName"),
        continent_code: n.opt_text("continentCode"),
        country_code: n.opt_text("countryCode"),
        country_code3: n.opt_text("countryCode3"),
        country_name: n.opt_text("countryName"),
        subdivision_code: n.opt_text("subdivisionCode"),
        subdivision_name: n.opt_text("subdivisionName"),
        time_zone: n.opt_text("timeZone"),
        latitude: n.opt_number("latitude"),
        longitude: n.opt_number("longitude"),
    }
}

pub(super) fn stats(n: &Node<'_>) -> Stats {
    Stats { logins_count: n.number("logins_count") }
}

pub(super) fn tenant(n: &Node<'_>) -> Tenant {
    Tenant { id: n.text("id") }
}

pub(super) fn transaction(n: &Node<'_>) -> Transaction {
    Transaction {
        correlation_id: n.opt_text("correlation_id"),
        locale: n.text("locale"),
        login_hint: n.opt_text("login_hint"),
        state: n.opt_text("state"),
        ui_locales: n.texts("ui_locales"),
        acr_values: n.texts("acr_values"),
        requested_scopes: n.texts("requested_scopes"),
        protocol: n.opt_text("protocol"),
        redirect_uri: n.opt_text("redirect_uri"),
        prompt: n.texts("prompt"),
        response_mode: n.opt_text("response_mode"),
        response_type: n.texts("response_type"),
        linking_id: n.opt_text("linking_id"),
    }
}

pub(super) fn user(n: &Node<'_>) -> User {
    User {
        user_id: n.text("user_id"),
        created_at: n.text("created_at"),
        updated_at: n.text("updated_at"),
        email: n.opt_text("email"),
        email_verified: n.flag("email_verified"),
        family_name: n.opt_text("family_name"),
        given_name: n.opt_text("given_name"),
        last_password_reset: n.opt_text("last_password_reset"),
        name: n.opt_text("name"),
        nickname: n.opt_text("nickname"),
        phone_number: n.opt_text("phone_number"),
        phone_verified: n.opt_flag("phone_verified"),
        picture: n.opt_text("picture"),
        username: n.opt_text("username"),
    }
}

pub(super) fn identity(n: &Node<'_>) -> Identity {
    Identity {
        connection: n.opt_text("connection"),
        provider: n.opt_text("provider"),
        user_id: n.opt_text("user_id"),
        is_social: n.opt_flag("isSocial"),
        profile_data: n.opt_json("profileData"),
    }
}

pub(super) fn enrolled_factor(n: &Node<'_>) -> EnrolledFactor {
    EnrolledFactor { type_: n.text("type"), options: n.opt_json("options") }
}
