//! What a flow is. [`FlowSpec`]: as written, by a flow file or by a program.
//! [`FlowDefinition`]: what is pinned when a flow starts: order, component
//! digests, limits and configuration, never a secret. [`Flow`]: a definition
//! with its components compiled and its secrets at hand, ready to start.

mod file;
mod reader;
mod secrets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::action::{Habits, LoadedAction};
use crate::digest::Digest;
use crate::effects::FactorType;
use crate::error::{Code, Error, Problem, Result};
use crate::limits::{LIMITS, Limits};
use crate::origin::Origin;
use crate::secret::{Redactor, Secret};
use secrets::OfAction;
pub(crate) use secrets::{FlowSecrets, Secrets};

/// The trigger this version of flowhost runs, as flow files name it.
pub const TRIGGER: &str = "post-challenge@1";

/// An action has at most so many.
const MAX_SECRETS: usize = 30;

/// Their names are at most this long, in characters.
const MAX_SECRET_NAME: usize = 128;

/// A flow as written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FlowSpec {
    /// Its name; suspended flows find their flow by it.
    pub name: String,
    /// The limits.
    pub limits: Limits,
    /// The factors that are enabled; all when none are named.
    pub factors: Option<Vec<FactorType>>,
    /// Where actions may send the user.
    pub redirects: RedirectPolicy,
    /// Where a server sends the browser when the flow waits for something
    /// that is not flowhost's to show, or has ended. Not pinned: suspended
    /// flows return to where the newest version says.
    pub return_url: Option<String>,
    /// The actions, in the order they run.
    pub actions: Vec<ActionSpec>,
    /// Where the flow came from, such as the path of its file. Kept with
    /// suspended flows, so that whoever resumes one can load it again.
    pub origin: Option<String>,
}

/// Where actions may send the user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RedirectPolicy {
    /// Origins such as `https://verify.example.com`; any when none are named.
    pub allow: Option<Vec<String>>,
    /// Allow `http` to hosts beyond loopback.
    pub allow_http: bool,
    /// Require `iss` of a session token to be the request's hostname.
    pub strict_issuer: bool,
}

/// An action as written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ActionSpec {
    /// Its name, unique in the flow.
    pub name: String,
    /// Where its component is.
    pub component: Component,
    /// `event.configuration`.
    pub configuration: Map<String, Value>,
    /// Where its secrets are.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Its limits.
    pub limits: Limits,
    /// Where it may send HTTP requests: origins such as
    /// `https://risk.example.com`. None: a component that could send any is
    /// refused. An empty list: it is not, and each request is.
    pub outbound: Option<Vec<String>>,
}

/// Where an action's component is.
#[derive(Clone)]
#[non_exhaustive]
pub enum Component {
    /// Here.
    Bytes(Vec<u8>),
    /// A component file.
    File(PathBuf),
    /// Source. The engine builds files in JavaScript and TypeScript (feature
    /// `javascript`); all else must be built first, as `flowhost build` does.
    Source(PathBuf),
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Component::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Component::File(path) => write!(f, "File({})", path.display()),
            Component::Source(path) => write!(f, "Source({})", path.display()),
        }
    }
}

/// Where a secret is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SecretSource {
    /// Here. Fit for programs that keep secrets elsewhere, not for files.
    Literal(Secret),
    /// An environment variable.
    Env(String),
    /// A file; line breaks at its end are not part of the secret.
    File(PathBuf),
}

impl FlowSpec {
    /// A flow without actions.
    pub fn new(name: impl Into<String>) -> Self {
        FlowSpec {
            name: name.into(),
            limits: Limits::default(),
            factors: None,
            redirects: RedirectPolicy::default(),
            return_url: None,
            actions: Vec::new(),
            origin: None,
        }
    }

    /// Adds an action at the end.
    #[must_use]
    pub fn action(mut self, action: ActionSpec) -> Self {
        self.actions.push(action);
        self
    }

    /// Parses the text of a flow file; paths in it are relative to `folder`.
    ///
    /// # Errors
    /// `flow_invalid` or `trigger_unknown`, with every problem by line and
    /// column.
    pub fn from_toml(text: &str, folder: &Path) -> Result<FlowSpec> {
        file::parse(text, folder)
    }

    /// Reads a flow file.
    ///
    /// # Errors
    /// `file_unreadable`, and those of [`from_toml`](FlowSpec::from_toml).
    pub fn from_file(path: &Path) -> Result<FlowSpec> {
        let text = read_text(path, "the flow file")?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut spec = FlowSpec::from_toml(&text, folder).map_err(|error| error.in_file(path))?;
        let origin = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        spec.origin = origin.to_str().map(str::to_owned);
        Ok(spec)
    }

