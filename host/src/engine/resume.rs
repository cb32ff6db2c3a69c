//! Resuming: a look at what is suspended, what came with it, a claim, one leg,
//! one settlement. Input that does not fit is refused before the claim; whatever
//! runs consumes the state.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::leg::{Ending, Leg, Passage, failed};
use super::{Engine, report};
use crate::cursor::Wait;
use crate::effects::FactorType;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::flow::{BoundAction, FlowSecrets};
use crate::outcome::{Outcome, Report};
use crate::store::{Claim, Head, Look, Refusal, Settlement};
use crate::suspension::{Binding, Suspension, Ticket};

/// What a flow is resumed with.
#[derive(Debug, Clone)]
#[must_use]
pub struct Resume {
    with: With,
    user: Option<Value>,
    binding: Option<Binding>,
}

#[derive(Debug, Clone)]
enum With {
    Request(Box<ContinueRequest>),
    Passed(FactorType),
}

/// The request a user came back with.
#[derive(Debug, Clone)]
struct ContinueRequest {
    method: &'static str,
    query: Map<String, Value>,
    body: Map<String, Value>,
    /// Further members of `event.request`.
    more: Map<String, Value>,
}

impl Resume {
    /// The user came back by a GET request with this query.
    pub fn get<N: Into<String>, V: Into<String>>(query: impl IntoIterator<Item = (N, V)>) -> Self {
        Resume::request("GET", object(query), Map::new())
    }

    /// The user came back by a POST request with this query and form body.
    pub fn post<N: Into<String>, V: Into<String>>(
        query: impl IntoIterator<Item = (N, V)>,
        body: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Resume::request("POST", object(query), object(body))
    }

    /// The user met the challenge with this factor. Whoever says so must have
    /// verified it.
    pub fn passed(factor: FactorType) -> Self {
        Resume { with: With::Passed(factor), user: None, binding: None }
    }

    fn request(method: &'static str, query: Map<String, Value>, body: Map<String, Value>) -> Self {
        let request = ContinueRequest { method, query, body, more: Map::new() };
        Resume { with: With::Request(Box::new(request)), user: None, binding: None }
    }

    /// Further members of `event.request`, such as `ip` and `user_agent`.
    /// What is not given stays as it was when the flow started.
    pub fn with_request(mut self, members: Map<String, Value>) -> Self {
        if let With::Request(request) = &mut self.with {
            request.more = members;
        }
        self
    }

    /// The user as they are now, if they changed: `event.user`. It must be
    /// the same user.
    pub fn with_user(mut self, user: Value) -> Self {
        self.user = Some(user);
        self
    }

    /// What ties the browser to the flow it started.
    pub fn with_binding(mut self, binding: Binding) -> Self {
        self.binding = Some(binding);
        self
    }
}

