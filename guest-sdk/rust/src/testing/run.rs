//! [`Run`]: what a test sets up before a handler runs.

use serde_json::{Map, Value, json};

use super::report::Report;
use super::world::{World, enter};
use crate::action::{continue_, execute};
use crate::bindings::flowhost::post_challenge::types::Failure;
use crate::{Action, CacheRecord, Continue};

/// A run that is about to happen.
///
/// The event is a plain one: `auth0|ada` with a verified email address, an
/// email link as the first factor, no enrolled factors, no configuration, no
/// secrets. Tests say what differs.
#[derive(Clone, Debug)]
#[must_use = "a run does nothing until `execute` or `continue_`"]
pub struct Run {
    pub(super) world: World,
}

impl Run {
    /// With the plain event.
    pub fn new() -> Self {
        Self { world: World::new() }
    }

    /// With what differs from the plain event: objects are merged key by key,
    /// `null` removes a key, all else replaces (RFC 7396).
    pub fn with_event(changes: Value) -> Self {
        Self::new().event(changes)
    }

    /// Change the event further.
    pub fn event(mut self, changes: Value) -> Self {
        merge(&mut self.world.event, changes);
        self
    }

    /// The action's configuration.
    pub fn configuration(mut self, configuration: Value) -> Self {
        self.world.configuration = configuration;
        self
    }

    /// One of the action's secrets.
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.world.secrets.insert(name.to_owned(), value.to_owned());
        self
    }

    /// An entry that is in the cache already.
    ///
    /// # Panics
    ///
    /// When the cache would refuse it.
    pub fn cached(mut self, key: &str, value: &str) -> Self {
        let expiry = crate::wit::cache::Expiry { ttl: None, expires_at: None };
        let stored: Result<CacheRecord, _> = self.world.store.set(key, value, expiry);
        stored.unwrap_or_else(|refusal| panic!("{}: {}", refusal.code, refusal.message));
        self
    }

    /// What `validate_token` answers: the claims, or the reason why the token
    /// is refused. Unless set, the user came back without a token.
    pub fn token(mut self, answer: Result<Value, &str>) -> Self {
        self.world.returned_token = Some(answer.map_err(str::to_owned));
        self
    }

    /// The request the user comes back with: a POSTed form when `body` has
    /// something in it.
    pub fn resume(mut self, query: Value, body: Value) -> Self {
        let posted = body.as_object().is_some_and(|body| !body.is_empty());
        let request = &mut self.world.event["request"];
        request["method"] = json!(if posted { "POST" } else { "GET" });
        request["query"] = query;
        request["body"] = body;
        self
    }

    /// Run [`Action::on_execute`].
    #[must_use]
    pub fn execute<A: Action>(self) -> Report {
        self.run(execute::<A>)
    }

    /// Run [`Continue::on_continue`].
    #[must_use]
    pub fn continue_<A: Continue>(self) -> Report {
        self.run(continue_::<A>)
    }

    fn run(self, handle: fn() -> Result<(), Failure>) -> Report {
        let (world, result) = enter(self.world, handle);
        Report::new(world, result)
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new()
    }
}

/// JSON Merge Patch (RFC 7396).
fn merge(target: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else {
        *target = changes;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (key, change) in changes {
        match change {
            Value::Null => drop(target.as_object_mut().and_then(|object| object.remove(&key))),
            change => merge(&mut target[key], change),
        }
    }
}
