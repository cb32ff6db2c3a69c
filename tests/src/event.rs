//! A complete, realistic event: every key of the contract is in it.

use serde_json::{Value, json};

/// The event.
pub fn event() -> Value {
    json!({
        "authentication": {
            "methods": [{ "name": "email", "timestamp": "2026-01-31T11:59:58.000Z" }],
            "riskAssessment": { "supplemental": { "akamai": {
                "akamaiBot": {
                    "type": "Akamai-Categorized Bot", "action": "monitor",
                    "botCategory": ["Web Search Engine Bots"], "botScore": 12,
                    "botScoreResponseSegment": "cautious", "botnetId": "none"
                },
                "akamaiUserRisk": {
                    "action": "monitor", "emailDomain": "example.com", "ouid": "m534264",
                    "requestid": "19e22e", "username": "ada", "uuid": "0c1e",
                    "allow": 0, "score": 7.5, "status": 4,
                    "general": { "aci": "0" }, "risk": { "unp": "432/H" }, "trust": { "udbp": "Chrome" }
                }
            } } }
        },
        "authorization": { "roles": ["member", "editor"] },
        "client": {
            "client_id": "client-1", "name": "Portal", "metadata": { "plan": "gold" },
            "extra": { "kept": true }
        },
        "connection": {
            "id": "con_1", "name": "Users", "strategy": "auth0", "metadata": { "region": "eu" }
        },
        "custom_domain": { "domain": "login.example.com", "domain_metadata": { "brand": "b1" } },
        "organization": {
            "id": "org_1", "display_name": "Example Ltd", "name": "example",
            "metadata": { "tier": "1" }, "branding": { "colour": "#fff" }
        },
        "request": {
            "body": { "from": "form" }, "query": { "connection": "Users" },
            "method": "POST", "ip": "203.0.113.7", "hostname": "login.example.com",
            "language": "en", "user_agent": "Mozilla/5.0",
            "geoip": {
                "cityName": "Bern", "continentCode": "EU", "countryCode": "CH",
                "countryCode3": "CHE", "countryName": "Switzerland", "subdivisionCode": "BE",
                "subdivisionName": "Bern", "timeZone": "Europe/Zurich",
                "latitude": 46.94809, "longitude": 7.44744, "asn": 64496
            }
        },
        "stats": { "logins_count": 42 },
        "tenant": { "id": "tenant-1" },
        "transaction": {
            "correlation_id": "corr-1", "locale": "de-CH", "login_hint": "ada@example.com",
            "state": "app-state", "ui_locales": ["de-CH", "en"],
            "acr_values": ["urn:acr:1"], "requested_scopes": ["openid", "email"],
            "protocol": "oidc-basic-profile", "redirect_uri": "https://app.example.com/callback",
            "prompt": ["login"], "response_mode": "query", "response_type": ["code"],
            "linking_id": "link-1", "later": 1.50
        },
        "user": {
            "app_metadata": { "plan": "gold", "nested": { "n": [1, 2] } },
            "user_metadata": { "likes": "tea" },
            "created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2026-01-30T00:00:00.000Z",
            "user_id": "auth0|ada", "email": "ada@example.com", "email_verified": true,
            "family_name": "Lovelace", "given_name": "Ada",
            "last_password_reset": "2025-01-01T00:00:00.000Z", "name": "Ada Lovelace",
            "nickname": "ada", "phone_number": "+41440000000", "phone_verified": true,
            "picture": "https://cdn.example.com/ada.png", "username": "ada",
            "identities": [{
                "connection": "Users", "provider": "auth0", "user_id": "ada", "isSocial": false,
                "profileData": { "locale": "de" }, "access": "x"
            }],
            "enrolledFactors": [
                { "type": "otp" },
                { "type": "phone", "options": { "number": "+41 ** 00" } },
                { "type": "push-notification" },
                { "type": "webauthn-roaming" },
                { "type": "webauthn-platform" }
            ],
            "department": "engines"
        }
    })
}

/// The event without what is at a JSON Pointer.
pub fn without(mut event: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(parent) = event.pointer_mut(parent).and_then(Value::as_object_mut) {
        parent.remove(key);
    }
    event
}
