//! Starting a flow: at once, or when its browser comes.

use std::sync::Arc;

use super::leg::{Leg, Passage};
use super::{Engine, report};
use crate::clock::Timestamp;
use crate::cursor::{Cursor, Wait};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::flow::Flow;
use crate::outcome::Report;
use crate::suspension::{Binding, Ticket};

/// A flow that starts when its browser comes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingStart {
    /// The passage through the flow.
    pub flow_id: String,
    /// What starts it: see [`Resume::start`](super::Resume::start). Single use.
    pub state: String,
    /// When `state` ends.
    pub expires_at: Timestamp,
}

impl Engine {
    /// Starts a flow.
    ///
    /// # Errors
    /// `event_too_large`, `overloaded`, `store_unavailable`. No password may
    /// be set then.
    pub async fn start(&self, flow: &Flow, event: Event) -> Result<Report> {
        self.start_with(flow, event, None).await
    }

    /// Starts a flow that only the browser with `binding` can resume.
    ///
    /// # Errors
    /// As [`start`](Engine::start).
    pub async fn start_bound(
        &self,
        flow: &Flow,
        event: Event,
        binding: &Binding,
    ) -> Result<Report> {
        self.start_with(flow, event, Some(binding)).await
    }

    /// Keeps a flow that runs when its browser comes: no action runs yet. For
    /// a backend that starts flows for a browser it does not see; the browser
    /// is sent to whoever resumes `state` with [`Resume::start`].
    ///
    /// # Errors
    /// `event_too_large`, `store_unavailable`.
    ///
    /// [`Resume::start`]: super::Resume::start
    pub async fn start_later(&self, flow: &Flow, event: Event) -> Result<PendingStart> {
        let passage = passage(flow, &event, None, self.0.names.draw()?)?;
        let leg = Leg::new(event, Cursor::new());
        let ticket = Ticket::random()?;
        let suspension = self.suspension(&passage, &leg, &Wait::Browser, &ticket).await?;
        let expires_at = suspension.head.expires_at;
        self.0.store.suspend(suspension).await?;
        let state = ticket.as_str().to_owned();
        Ok(PendingStart { flow_id: passage.flow_id, state, expires_at })
    }

    async fn start_with(
        &self,
        flow: &Flow,
        event: Event,
        binding: Option<&Binding>,
    ) -> Result<Report> {
        let passage = passage(flow, &event, binding, self.0.names.draw()?)?;
        let mut leg = Leg::new(event, Cursor::new());
        leg.actions = flow.0.actions.iter().cloned().map(Some).collect();
        let mut turn = self.turn(&passage, &leg).await?;
        let ending = leg.run(&self.0, &passage, &mut turn).await;
        // Writing down what came of it takes nobody's turn.
        drop(turn);
        let (outcome, suspension) = self.conclude(&passage, &leg, ending).await?;
        if let Some(suspension) = suspension {
            self.0.store.suspend(suspension).await?;
        }
        Ok(report(&passage, &mut leg, outcome))
    }
}

fn passage(
    flow: &Flow,
    event: &Event,
    binding: Option<&Binding>,
    flow_id: String,
) -> Result<Passage> {
    let definition = &flow.0.definition;
    let (size, limit) = (event.size(), definition.limits.event);
    if size as u64 > limit {
        let message = format!("the event has {size} bytes; {limit} are allowed");
        return Err(Error::new(Code::EventTooLarge, message));
    }
    Ok(Passage {
        flow_id,
        definition: Arc::clone(definition),
        digest: flow.0.digest,
        origin: flow.0.origin.clone(),
        binding: binding.map(Binding::digest),
    })
}
