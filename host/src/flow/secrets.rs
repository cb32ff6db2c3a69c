//! The secrets of a flow's actions: fetched from where the flow file says when
//! a flow is loaded, never stored with a suspended one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ActionDefinition, ActionSpec, FlowSpec, SecretSource};
use crate::action::Habits;
use crate::error::{Code, Error, Result};
use crate::secret::{Redactor, Secret};

/// Secrets are at most this long, in characters.
const MAX_SECRET: usize = 4096;

impl SecretSource {
    fn resolve(&self, place: &str) -> Result<Secret> {
        let unavailable =
            |why: String| Error::new(Code::SecretUnavailable, format!("{place}: {why}"));
        let secret = match self {
            SecretSource::Literal(secret) => secret.clone(),
            SecretSource::Env(name) => match std::env::var(name) {
                Ok(value) => Secret::new(value),
                Err(_) => {
                    return Err(unavailable(format!("environment variable {name} is not set"))
                        .with_hint(format!("set {name}, or name a file: {{ file = \"…\" }}")));
                }
            },
            SecretSource::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => {
                    let text = Secret::new(text);
                    Secret::new(text.expose().trim_end_matches(['\r', '\n']))
                }
                Err(error) => return Err(unavailable(format!("{}: {error}", path.display()))),
            },
        };
        let length = secret.expose().chars().count();
        if length > MAX_SECRET {
            let why = format!("{length} characters; at most {MAX_SECRET} are allowed");
            return Err(unavailable(why));
        }
        Ok(secret)
    }
}

/// The secrets of one action.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    pub(crate) fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret))
    }
}

/// The secrets of all actions of a flow, as they are today.
#[derive(Debug, Default)]
pub(crate) struct FlowSecrets(BTreeMap<String, OfAction>);

/// What an action of a flow has today, whichever version of the flow it runs in.
#[derive(Debug, Default, Clone)]
pub(crate) struct OfAction {
    pub(super) secrets: Arc<Secrets>,
    pub(super) redactor: Arc<Redactor>,
    /// How its runs were lately.
    pub(super) habits: Arc<Habits>,
}

impl FlowSecrets {
    /// Fetches the secrets from where they are.
    pub(crate) fn fetch(spec: &FlowSpec) -> Result<Self> {
        let of_action = |action: &ActionSpec| -> Result<_> {
            let resolve = |(name, source): (&String, &SecretSource)| {
                let place = format!("secret `{name}` of action `{}`", action.name);
                source.resolve(&place).map(|secret| (name.clone(), secret))
            };
            let secrets = Secrets(action.secrets.iter().map(resolve).collect::<Result<_>>()?);
            let redactor = Redactor::new(secrets.iter());
            let (secrets, redactor) = (Arc::new(secrets), Arc::new(redactor));
            Ok((action.name.clone(), OfAction { secrets, redactor, habits: Arc::default() }))
        };
        spec.actions.iter().map(of_action).collect::<Result<_>>().map(FlowSecrets)
    }

    /// Those of one action.
    pub(super) fn of(&self, action: &str) -> OfAction {
        self.0.get(action).cloned().unwrap_or_default()
    }

    /// A secret that was there when the flow started and is not any more.
    pub(crate) fn missing<'p>(&self, pinned: &'p ActionDefinition) -> Option<&'p str> {
        let today = self.0.get(&pinned.name).map(|today| &today.secrets);
        let gone = |name: &&String| today.is_none_or(|secrets| secrets.get(name).is_none());
        pinned.secrets.iter().find(gone).map(String::as_str)
    }
}
