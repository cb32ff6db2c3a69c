//! A leg: from a start or a resume to the next suspension or the end. Runs
//! actions one after another as the cursor says, under one deadline, and
//! writes nothing down.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Inner, Turn};
use crate::action::state::{CameBack, Surroundings};
use crate::action::{Begun, Habits, Invocation, Started, invoke};
use crate::cursor::{Cursor, Enrolled, Handler, Rules, Step, Wait};
use crate::digest::Digest;
use crate::effects::FactorType;
use crate::error::{Code, Result};
use crate::event::document::Json;
use crate::event::{Event, raw};
use crate::flow::{BoundAction, FlowDefinition};
use crate::outcome::{Denied, ErrorClass, Failure, Outcome, RunReport, RunStatus};

/// What stays the same on the whole way through a flow.
pub(super) struct Passage {
    pub(super) flow_id: String,
    pub(super) definition: Arc<FlowDefinition>,
    pub(super) digest: Digest,
    pub(super) origin: Option<String>,
    pub(super) binding: Option<Digest>,
}

impl Passage {
    /// How long a leg may run, and how long it may wait before it does.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.definition.limits.wall_clock)
    }
}

/// A leg, before, while and after it runs.
pub(super) struct Leg {
    pub(super) event: Event,
    pub(super) cursor: Cursor,
    /// By position; none where no action runs any more.
    pub(super) actions: Vec<Option<Arc<BoundAction>>>,
    /// The prompt that was answered, for the handler that asked.
    pub(super) prompt: Option<Value>,
    /// The state the flow came back with.
    pub(super) state: Option<String>,
    pub(super) runs: Vec<RunReport>,
    /// What ran in the legs before it, as reports have it.
    pub(super) earlier: Vec<Value>,
}

/// How a leg ends.
pub(super) enum Ending {
    Suspend(Wait),
    Final(Outcome),
}

impl Ending {
    fn name(&self) -> &'static str {
        match self {
            Ending::Suspend(Wait::Redirect { .. }) => "redirect",
            Ending::Suspend(Wait::Prompt { .. }) => "prompt",
            Ending::Suspend(Wait::Challenge { .. }) => "challenge",
            Ending::Suspend(Wait::Browser) => "browser",
            Ending::Final(outcome) => outcome.name(),
        }
    }
}

