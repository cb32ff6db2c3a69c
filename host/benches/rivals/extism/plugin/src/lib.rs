//! What `benches/guests/reads-three` does, as an author for Extism would write it: the
//! event comes as JSON, what is asked for goes back as JSON.

use extism_pdk::{FnResult, Json, plugin_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Event {
    connection: Connection,
    stats: Stats,
    user: User,
}

#[derive(Deserialize)]
struct Connection {
    name: String,
}

#[derive(Deserialize)]
struct Stats {
    logins_count: f64,
}

#[derive(Deserialize)]
struct User {
    email: Option<String>,
}

#[derive(Serialize)]
struct Commands {
    deny: Option<String>,
}

#[plugin_fn]
pub fn on_execute(Json(event): Json<Event>) -> FnResult<Json<Commands>> {
    let email = event.user.email.unwrap_or_default();
    let internal = event.connection.name == "employees";
    let refused =
        internal && event.stats.logins_count < 1.0 && !email.ends_with("@example.com");
    let deny = refused.then(|| "This address is unknown to us.".to_owned());
    Ok(Json(Commands { deny }))
}
