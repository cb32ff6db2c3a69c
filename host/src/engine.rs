//! [`Engine`]: loads flows, starts them, resumes them. The only caller of
//! [`action::invoke`](crate::action::invoke) and of the store.
//!
//! A start or a resume is a *leg*: from one suspension to the next, or to the
//! end. `leg.rs` runs it, this file decides what is loaded, claimed and
//! recorded.

mod builder;
mod components;
mod leg;
mod places;
mod resume;
mod standing;
mod start;
mod turn;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::action::{Pace, Runtime};
use crate::cache::Caches;
use crate::clock::{Clock, Timestamp};
use crate::cursor::Wait;
use crate::error::{Code, Error, Result};
use crate::flow::{BoundAction, Flow, FlowDefinition, FlowInner, FlowSecrets, FlowSpec};
use crate::keys::KeyRing;
use crate::outcome::{Methods, Outcome, Report};
use crate::redirect_url::RedirectUrl;
use crate::store::{Head, NewSuspension, Store};
use crate::suspension::{Names, Suspension, Ticket, subject};

pub use builder::EngineBuilder;
use components::Components;
use leg::{Ending, Leg, Passage};
pub use resume::Resume;
pub use standing::{FlowStatus, FlowView};
pub use start::PendingStart;
use turn::{Turn, Turns};

/// How long a claim outlives the time its leg may take: for writing down what
/// came of it.
const LEASE_MARGIN_MILLIS: u64 = 10_000;

/// Runs flows. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    runtime: Arc<Runtime>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keys: KeyRing,
    caches: Arc<Caches>,
    components: Components,
    /// The secrets of the newest version of each flow, by name.
    secrets: Mutex<HashMap<String, Arc<FlowSecrets>>>,
    turns: Turns,
    /// What passages through flows are called.
    names: Names,
    #[cfg(feature = "outbound")]
    connector: Arc<crate::api::outbound::Connector>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with other settings than the default ones.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::new()
    }

    /// Compiles a flow's actions and fetches its secrets. From now on it is
    /// the newest version of the flow with this name; suspended flows go on
    /// with the definition they were started with.
    ///
    /// # Errors
    /// What is wrong with the flow, its components or its secrets.
    pub async fn load(&self, spec: FlowSpec) -> Result<Flow> {
        let allowed = spec.limits.actions;
        if spec.actions.len() as u64 > allowed {
            let message =
                format!("the flow has {} actions; {allowed} are allowed", spec.actions.len());
            return Err(Error::new(Code::TooManyActions, message));
        }
        spec.check()?;
        let secrets = Arc::new(FlowSecrets::fetch(&spec)?);
        let components = self.0.components.load_all(&self.0.runtime, &spec.actions).await?;
        let definition = FlowDefinition::of(&spec, components.iter().map(|c| c.digest));
        let bind = |(action, component)| BoundAction::new(action, component, &secrets);
        let actions = definition.actions.iter().zip(components).map(bind).collect();
        let digest = definition.digest();
        self.secrets().insert(spec.name, secrets);
        let definition = Arc::new(definition);
        Ok(Flow(Arc::new(FlowInner { definition, digest, actions, origin: spec.origin })))
    }

    /// Builds an action from the JavaScript or TypeScript file at `path`: the
    /// component that a flow which names the file as its source would get.
    ///
    /// The file is evaluated as far as code at its top goes, without a host
    /// and under limits. Nothing but this crate is needed: no Node.js, no
    /// network.
    ///
    /// # Errors
    /// `source_invalid` with the place in the file, `file_unreadable`.
    #[cfg(feature = "javascript")]
    pub async fn build_javascript(&self, path: &std::path::Path) -> Result<Vec<u8>> {
        components::build(&self.0.runtime, path).await
    }

    /// For the command, which builds what is in other languages: a component that was
    /// built before from what has this digest.
    #[cfg(feature = "javascript")]
    #[doc(hidden)]
    pub fn built_before(&self, made_of: &crate::Digest) -> Option<Vec<u8>> {
        self.0.runtime.built_before(made_of)
    }

    /// For the command: keeps a component that was built from what has this digest.
    #[cfg(feature = "javascript")]
    #[doc(hidden)]
    pub fn keep_built(&self, made_of: &crate::Digest, component: &[u8]) {
        self.0.runtime.keep_built(made_of, component);
    }

    /// Fetches a flow's secrets without compiling anything: enough to resume
    /// what other processes, or other versions of the flow, suspended.
    ///
    /// # Errors
    /// `secret_unavailable`.
    pub fn provide_secrets(&self, spec: &FlowSpec) -> Result<()> {
        let secrets = FlowSecrets::fetch(spec)?;
        self.secrets().insert(spec.name.clone(), Arc::new(secrets));
        Ok(())
    }

    /// Whether the store can be used right now.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn ready(&self) -> Result<()> {
        self.0.store.ready().await
    }

    /// Forgets flows that ended, or whose state ended, more than a day ago,
    /// and answers that nobody may ask for again; how many suspensions and
    /// flows that were.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn sweep(&self) -> Result<u64> {
        const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
        let now = self.0.clock.now();
        let before = Timestamp::from_millis(now.as_millis().saturating_sub(DAY_MILLIS));
        self.0.store.sweep(before, now).await
    }

    fn secrets(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<FlowSecrets>>> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a leg.
    async fn turn(&self, passage: &Passage, leg: &Leg) -> Result<Turn<'_>> {
        let paces = || leg.actions.iter().flatten().map(|action| action.habits.pace());
        let pace = || paces().max().unwrap_or(Pace::Quick);
        self.0.turns.take(passage.digest, pace, passage.patience()).await
    }

    /// The outcome of a leg, and what must be stored before anyone is told.
    async fn conclude(
        &self,
        passage: &Passage,
        leg: &Leg,
        ending: Ending,
    ) -> Result<(Outcome, Option<NewSuspension>)> {
        match ending {
            Ending::Final(outcome) => Ok((outcome, None)),
            Ending::Suspend(wait) => {
                let ticket = Ticket::random()?;
                let suspension = self.suspension(passage, leg, &wait, &ticket).await?;
                let expires_at = suspension.head.expires_at;
                Ok((outcome_of(wait, &ticket, expires_at)?, Some(suspension)))
            }
        }
    }

    /// The flow as it stands, sealed, to be resumed with `ticket`. Its
    /// components are kept before.
    async fn suspension(
        &self,
        passage: &Passage,
        leg: &Leg,
        wait: &Wait,
        ticket: &Ticket,
    ) -> Result<NewSuspension> {
        let definition = &passage.definition;
        let limits = &definition.limits;
        let now = self.0.clock.now();
        let expires_at = now.plus_millis(limits.state_lifetime);
        let pinned = || definition.actions.iter().map(|action| action.component);
        self.0.components.save(&*self.0.store, pinned(), now, expires_at).await?;
        let (tenant, user_id) = (leg.event.tenant_id(), leg.event.user_id());
        let head = Head {
            flow_id: passage.flow_id.clone(),
            tenant: tenant.to_owned(),
            flow: definition.name.clone(),
            flow_digest: passage.digest,
            // After the last action nothing runs: a challenge of its is left.
            action: pinned().nth(leg.cursor.position()).unwrap_or(passage.digest),
            subject: subject(&self.0.keys, tenant, user_id),
            origin: passage.origin.clone(),
            created_at: now,
            expires_at,
            lease_millis: limits.wall_clock.saturating_add(LEASE_MARGIN_MILLIS),
        };
        let suspension = Suspension::new(
            definition,
            &leg.cursor,
            wait,
            leg.event_to_keep()?.to_json(std::iter::empty()),
            passage.binding,
            leg.all_runs(),
        );
        let ticket = ticket.digest();
        let record = suspension.seal(&self.0.keys, &ticket, &head)?;
        Ok(NewSuspension { ticket, head, record })
    }
}