fn object<N: Into<String>, V: Into<String>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.into(), Value::String(value.into()))).collect()
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
        let _permit = self.permit().await?;
        // All that may be refused, and all that takes long, comes before the
        // claim: nobody else can keep a state from the user it belongs to.
        let (head, suspension) = self.look(&ticket).await?;
        let (passage, mut leg, secrets) = self.prepare(suspension, &head, &ticket, resume)?;
        let bound = self.bind(&passage, &mut leg, &secrets).await?;
        let lease = match self.0.store.claim(ticket.digest(), self.0.clock.now()).await? {
            Claim::Taken(lease) => lease,
            Claim::Refused(refusal) => return Err(refused(refusal)),
        };
        let ending = match bound {
            Ok(()) => leg.run(&self.0, &passage).await,
            Err(outcome) => Ending::Final(outcome),
        };
        let (outcome, suspension) = self.conclude(&passage, &leg, ending).await?;
        let settlement = match suspension {
            Some(next) => Settlement::Suspended(next),
            None => Settlement::Ended(outcome.name().to_owned()),
        };
        match self.0.store.settle(lease, settlement).await? {
            true => Ok(report(&passage, leg, outcome)),
            // The lease ended and somebody else went on: theirs counts.
            false => Err(refused(Refusal::AlreadyUsed)),
        }
    }

    pub(super) async fn look(&self, ticket: &Ticket) -> Result<(Head, Suspension)> {
        match self.0.store.look(ticket.digest(), self.0.clock.now()).await? {
            Look::Waiting { head, record } => Ok((head, Suspension::from_record(&record)?)),
            Look::Refused(refusal) => Err(refused(refusal)),
        }
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
        if suspension.binding.is_some()
            && suspension.binding != resume.binding.as_ref().map(Binding::digest)
        {
            let message = "the state belongs to another browser";
            return Err(Error::new(Code::StateWrongBrowser, message));
        }
        let secrets = self.secrets().get(&head.flow).cloned().ok_or_else(|| {
            let message = format!("the flow `{}` is not loaded", head.flow);
            Error::new(Code::FlowNotLoaded, message).with_hint("load the flow, then resume")
        })?;
        let mut event = Event::from_json(&suspension.event)?;
        if let Some(user) = resume.user {
            replace_user(&mut event, user)?;
        }
        let mut leg = Leg::new(event, suspension.cursor.clone());
        match (&suspension.wait, resume.with) {
            (Wait::Challenge { factors, .. }, With::Passed(factor)) => {
                if factors.iter().all(|offered| offered.kind != factor) {
                    let message = format!("`{}` was not offered", factor.as_str());
                    return Err(Error::new(Code::FactorNotOffered, message));
                }
                leg.cursor.met(factor);
                add_method(&mut leg, factor, &self.0.clock.now().to_string())?;
            }
            (Wait::Redirect { .. } | Wait::Prompt { .. }, With::Request(mut request)) => {
                request.check(suspension.definition.limits.continue_request, ticket)?;
                leg.prompt = suspension.answered_prompt(&request.answers());
                leg.state = Some(ticket.as_str().to_owned());
                leg.cursor.returned();
                replace_request(&mut leg, *request)?;
            }
            (Wait::Challenge { .. }, With::Request(_)) => {
                let message = "the flow waits for a challenge; a request cannot meet it";
                return Err(Error::new(Code::WrongResume, message)
                    .with_hint("report the factor that was verified: --passed FACTOR"));
            }
            (_, With::Passed(_)) => {
                let message = "the flow waits for the user to come back, not for a challenge";
                return Err(Error::new(Code::WrongResume, message)
                    .with_hint("pass what the user came back with: --query or --body"));
            }
        }
        let (size, limit) = (leg.event.size(), suspension.definition.limits.event);
        let came_back = suspension.definition.limits.continue_request;
        if size as u64 > limit.saturating_add(came_back) {
            let message = format!("the event has grown to {size} bytes; {limit} are allowed");
            return Err(Error::new(Code::EventTooLarge, message));
        }
        let Suspension { flow_id, definition, binding, .. } = suspension;
        let (digest, definition) = (definition.digest(), Arc::new(definition));
        let origin = head.origin.clone();
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
            let found = self.0.components.find(&self.0.runtime, pinned).await?;
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
    }
}

/// The user of a resumed flow is the one who suspended it.
fn replace_user(event: &mut Event, user: Value) -> Result<()> {
    if user.get("user_id").and_then(Value::as_str) != Some(event.user_id()) {
        let message = "event.user.user_id: another user than the one who started the flow";
        return Err(Error::new(Code::UserMismatch, message));
    }
    event.set_group("user", user)
}

fn add_method(leg: &mut Leg, factor: FactorType, timestamp: &str) -> Result<()> {
    let event = Arc::make_mut(&mut leg.event);
    let mut group = event.group("authentication").cloned().unwrap_or_default();
    if let Some(methods) = group.get_mut("methods").and_then(Value::as_array_mut) {
        methods.push(json!({ "name": "mfa", "type": factor.as_str(), "timestamp": timestamp }));
    }
    event.set_group("authentication", group)
}

fn replace_request(leg: &mut Leg, with: ContinueRequest) -> Result<()> {
    let event = Arc::make_mut(&mut leg.event);
    let mut request = event.group("request").cloned().unwrap_or_default();
    if let Some(request) = request.as_object_mut() {
        request.extend(with.more);
        request.insert("method".to_owned(), with.method.into());
        request.insert("query".to_owned(), with.query.into());
        request.insert("body".to_owned(), with.body.into());
    }
    event.set_group("request", request)
}

impl ContinueRequest {
    /// Refuses what is too large or carries another state, and adds the state
    /// to the query, as the browser sent it.
    fn check(&mut self, limit: u64, ticket: &Ticket) -> Result<()> {
        let size =
            |(name, value): (&String, &Value)| name.len() + value.as_str().map_or(0, str::len);
        let bytes: usize = self.query.iter().chain(&self.body).map(size).sum();
        if bytes as u64 > limit {
            let message = format!("query and body have {bytes} bytes; {limit} are allowed");
            return Err(Error::new(Code::ContinueRequestTooLarge, message));
        }
        // A second, different state is no accident.
        let states = [self.query.get("state"), self.body.get("state")];
        if states.into_iter().flatten().any(|state| state.as_str() != Some(ticket.as_str())) {
            let message = "the request carries another state than the one it resumes";
            return Err(Error::new(Code::ContinueRequestInvalid, message));
        }
        self.query.insert("state".to_owned(), ticket.as_str().into());
        Ok(())
    }

    /// What the user filled in: the form without what belongs to flowhost.
    fn answers(&self) -> Value {
        let form = if self.method == "GET" { &self.query } else { &self.body };
        let fields = form.iter().filter(|(name, _)| *name != "state");
        Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
