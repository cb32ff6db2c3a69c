//! Everything the double knows: what the test set up and what the action did.
//!
//! One [`World`] is in the thread while a handler runs. It is put there by
//! [`Run`](super::Run) and taken out again into the
//! [`Report`](super::Report); the functions of the double reach it through
//! [`with`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::store::Store;
use super::{Command, LogLine, Token};
use crate::bindings::flowhost::post_challenge::types::ApiError;

/// How many requests one run may make.
const MAX_COMMANDS: usize = 32;

/// The state of one test.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) event: Value,
    pub(super) configuration: Value,
    pub(super) secrets: BTreeMap<String, String>,
    /// What `validate_token` answers; `None`: the user brought no token.
    pub(super) returned_token: Option<Result<Value, String>>,
    pub(super) store: Store,
    pub(super) commands: Vec<Command>,
    pub(super) logs: Vec<LogLine>,
    pub(super) tokens: Vec<Token>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            event: serde_json::from_str(include_str!("event.json")).expect("event.json is JSON"),
            configuration: json!({}),
            secrets: BTreeMap::new(),
            returned_token: None,
            store: Store::default(),
            commands: Vec::new(),
            logs: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// What is left for the next run: the surroundings, without what the last
    /// run did.
    pub(super) fn after_run(&self) -> Self {
        Self {
            commands: Vec::new(),
            logs: Vec::new(),
            tokens: Vec::new(),
            returned_token: None,
            ..self.clone()
        }
    }

    /// The event as an action sees it.
    pub(super) fn full_event(&self) -> Value {
        let mut event = self.event.clone();
        event["secrets"] = json!(self.secrets);
        event["configuration"] = self.configuration.clone();
        event
    }

    pub(super) fn record(&mut self, command: Command) -> Result<(), ApiError> {
        if self.commands.len() == MAX_COMMANDS {
            return refuse("MaxSideEffectsExceeded", "at most 32 requests in one run");
        }
        self.commands.push(command);
        Ok(())
    }
}

pub(super) fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError { code: code.to_owned(), message: message.into() })
}

thread_local! {
    static CURRENT: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Run `handler` with `world` in the thread, and take the world out again.
pub(super) fn enter<T>(world: World, handler: impl FnOnce() -> T) -> (World, T) {
    CURRENT.set(Some(world));
    let answer = handler();
    (CURRENT.take().expect("only `enter` takes the world"), answer)
}

/// Let a call of the double at the world.
pub(super) fn with<T>(call: impl FnOnce(&mut World) -> T) -> T {
    CURRENT.with_borrow_mut(|current| {
        let world = current.as_mut().expect("no action is running: use testing::Run");
        call(world)
    })
}