fn outcome_of(wait: Wait, ticket: &Ticket, expires_at: Timestamp) -> Result<Outcome> {
    use crate::outcome::{Challenge, Prompt, Redirect};
    let state = ticket.as_str().to_owned();
    Ok(match wait {
        Wait::Redirect { url } => {
            let url = RedirectUrl::with_state(&url, &state);
            Outcome::Redirect(Redirect { url, state, expires_at })
        }
        Wait::Prompt { id, fields, vars } => {
            let object = |value: Option<_>| value.unwrap_or_else(|| serde_json::json!({}));
            let (fields, vars) = (object(fields), object(vars));
            Outcome::Prompt(Prompt { id, fields, vars, state, expires_at })
        }
        Wait::Challenge { factors, picker } => {
            Outcome::Challenge(Challenge { factors, picker, state, expires_at })
        }
        // No leg ends so.
        Wait::Browser => return Err(Error::new(Code::Internal, "a leg waits to be started")),
    })
}

fn report(passage: &Passage, leg: &mut Leg, outcome: Outcome) -> Report {
    let failed = matches!(outcome, Outcome::Failed(_));
    Report {
        flow: passage.definition.name.clone(),
        flow_digest: passage.digest,
        flow_id: passage.flow_id.clone(),
        result_url: leg.cursor.result_url().filter(|_| !failed).map(str::to_owned),
        methods: Methods::Of(leg.event.clone()),
        outcome,
        runs: std::mem::take(&mut leg.runs),
        repeated: false,
    }
}
