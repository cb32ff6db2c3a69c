//! Raw wasmtime: a component instantiated and called with the settings that flowhost
//! has, and host functions that hand out what lies ready.

use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker, TypedFunc};
use wasmtime::{Engine, Store};

#[allow(dead_code, unreachable_pub, missing_docs, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({ path: "wit", world: "imports" });
}

use generated::flowhost::post_challenge::event as wit;
use generated::flowhost::post_challenge::types::Failure;

/// Enough for everything here.
const FUEL: u64 = 500_000_000;

pub(crate) struct Raw {
    engine: Engine,
    pre: InstancePre<()>,
    handle: ComponentExportIndex,
}

impl Raw {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let engine = flowhost::measure::wasmtime(4).expect("an engine");
        let component = Component::new(&engine, bytes).expect("a component");
        let mut linker = Linker::new(&engine);
        event(&mut linker).expect("functions");
        linker.define_unknown_imports_as_traps(&component).expect("the rest");
        let pre = linker.instantiate_pre(&component).expect("linked");
        let export = component.get_export_index(None, "flowhost:post-challenge/on-execute@1.0.0");
        let handle = component.get_export_index(export.as_ref(), "handle").expect("a handler");
        Raw { engine, pre, handle }
    }

    pub(crate) async fn run(&self) {
        let mut store = Store::new(&self.engine, ());
        store.set_fuel(FUEL).expect("fuel");
        store.fuel_async_yield_interval(Some(1_000_000)).expect("yields");
        store.set_epoch_deadline(1_000_000);
        let instance = self.pre.instantiate_async(&mut store).await.expect("an instance");
        let handle: TypedFunc<(), (Result<(), Failure>,)> =
            instance.get_typed_func(&mut store, self.handle).expect("the handler");
        let (result,) = handle.call_async(&mut store, ()).await.expect("a run");
        assert!(result.is_ok());
    }
}

/// What is handed out is the text of the example's event.
fn event(linker: &mut Linker<()>) -> wasmtime::Result<()> {
    let mut event = linker.instance("flowhost:post-challenge/event@1.0.0")?;
    event.func_wrap("get-text-at", |_, (pointer,): (String,)| {
        assert_eq!(pointer, "/user/email");
        Ok((Some("jane@example.com".to_owned()),))
    })?;
    let connection = wit::Connection {
        id: "con_9Vb2Kd".to_owned(),
        name: "Username-Password-Authentication".to_owned(),
        strategy: "auth0".to_owned(),
        metadata: pairs(&["region"]),
    };
    event.func_wrap("get-connection", move |_, (): ()| Ok((connection.clone(),)))?;
    event.func_wrap("get-stats", |_, (): ()| Ok((wit::Stats { logins_count: 17.0 },)))?;
    event.func_wrap("get-tenant", |_, (): ()| Ok((wit::Tenant { id: "acme".to_owned() },)))?;
    let authorization = wit::Authorization { roles: texts(&["member", "billing"]) };
    event.func_wrap("get-authorization", move |_, (): ()| Ok((authorization.clone(),)))?;
    let client = wit::Client {
        client_id: "X1qkbGUfB0iQKR7dQ2vFhE2WJwXWjLOG".to_owned(),
        name: "Acme Portal".to_owned(),
        metadata: pairs(&["tier"]),
    };
    event.func_wrap("get-client", move |_, (): ()| Ok((client.clone(),)))?;
    let methods = vec![wit::AuthenticationMethod {
        name: "email".to_owned(),
        timestamp: "2026-02-03T09:14:00.000Z".to_owned(),
        type_: None,
    }];
    let authentication = wit::Authentication { methods, risk_assessment: None };
    event.func_wrap("get-authentication", move |_, (): ()| Ok((authentication.clone(),)))?;
    event.func_wrap("get-custom-domain", |_, (): ()| Ok((None::<wit::CustomDomain>,)))?;
    event.func_wrap("get-organization", |_, (): ()| Ok((None::<wit::Organization>,)))?;
    let request = request();
    event.func_wrap("get-request", move |_, (): ()| Ok((request.clone(),)))?;
    let transaction = transaction();
    event.func_wrap("get-transaction", move |_, (): ()| Ok((transaction.clone(),)))?;
    let user = user();
    event.func_wrap("get-user", move |_, (): ()| Ok((user.clone(),)))?;
    let identities = vec![wit::Identity {
        connection: text("Username-Password-Authentication"),
        provider: text("auth0"),
        user_id: text("5f7c8ec7c33c6c004bbafe82"),
        is_social: Some(false),
        profile_data: None,
    }];
    event.func_wrap("get-identities", move |_, (): ()| Ok((identities.clone(),)))?;
    let factors = ["push-notification", "otp"]
        .map(|kind| wit::EnrolledFactor { type_: kind.to_owned(), options: None });
    event.func_wrap("get-enrolled-factors", move |_, (): ()| Ok((Some(factors.to_vec()),)))?;
    for name in ["get-app-metadata", "get-user-metadata"] {
        event.func_wrap(name, |_, (): ()| Ok((r#"{"plan":"team","since":2021}"#.to_owned(),)))?;
    }
    Ok(())
}

fn request() -> wit::Request {
    wit::Request {
        body: "{}".to_owned(),
        query: r#"{"locale":"en"}"#.to_owned(),
        method: "POST".to_owned(),
        ip: "203.0.113.7".to_owned(),
        hostname: text("acme.example.com"),
        language: text("en"),
        user_agent: text("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        geoip: wit::Geoip {
            city_name: text("Berlin"),
            continent_code: text("EU"),
            country_code: text("DE"),
            country_code3: text("DEU"),
            country_name: text("Germany"),
            subdivision_code: None,
            subdivision_name: None,
            time_zone: text("Europe/Berlin"),
            latitude: Some(52.5),
            longitude: Some(13.4),
        },
    }
}

fn transaction() -> wit::Transaction {
    wit::Transaction {
        correlation_id: text("c0a8012e-4d1c-4d0a"),
        locale: "en".to_owned(),
        login_hint: None,
        state: text("af0ifjsldkj"),
        ui_locales: texts(&["en"]),
        acr_values: Vec::new(),
        requested_scopes: texts(&["openid", "profile"]),
        protocol: text("oidc-basic-profile"),
        redirect_uri: text("https://app.example.com/callback"),
        prompt: Vec::new(),
        response_mode: text("query"),
        response_type: texts(&["code"]),
        linking_id: None,
    }
}

fn user() -> wit::User {
    wit::User {
        user_id: "auth0|5f7c8ec7c33c6c004bbafe82".to_owned(),
        created_at: "2021-04-01T08:00:00.000Z".to_owned(),
        updated_at: "2026-02-03T09:13:00.000Z".to_owned(),
        email: text("jane@example.com"),
        email_verified: true,
        family_name: text("Doe"),
        given_name: text("Jane"),
        last_password_reset: None,
        name: text("Jane Doe"),
        nickname: text("jane"),
        phone_number: text("+493012345678"),
        phone_verified: Some(true),
        picture: text("https://cdn.example.com/jane.png"),
        username: None,
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn pairs(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|&name| (name.to_owned(), "value".to_owned())).collect()
}
