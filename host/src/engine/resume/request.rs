//! [`Resume`]: what a flow is resumed with.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::effects::FactorType;
use crate::error::{Code, Error, Result};
use crate::suspension::{Binding, Ticket};

/// What a flow is resumed with.
#[derive(Debug, Clone)]
#[must_use]
pub struct Resume {
    pub(super) with: With,
    pub(super) user: Option<Value>,
    pub(super) binding: Option<Binding>,
    pub(super) vouched: bool,
    pub(super) from_browser: bool,
    pub(super) patience: Duration,
}

#[derive(Debug, Clone)]
pub(super) enum With {
    Request(Box<ContinueRequest>),
    Passed(FactorType),
    /// Members of `event.request`.
    Start(Map<String, Value>),
}

/// The request a user came back with.
#[derive(Debug, Clone)]
pub(super) struct ContinueRequest {
    pub(super) method: &'static str,
    pub(super) query: Map<String, Value>,
    pub(super) body: Map<String, Value>,
    /// Further members of `event.request`.
    pub(super) more: Map<String, Value>,
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
        Resume::new(With::Passed(factor))
    }

    /// The browser of a flow that waits to be started has come: see
    /// [`Engine::start_later`](crate::Engine::start_later). From now on the flow is bound to it, if a
    /// binding is given.
    pub fn start() -> Self {
        Resume::new(With::Start(Map::new()))
    }

    fn new(with: With) -> Self {
        let (vouched, from_browser, patience) = (false, false, Duration::ZERO);
        Resume { with, user: None, binding: None, vouched, from_browser, patience }
    }

    fn request(method: &'static str, query: Map<String, Value>, body: Map<String, Value>) -> Self {
        let request = ContinueRequest { method, query, body, more: Map::new() };
        Resume::new(With::Request(Box::new(request)))
    }

    /// Further members of `event.request`, such as `ip` and `user_agent`.
    /// What is not given stays as it was when the flow started.
    pub fn with_request(mut self, members: Map<String, Value>) -> Self {
        match &mut self.with {
            With::Request(request) => request.more = members,
            With::Start(request) => *request = members,
            With::Passed(_) => {}
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

    /// Resumes nothing that is not bound to a browser. For whatever a browser
    /// brings along: who knows a state is not yet the one it is for.
    pub fn from_browser(mut self) -> Self {
        self.from_browser = true;
        self
    }

    /// If the state is being used right now by the same browser, waits that long
    /// for what it leads to: the answer is then the same as the first one's. If it
    /// takes longer, it is refused with `flow_running`, and may be repeated.
    pub fn patiently(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Resumes a flow that is bound to a browser without showing its binding; and
    /// asks again for the answer to a state, for 60 s, if it was lost.
    /// For a backend that is trusted to know whose flow it is, and never for
    /// what a browser brings along.
    pub fn vouched(mut self) -> Self {
        self.vouched = true;
        self
    }
}

fn object<N: Into<String>, V: Into<String>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.into(), Value::String(value.into()))).collect()
}

impl ContinueRequest {
    /// Refuses what is too large or carries another state, and adds the state
    /// to the query, as the browser sent it.
    pub(super) fn check(&mut self, limit: u64, ticket: &Ticket) -> Result<()> {
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
    pub(super) fn answers(&self) -> Value {
        let form = if self.method == "GET" { &self.query } else { &self.body };
        let fields = form.iter().filter(|(name, _)| *name != "state");
        Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