    /// What a flow made by a program must keep to, as one from a file does.
    pub(crate) fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        if self.actions.is_empty() {
            problems.push(Problem::new("the flow has no action"));
        }
        for (index, action) in self.actions.iter().enumerate() {
            let mut note = |message: &str| problems.push(Problem::at_path(&action.name, message));
            // Secrets are found by the action's name.
            if self.actions[..index].iter().any(|other| other.name == action.name) {
                note("two actions have this name");
            }
            if action.secrets.len() > MAX_SECRETS {
                note("an action has at most 30 secrets");
            }
            if action.secrets.keys().any(|name| name.chars().count() > MAX_SECRET_NAME) {
                note("a secret's name has at most 128 characters");
            }
            for limit in LIMITS {
                let value = action.limits.get(limit.name);
                if let Some(why) = value.and_then(|value| limit.refuse(value)) {
                    note(&why);
                }
            }
            for text in action.outbound.iter().flatten() {
                if let Err(why) = Origin::granted(text) {
                    note(&format!("`outbound`: `{text}` is {why}"));
                }
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => {
                Err(Error::new(Code::FlowInvalid, "the flow has problems").with_problems(problems))
            }
        }
    }

    /// What is allowed but unwise.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = Vec::new();
        for action in &self.actions {
            for (name, source) in &action.secrets {
                let place = format!("{}.secrets.{name}", action.name);
                if matches!(source, SecretSource::Literal(_)) {
                    let message = "a secret in the flow file; use { env = … } or { file = … }";
                    warnings.push(Problem::at_path(place, message));
                }
            }
        }
        warnings
    }
}

impl ActionSpec {
    /// An action with nothing but its component.
    pub fn new(name: impl Into<String>, component: Component) -> Self {
        ActionSpec {
            name: name.into(),
            component,
            configuration: Map::new(),
            secrets: BTreeMap::new(),
            limits: Limits::default(),
            outbound: None,
        }
    }

    /// Lets it send HTTP requests to these origins.
    #[must_use]
    pub fn outbound<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.outbound = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Sets `event.configuration`.
    #[must_use]
    pub fn configuration(mut self, configuration: Map<String, Value>) -> Self {
        self.configuration = configuration;
        self
    }

    /// Adds a secret.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.secrets.insert(name.into(), SecretSource::Literal(secret));
        self
    }
}

/// What is pinned when a flow starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowDefinition {
    pub(crate) name: String,
    pub(crate) trigger: String,
    pub(crate) limits: Limits,
    pub(crate) factors: Option<Vec<FactorType>>,
    pub(crate) redirects: RedirectPolicy,
    pub(crate) actions: Vec<ActionDefinition>,
}

/// What is pinned of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ActionDefinition {
    pub(crate) name: String,
    pub(crate) component: Digest,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) limits: Limits,
    /// Names only.
    pub(crate) secrets: Vec<String>,
    /// Absent in records of flows that grant nothing, and of versions that
    /// could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) outbound: Option<Vec<Origin>>,
}

impl FlowDefinition {
    pub(crate) fn of(spec: &FlowSpec, components: impl Iterator<Item = Digest>) -> Self {
        let action = |(action, component): (&ActionSpec, Digest)| ActionDefinition {
            name: action.name.clone(),
            component,
            configuration: action.configuration.clone(),
            limits: action.limits.clone(),
            secrets: action.secrets.keys().cloned().collect(),
            // Checked before: what is no origin is no grant.
            outbound: action.outbound.as_ref().map(|origins| {
                origins.iter().filter_map(|text| Origin::granted(text).ok()).collect()
            }),
        };
        FlowDefinition {
            name: spec.name.clone(),
            trigger: TRIGGER.to_owned(),
            limits: spec.limits.clone(),
            factors: spec.factors.clone(),
            redirects: spec.redirects.clone(),
            actions: spec.actions.iter().zip(components).map(action).collect(),
        }
    }

    /// The digest by which reports and suspensions name the definition.
    pub(crate) fn digest(&self) -> Digest {
        // A struct of strings, numbers and maps always has a JSON form.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// A flow that is ready to start. Cheap to clone.
#[derive(Clone)]
pub struct Flow(pub(crate) Arc<FlowInner>);

pub(crate) struct FlowInner {
    pub(crate) definition: Arc<FlowDefinition>,
    pub(crate) digest: Digest,
    pub(crate) actions: Vec<Arc<BoundAction>>,
    pub(crate) origin: Option<String>,
}

/// An action in its place in a flow.
pub(crate) struct BoundAction {
    pub(crate) name: String,
    pub(crate) component: Arc<LoadedAction>,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) habits: Arc<Habits>,
    pub(crate) limits: Limits,
    /// Where it may send requests.
    #[cfg_attr(not(feature = "outbound"), expect(dead_code, reason = "nothing asks"))]
    pub(crate) outbound: Vec<Origin>,
}

impl BoundAction {
    pub(crate) fn new(
        definition: &ActionDefinition,
        component: Arc<LoadedAction>,
        secrets: &FlowSecrets,
    ) -> Arc<Self> {
        let OfAction { secrets, redactor, habits } = secrets.of(&definition.name);
        Arc::new(BoundAction {
            name: definition.name.clone(),
            component,
            configuration: definition.configuration.clone(),
            secrets,
            redactor,
            habits,
            limits: definition.limits.clone(),
            outbound: definition.outbound.clone().unwrap_or_default(),
        })
    }
}

impl Flow {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0.definition.name
    }

    /// The digest of its definition.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// The names of its actions, in the order they run.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.0.actions.iter().map(|action| action.name.as_str())
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// Reads a text file, or says which and why not.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<String> {
    let unreadable = |why: String| {
        let message = format!("{what} cannot be read: {}: {why}", path.display());
        Error::new(Code::FileUnreadable, message)
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))
}
