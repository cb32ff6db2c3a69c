//! What came with a state, checked against what the flow waits for and put
//! into the event and the cursor.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::request::{ContinueRequest, With};
use crate::clock::Timestamp;
use crate::cursor::Wait;
use crate::effects::FactorType;
use crate::engine::leg::Leg;
use crate::error::{Code, Error, Result};
use crate::event::{Event, raw};
use crate::suspension::{Suspension, Ticket};

pub(super) fn apply(
    leg: &mut Leg,
    suspension: &Suspension,
    with: With,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<()> {
    match (&suspension.wait, with) {
        (Wait::Challenge { factors, .. }, With::Passed(factor)) => {
            if factors.iter().all(|offered| offered.kind != factor) {
                let message = format!("`{}` was not offered", factor.as_str());
                return Err(Error::new(Code::FactorNotOffered, message));
            }
            leg.cursor.met(factor);
            add_method(leg, factor, &now.to_string())?;
        }
        (Wait::Redirect { .. } | Wait::Prompt { .. }, With::Request(mut request)) => {
            request.check(suspension.definition.limits.continue_request, ticket)?;
            leg.prompt = suspension.answered_prompt(&request.answers());
            leg.state = Some(ticket.as_str().to_owned());
            leg.cursor.returned();
            replace_request(leg, *request)?;
        }
        (Wait::Browser, With::Start(request)) => replace_request_members(leg, request)?,
        (Wait::Browser, _) | (_, With::Start(_)) => {
            let message = "a flow is started once, and before anything else";
            return Err(Error::new(Code::WrongResume, message));
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
    Ok(())
}

/// The user of a resumed flow is the one who suspended it.
pub(super) fn replace_user(event: &mut Event, user: Value) -> Result<()> {
    if user.get("user_id").and_then(Value::as_str) != Some(event.user_id()) {
        let message = "event.user.user_id: another user than the one who started the flow";
        return Err(Error::new(Code::UserMismatch, message));
    }
    event.set_group("user", &user)
}

fn add_method(leg: &mut Leg, factor: FactorType, timestamp: &str) -> Result<()> {
    let method = json!({ "name": "mfa", "type": factor.as_str(), "timestamp": timestamp });
    let known = leg.event.members("authentication")?;
    let known = known.iter().find(|(name, _)| name == "methods");
    let known = known.and_then(|(_, methods)| serde_json::from_str(methods.get()).ok());
    let mut methods: Vec<Box<RawValue>> = known.unwrap_or_default();
    methods.push(raw(&method)?);
    leg.event.set_members("authentication", [("methods".to_owned(), raw(&methods)?)])
}

fn replace_request(leg: &mut Leg, with: ContinueRequest) -> Result<()> {
    let mut members = with.more;
    members.insert("method".to_owned(), with.method.into());
    members.insert("query".to_owned(), with.query.into());
    members.insert("body".to_owned(), with.body.into());
    replace_request_members(leg, members)
}

fn replace_request_members(leg: &mut Leg, members: Map<String, Value>) -> Result<()> {
    let members = members.into_iter().map(|(name, value)| Ok((name, raw(&value)?)));
    leg.event.set_members("request", members.collect::<Result<Vec<_>>>()?)
}
