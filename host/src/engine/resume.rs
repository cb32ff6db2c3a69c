//! Resuming: a look at what is suspended, what came with it, a claim, one leg,
//! one settlement. Input that does not fit is refused before the claim; whatever
//! runs consumes the state. What was answered to a state is answered again to
//! the same browser for a minute, and runs nothing.

mod apply;
mod request;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::leg::{Ending, Leg, Passage, failed};
use super::turn::overloaded;
use super::{Engine, report};
use crate::clock::Timestamp;
use crate::cursor::Wait;
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::flow::{BoundAction, FlowSecrets};
use crate::outcome::{Outcome, Report};
use crate::store::{ANSWER_MILLIS, Claim, End, Head, Lease, Look, Next, Refusal, Settlement};
use crate::suspension::{Answer, Binding, EndRecord, Suspension, Ticket, random_number};

pub use request::Resume;

/// How long before a state that is being used is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What a look at a state showed.
enum Seen {
    Waiting(Head, Box<Suspension>),
    Running(Head, Box<Suspension>),
    Answered(Head, Box<Answer>),
}

impl Engine {
    /// Resumes a suspended flow. The flow must have been loaded into this
    /// engine, in whichever version: its secrets come from there.
    ///
    /// # Errors
    /// `state_unknown`, `state_already_used`, `state_expired`,
    /// `state_wrong_browser` when the state is not accepted; `wrong_resume`,
    /// `factor_not_offered`, `user_mismatch`, `continue_request_too_large`,
    /// `continue_request_invalid`, `event_invalid` and `flow_not_loaded` when
    /// what came with it is not, and the state may be used again;
    /// `overloaded`, `store_unavailable`. No password may be set then.
    pub async fn resume(&self, state: &str, resume: Resume) -> Result<Report> {
        let ticket = Ticket::parse(state)?;
        if resume.patience.is_zero() {
            let done = self.resume_now(&ticket, resume).await?;
            return done.ok_or_else(|| refused(Refusal::InUse));
        }
        let until = tokio::time::Instant::now() + resume.patience;
        loop {
            if let Some(report) = self.resume_now(&ticket, resume.clone()).await? {
                return Ok(report);
            }
            if tokio::time::Instant::now() >= until {
                return Err(Error::new(Code::FlowRunning, "the flow runs right now")
                    .with_hint("try again in a moment"));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// None when the state is being used right now, by whom it belongs to.
    async fn resume_now(&self, ticket: &Ticket, resume: Resume) -> Result<Option<Report>> {
        // All that may be refused, and all that takes long, comes before the
        // claim: nobody else can keep a state from the user it belongs to. And
        // who may not resume takes nobody's turn.
        let (head, suspension) = match self.look(ticket).await? {
            Seen::Waiting(head, suspension) => (head, *suspension),
            Seen::Running(_, suspension) => return binding(&suspension, &resume).map(|_| None),
            Seen::Answered(head, answer) => return again(&head, *answer, &resume).map(Some),
        };
        let (passage, mut leg, secrets) = self.prepare(suspension, &head, ticket, resume)?;
        // Compiling takes nobody's turn either.
        let bound = timeout(passage.patience(), self.bind(&passage, &mut leg, &secrets)).await;
        let bound = bound.unwrap_or_else(|_| Err(overloaded()))?;
        let mut turn = self.turn(&passage, &leg).await?;
        let lease = Lease { ticket: ticket.digest(), holder: random_number()? };
        match self.0.store.claim(lease, self.0.clock.now()).await? {
            Claim::Taken => {}
            // Between the look and the claim somebody else was quicker.
            Claim::Refused(Refusal::InUse) => return Ok(None),
            Claim::Refused(refusal) => return Err(refused(refusal)),
        }
        let ending = match bound {
            Ok(()) => leg.run(&self.0, &passage, &mut turn).await,
            Err(outcome) => Ending::Final(outcome),
        };
        drop(turn);
        let (outcome, suspension) = self.conclude(&passage, &leg, ending).await?;
        let runs = leg.all_runs();
        let report = report(&passage, &mut leg, outcome);
        let answer = Answer::seal(&report, passage.binding, &self.0.keys, ticket, &head)?;
        let settled_at = self.0.clock.now();
        let next = match suspension {
            Some(next) => Next::Suspended(next),
            None => Next::Ended(self.end(&report, runs, &leg.event, settled_at)?),
        };
        let settlement = Settlement { settled_at, answer, next };
        match self.0.store.settle(lease, settlement).await? {
            true => Ok(Some(report)),
            // The lease ended and somebody else went on: theirs counts.
            false => Err(refused(Refusal::AlreadyUsed)),
        }
    }

    /// What is known of the flow that `state` would resume, without resuming
    /// it; or has resumed within the last 60 s.
    ///
    /// # Errors
    /// `state_unknown`, `state_already_used`, `state_expired`,
    /// `store_unavailable`; `seal_broken`, `key_unknown` and
    /// `store_incompatible` when what is stored of it does not open.
    pub async fn suspended(&self, state: &str) -> Result<Head> {
        match self.look(&Ticket::parse(state)?).await? {
            Seen::Waiting(head, _) | Seen::Running(head, _) | Seen::Answered(head, _) => Ok(head),
        }
    }

    async fn look(&self, ticket: &Ticket) -> Result<Seen> {
        let (now, digest) = (self.0.clock.now(), ticket.digest());
        let open = |head: &Head, record: &[u8]| {
            Suspension::open(&self.0.keys, &digest, head, record).map(Box::new)
        };
        match self.0.store.look(digest, now).await? {
            Look::Waiting { head, record } => {
                open(&head, &record).map(|suspension| Seen::Waiting(head, suspension))
            }
            Look::Running { head, record } => {
                open(&head, &record).map(|suspension| Seen::Running(head, suspension))
            }
            Look::Settled { head, answer, settled_at } => {
                // Also after a clock went back: not longer than it was.
                let fresh = now.since(settled_at) < ANSWER_MILLIS && now >= settled_at;
                if !fresh || answer.is_empty() {
                    return Err(refused(Refusal::AlreadyUsed));
                }
                let answer = Answer::open(&self.0.keys, ticket, &head, &answer)?;
                Ok(Seen::Answered(head, Box::new(answer)))
            }
            Look::Refused(refusal) => Err(refused(refusal)),
        }
    }

    fn end(
        &self,
        report: &Report,
        runs: Vec<Value>,
        event: &Event,
        ended_at: Timestamp,
    ) -> Result<End> {
        let record = EndRecord {
            flow_digest: report.flow_digest,
            user_id: event.user_id().to_owned(),
            details: report.outcome.details(),
            result_url: report.result_url.clone(),
            runs,
        };
        let (flow_id, flow) = (report.flow_id.clone(), report.flow.clone());
        let outcome = report.outcome.name().to_owned();
        record.seal(&self.0.keys, End { flow_id, outcome, flow, ended_at, record: Vec::new() })
    }

    /// Checks what came with the state and puts it into the event and the
    /// cursor.
    fn prepare(
        &self,
        suspension: Suspension,
        head: &Head,
        ticket: &Ticket,
        resume: Resume,
    ) -> Result<(Passage, Leg, Arc<FlowSecrets>)> {
        let binding = binding(&suspension, &resume)?;
        let secrets = self.secrets().get(&head.flow).cloned().ok_or_else(|| {
            let message = format!("the flow `{}` is not loaded", head.flow);
            Error::new(Code::FlowNotLoaded, message).with_hint("load the flow, then resume")
        })?;
        let mut event = Event::from_json(&suspension.event)?;
        if let Some(user) = resume.user {
            apply::replace_user(&mut event, user)?;
        }
        let mut leg = Leg::new(event, suspension.cursor.clone());
        leg.earlier.clone_from(&suspension.runs);
        apply::apply(&mut leg, &suspension, resume.with, ticket, self.0.clock.now())?;
        let (size, limit) = (leg.event.size(), suspension.definition.limits.event);
        let came_back = suspension.definition.limits.continue_request;
        if size as u64 > limit.saturating_add(came_back) {
            let message = format!("the event has grown to {size} bytes; {limit} are allowed");
            return Err(Error::new(Code::EventTooLarge, message));
        }
        let (digest, definition) = (head.flow_digest, Arc::new(suspension.definition));
        let (flow_id, origin) = (head.flow_id.clone(), head.origin.clone());
        let passage = Passage { flow_id, definition, digest, origin, binding };
        Ok((passage, leg, secrets))
    }

    /// Finds the components the flow was started with, and the secrets of
    /// today, for all actions that may still run. What is gone ends the flow;
    /// what cannot be had right now is an error, and the state stays usable.
    async fn bind(
        &self,
        passage: &Passage,
        leg: &mut Leg,
        secrets: &FlowSecrets,
    ) -> Result<Result<(), Outcome>> {
        let position = leg.cursor.position();
        for (index, pinned) in passage.definition.actions.iter().enumerate() {
            if index < position {
                leg.actions.push(None);
                continue;
            }
            let fail = |code, message| Ok(Err(failed(code, message, pinned.name.clone())));
            if let Some(name) = secrets.missing(pinned) {
                return fail(Code::SecretUnavailable, format!("the secret `{name}` is gone"));
            }
            let found = self.0.components.find(&self.0.runtime, &*self.0.store, pinned).await?;
            let Some(component) = found else {
                let message = format!("the component {} is gone", pinned.component);
                return fail(Code::ActionVersionGone, message);
            };
            leg.actions.push(Some(BoundAction::new(pinned, component, secrets)));
        }
        Ok(Ok(()))
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Unknown => Error::new(Code::StateUnknown, "there is no such state"),
        Refusal::Expired => Error::new(Code::StateExpired, "the state has expired")
            .with_hint("start the flow again"),
        Refusal::AlreadyUsed => Error::new(Code::StateAlreadyUsed, "the state was used already")
            .with_hint("a state resumes its flow once; start the flow again"),
        Refusal::InUse => Error::new(Code::StateAlreadyUsed, "the state is being used right now")
            .with_hint("whoever used it first gets the answer"),
    }
}

/// Which browser the flow belongs to from now on, if this is it.
fn binding(suspension: &Suspension, resume: &Resume) -> Result<Option<Digest>> {
    let shown = resume.binding.as_ref();
    match &suspension.binding {
        None if matches!(suspension.wait, Wait::Browser) => Ok(shown.map(Binding::digest)),
        Some(bound) if !resume.vouched && !shown.is_some_and(|shown| shown.is(bound)) => {
            let message = "the state belongs to another browser";
            Err(Error::new(Code::StateWrongBrowser, message))
        }
        None if resume.from_browser => {
            let message = "the state belongs to a backend, and to no browser";
            Err(Error::new(Code::StateWrongBrowser, message))
        }
        bound => Ok(*bound),
    }
}

/// What was answered before, to the browser it was for.
fn again(head: &Head, answer: Answer, resume: &Resume) -> Result<Report> {
    match resume.vouched || answer.is_for(resume.binding.as_ref()) {
        true => Ok(answer.into_report(head)),
        false => Err(refused(Refusal::AlreadyUsed)),
    }
}
