//! [`Report`]: what a test finds after a handler ran.

use serde_json::{Value, json};

use super::world::World;
use super::{Command, LogLine, Run, Token};
use crate::Error;
use crate::bindings::flowhost::post_challenge::types::Failure;

/// A run that has happened.
#[derive(Clone, Debug)]
pub struct Report {
    world: World,
    error: Option<Error>,
}

impl Report {
    pub(super) fn new(mut world: World, result: Result<(), Failure>) -> Self {
        let error = result.err().map(|failure| {
            // A failed run asks for nothing.
            world.commands.clear();
            let error = Error::new(failure.name, failure.message);
            failure.stack.into_iter().fold(error, Error::with_stack)
        });
        Self { world, error }
    }

    /// What the run asked for, in call order; nothing when it failed.
    #[must_use]
    pub fn commands(&self) -> &[Command] {
        &self.world.commands
    }

    /// What the run said.
    #[must_use]
    pub fn logs(&self) -> &[LogLine] {
        &self.world.logs
    }

    /// What the run had signed.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.world.tokens
    }

    /// The error the handler returned.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The value in the cache under `key`.
    #[must_use]
    pub fn cached(&self, key: &str) -> Option<&str> {
        self.world.store.get(key).map(|record| record.value.as_str())
    }

    /// A next run of the same flow, with the cache as it is now.
    pub fn next(&self) -> Run {
        Run { world: self.world.after_run() }
    }

    /// The user comes back from a redirect.
    pub fn resume(&self, query: Value, body: Value) -> Run {
        self.next().resume(query, body)
    }

    /// The user fills in the form this run showed.
    ///
    /// # Panics
    ///
    /// When it showed none.
    pub fn answer(&self, fields: Value) -> Run {
        let form = self.commands().iter().find_map(|command| match command {
            Command::Render { id, vars, .. } => Some((id, vars)),
            _ => None,
        });
        let (id, vars) = form.expect("the run rendered no prompt");
        let prompt = json!({"id": id, "fields": fields, "vars": vars});
        self.resume(json!({}), fields).event(json!({ "prompt": prompt }))
    }
}
