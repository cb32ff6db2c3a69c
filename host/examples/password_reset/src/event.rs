//! The event of a flow: what its actions get to know of the user and the
//! request. The contract's fields are all here; fill in what you know.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use flowhost::{Event, Timestamp};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::database::now;
use crate::users::User;

/// The event of a user who has opened the link in their mail: the first
/// challenge, passed by `email`.
pub(crate) fn of(app: &App, user: &User, request: Map<String, Value>) -> flowhost::Result<Event> {
    let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).to_string();
    let mut all = json!({ "method": "POST", "body": {}, "query": {}, "geoip": {} });
    if let Some(all) = all.as_object_mut() {
        all.extend(request);
    }
    let event = json!({
        "authentication": { "methods": [{ "name": "email", "timestamp": at(now()) }] },
        "authorization": { "roles": [] },
        "client": {
            "client_id": "portal",
            "name": "Customer portal",
            "metadata": { "after_reset": format!("{}/done", app.public.origin) },
        },
        "connection": { "id": "users", "name": "users", "strategy": "auth0" },
        "request": all,
        "stats": { "logins_count": 0 },
        "tenant": { "id": app.public.host },
        "transaction": { "locale": "en", "ui_locales": ["en"] },
        "user": {
            "user_id": user.id,
            "email": user.email,
            "email_verified": true,
            "name": user.name,
            "created_at": at(user.created_at),
            "updated_at": at(user.changed_at),
            "app_metadata": {},
            "user_metadata": {},
            "identities": [],
            "enrolledFactors": [{ "type": "otp" }],
        },
    });
    Event::from_json(&event.to_string())
}

/// `event.request`, as far as it is known of any request.
pub(crate) fn request(app: &App, ip: IpAddr, headers: &HeaderMap) -> Map<String, Value> {
    let mut request = Map::new();
    request.insert("ip".to_owned(), ip.to_string().into());
    request.insert("hostname".to_owned(), app.public.host.clone().into());
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // The first of `de-CH,de;q=0.9,en;q=0.8`.
    let language = text(ACCEPT_LANGUAGE).and_then(|all| all.split([',', ';']).next());
    for (name, value) in [("user_agent", text(USER_AGENT)), ("language", language)] {
        request.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    request
}