impl Leg {
    pub(super) fn new(event: Event, cursor: Cursor) -> Self {
        Leg {
            event,
            cursor,
            actions: Vec::new(),
            prompt: None,
            state: None,
            runs: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// What ran in the flow so far, as reports have it.
    pub(super) fn all_runs(&self) -> Vec<Value> {
        let own = self.runs.iter().map(|run| serde_json::to_value(run).unwrap_or_default());
        self.earlier.iter().cloned().chain(own).collect()
    }

    /// Runs the leg, in a span of its own.
    pub(super) async fn run(
        &mut self,
        engine: &Inner,
        passage: &Passage,
        turn: &mut Turn<'_>,
    ) -> Ending {
        let span = tracing::info_span!(
            "flow",
            flow = passage.definition.name,
            flow_id = passage.flow_id,
            outcome = tracing::field::Empty,
        );
        let ending = self.run_all(engine, passage, turn).instrument(span.clone()).await;
        span.record("outcome", ending.name());
        ending
    }

    async fn run_all(&mut self, engine: &Inner, passage: &Passage, turn: &mut Turn<'_>) -> Ending {
        let deadline = Instant::now() + passage.patience();
        let event = self.event.clone();
        let enrolled = move || enrolled(&event);
        let flow = self.surroundings(engine, passage);
        let mut step = self.decide(passage, &enrolled, Cursor::next);
        loop {
            step = match step {
                Step::Run { action, handler } => {
                    let to_run = (action, handler, deadline);
                    let invocation = self.invoke(engine, &flow, to_run, turn).await;
                    match invocation.failure {
                        Some((code, message)) => Step::Failed { action, code, message },
                        None => self.decide(passage, &enrolled, |cursor, rules| {
                            cursor.settle(&invocation.effects, rules)
                        }),
                    }
                }
                Step::Suspend(wait) => return Ending::Suspend(wait),
                Step::Completed => return Ending::Final(Outcome::Completed),
                Step::Denied { action, reason } => {
                    let action = name_of(passage, action);
                    return Ending::Final(Outcome::Denied(Denied { reason, action }));
                }
                Step::Failed { action, code, message } => {
                    let action = name_of(passage, action);
                    return Ending::Final(failed(code, message, action));
                }
            }
        }
    }

    /// The event as a suspension keeps it: without the state that was used up
    /// to get here, of which nothing but the digest is stored.
    pub(super) fn event_to_keep(&self) -> Result<Event> {
        let Some(state) = &self.state else { return Ok(self.event.clone()) };
        let mut event = self.event.clone();
        let mut without = Vec::new();
        for part in ["query", "body"] {
            let Some(members) = self.event.group("request").and_then(|request| request.get(part))
            else {
                continue;
            };
            let is_state = |value: Json<'_>| value.as_str() == Some(state);
            if members.members().any(|(_, value)| is_state(value)) {
                let kept = members.members().filter(|(_, value)| !is_state(*value));
                let kept: Map<_, _> = kept.map(|(n, v)| (n.to_owned(), v.to_value())).collect();
                without.push((part.to_owned(), raw(&kept)?));
            }
        }
        if !without.is_empty() {
            event.set_members("request", without)?;
        }
        Ok(event)
    }

    fn decide(
        &mut self,
        passage: &Passage,
        enrolled: &(dyn Fn() -> Enrolled + Sync),
        decision: impl FnOnce(&mut Cursor, &Rules<'_>) -> Step,
    ) -> Step {
        let current = self.actions.get(self.cursor.position()).and_then(Option::as_ref);
        let rules = Rules {
            actions: passage.definition.actions.len(),
            has_continue: current.is_some_and(|action| action.component.has_continue()),
            enabled: passage.definition.factors.as_deref(),
            enrolled,
            max_challenges: passage.definition.limits.challenges,
            max_suspensions: passage.definition.limits.suspensions,
        };
        decision(&mut self.cursor, &rules)
    }

    /// What all actions of the leg see of the flow.
    fn surroundings(&self, engine: &Inner, passage: &Passage) -> Arc<Surroundings> {
        Arc::new(Surroundings {
            event: self.event.clone(),
            definition: Arc::clone(&passage.definition),
            caches: Arc::clone(&engine.caches),
            cache: OnceLock::new(),
            clock: Arc::clone(&engine.clock),
            #[cfg(feature = "outbound")]
            connector: Arc::clone(&engine.connector),
        })
    }

    async fn invoke(
        &mut self,
        engine: &Inner,
        flow: &Arc<Surroundings>,
        (action, handler, deadline): (usize, Handler, Instant),
        turn: &mut Turn<'_>,
    ) -> Invocation {
        let state = self.state.as_ref().filter(|_| handler == Handler::OnContinue);
        let came_back = CameBack { prompt: self.prompt.take(), state: state.cloned() };
        let Some(bound) = self.actions.get(action).and_then(Option::as_ref) else {
            return Invocation::none(Code::ActionUnavailable, "the action is not loaded");
        };
        let report = |invocation: &mut Invocation| RunReport {
            action: bound.name.clone(),
            handler,
            status: match invocation.failure {
                None => RunStatus::Ok,
                Some(_) => RunStatus::Failed,
            },
            fuel: invocation.fuel,
            fuel_limit: bound.limits.fuel,
            duration_us: invocation.duration_us,
            memory_bytes: invocation.memory_bytes,
            memory_limit: bound.limits.memory,
            commands: invocation.effects.commands().to_vec(),
            logs: std::mem::take(&mut invocation.logs),
        };
        let span = tracing::info_span!(
            "action",
            flow = flow.definition.name,
            action = bound.name,
            handler = handler.as_str(),
            fuel = tracing::field::Empty,
            outcome = tracing::field::Empty,
        );
        let started = invoke(&engine.runtime, bound, handler, flow, came_back, deadline);
        let run = in_its_lane(started, engine, &bound.habits, turn);
        let mut invocation = run.instrument(span.clone()).await.in_time(deadline);
        if let Some(slow) = invocation.slow {
            bound.habits.computed(slow);
        }
        // Traces know signed numbers only.
        span.record("fuel", i64::try_from(invocation.fuel).unwrap_or(i64::MAX));
        // A message of an action may name its user: the code is enough.
        let outcome = invocation.failure.as_ref().map_or("ok", |(code, _)| code.as_str());
        span.record("outcome", outcome);
        let report = report(&mut invocation);
        self.runs.push(report);
        invocation
    }
}

/// Begins here, unless the leg is slow already; goes on among the waiting or in the
/// slow lane if it has to, and ends where there is no place for it.
async fn in_its_lane(
    mut started: Started,
    engine: &Inner,
    habits: &Habits,
    turn: &mut Turn<'_>,
) -> Invocation {
    // What it turns out to do is remembered at once: others of its kind must not
    // come this far meanwhile.
    while !turn.is_slow() {
        match started.begin(!turn.is_quick()).await {
            Begun::Ended(invocation) => {
                habits.waited(started.has_waited());
                return invocation;
            }
            Begun::Waits => {
                habits.waited(true);
                if let Err(error) = turn.step_aside() {
                    return started.stop(&error).await;
                }
            }
            Begun::Computes => {
                habits.computed(true);
                if let Err(error) = turn.slow_down() {
                    return started.stop(&error).await;
                }
            }
        }
    }
    started.go_on(&engine.runtime, turn.place()).await
}

pub(super) fn failed(code: Code, message: String, action: String) -> Outcome {
    Outcome::Failed(Failure { error_class: ErrorClass::of(code), code, message, action })
}

fn name_of(passage: &Passage, action: usize) -> String {
    passage.definition.actions.get(action).map(|action| action.name.clone()).unwrap_or_default()
}

/// What the event says about the user's factors.
fn enrolled(event: &Event) -> Enrolled {
    let kind = |factor: Json<'_>| FactorType::from_name(factor.get("type")?.as_str()?);
    let listed = event.part(&["user", "enrolledFactors"]).filter(|factors| factors.is_list());
    let verified = event.part(&["user", "email_verified"]).and_then(Json::as_bool);
    Enrolled {
        factors: listed.map(|factors| factors.items().filter_map(kind).collect()),
        verified_email: verified == Some(true)
            && event.part(&["user", "email"]).is_some_and(|email| email.as_str().is_some()),
    }
}
