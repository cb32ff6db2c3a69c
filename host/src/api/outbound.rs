//! Outbound HTTP: `wasi:http` for actions whose flow grants them origins.
//!
//! Every request passes the same gate: how many there were, whether its origin
//! is granted, then in `connect.rs` whether the address is public. The action
//! follows redirects itself, by another request, so each hop passes it too.
//! Whatever is refused or fails is an answer to the action, which decides what
//! next; nothing is tried again and no connection outlives its request.

mod address;
mod broken_stream;
mod connect;
mod exchange;
mod network;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderName, Method, Request, Response, header};
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx,
    WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::action::meter::Meter;
use crate::action::state::RunState;
use crate::error::Code;
use crate::flow::BoundAction;
use crate::origin::Origin;
pub(crate) use connect::Connector;
use exchange::{Exchange, Sent};
pub use network::{Network, NetworkFuture};

/// The most that one set of header fields may hold.
const MAX_FIELDS: usize = 64 * 1024;

/// How long resolving, connecting and TLS may take, and the first byte after
/// them. An action may ask for less.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests of one run: nothing, for most send none.
#[derive(Default)]
pub(crate) struct LazyOutbound(Option<Box<Outbound>>);

struct Outbound {
    context: WasiHttpCtx,
    gate: Gate,
}

/// What a request must pass before anything is sent or resolved.
struct Gate {
    connector: Arc<Connector>,
    granted: Vec<Origin>,
    requests: u64,
    max_requests: u64,
    max_response: u64,
    meter: Arc<Meter>,
    max_exchanged: u64,
}

impl Outbound {
    fn new(own: &BoundAction, connector: &Arc<Connector>, meter: &Arc<Meter>) -> Self {
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(MAX_FIELDS);
        let gate = Gate {
            connector: Arc::clone(connector),
            granted: own.outbound.clone(),
            requests: 0,
            max_requests: own.limits.outbound_requests,
            max_response: own.limits.outbound_response,
            meter: Arc::clone(meter),
            max_exchanged: own.limits.host_bytes,
        };
        Outbound { context, gate }
    }
}

/// Adds `wasi:http` to a linker. Which actions may import it is decided when
/// they are loaded.
pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let options = bindings::LinkOptions::default();
    bindings::http::outgoing_handler::add_to_linker::<_, WasiHttp>(linker, RunState::http)?;
    let options = (&options).into();
    bindings::http::types::add_to_linker::<_, WasiHttp>(linker, &options, RunState::http)?;
    broken_stream::link(linker)
}

impl WasiHttpView for RunState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.enter_wasi();
        let Outbound { context, gate } = &mut **self.outbound.0.get_or_insert_with(|| {
            Box::new(Outbound::new(&self.own, &self.flow.connector, &self.meter))
        });
        WasiHttpCtxView { hooks: gate, table: &mut self.table, ctx: context }
    }
}

impl Gate {
    /// The origin of a request that may be sent.
    fn admit(&mut self, request: &Request<WasiBody>) -> Result<Origin, Error> {
        self.requests += 1;
        if self.requests > self.max_requests {
            let limit = self.max_requests;
            return Err(refused(format_args!("more than {limit} requests in one run")));
        }
        if request.method() == Method::CONNECT {
            return Err(refused("the method CONNECT is not allowed"));
        }
        let uri = request.uri();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let origin = Origin::requested(uri.scheme_str().unwrap_or_default(), authority);
        let origin = origin.map_err(refused)?;
        if !self.granted.contains(&origin) {
            let why = format!("{origin} is not among this action's outbound origins");
            return Err(refused(why));
        }
        let fields =
            request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        let target = uri.path_and_query().map_or(1, |target| target.as_str().len());
        if self.meter.exchange(fields.sum::<usize>() + target) > self.max_exchanged {
            return Err(too_much(self.max_exchanged));
        }
        Ok(origin)
    }
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for Gate {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
            || [header::EXPECT, header::TE, header::TRAILER].contains(name)
    }

    /// All schemes come to the gate, to be refused there by name.
    fn is_supported_scheme(&mut self, _: &Scheme) -> bool {
        true
    }

    /// The one the action gives is not the one that was compared.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let origin = match self.admit(&request) {
            Ok(origin) => origin,
            Err(error) => return Box::new(std::future::ready(Err(error))),
        };
        let (meter, limit) = (Arc::clone(&self.meter), self.max_exchanged);
        let patience =
            |asked: Option<Duration>| asked.map_or(PATIENCE, |asked| asked.min(PATIENCE));
        let options = options.unwrap_or_default();
        let exchange = Exchange {
            connector: Arc::clone(&self.connector),
            origin,
            connect: patience(options.connect_timeout),
            first_byte: patience(options.first_byte_timeout),
            max_response: self.max_response,
        };
        let request = request.map(|body| Sent { body, meter, limit });
        Box::new(exchange.run(request))
    }
}

/// A request that must not be made, as the action sees it: one line.
fn refused(why: impl Display) -> Error {
    Error::InternalError(Some(format!("{}: {why}", Code::OutboundRefused)))
}

/// A request that did not work.
fn failed(why: impl Display) -> Error {
    Error::InternalError(Some(format!("{}: {why}", Code::OutboundFailed)))
}

fn too_much(limit: u64) -> Error {
    refused(format_args!("the action exchanged more than {limit} bytes with the host"))
}
