//! [`Exchange`]: one request and its response over a connection of their own,
//! in HTTP/1.1. Dropping it at any point closes the connection.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use tokio::time::timeout;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, WasiBody};

use super::connect::Connector;
use super::{Answer, failed, refused, too_much};
use crate::action::meter::Meter;
use crate::limits::LimitInfo;
use crate::origin::Origin;

/// The most that the head of a response may have; what ends an endless one.
const MAX_HEAD: usize = 64 * 1024;

/// A request that passed the gate.
pub(super) struct Exchange {
    pub(super) connector: Arc<Connector>,
    pub(super) origin: Origin,
    pub(super) connect: Duration,
    pub(super) first_byte: Duration,
    pub(super) max_response: u64,
}

impl Exchange {
    pub(super) async fn run(self, mut request: Request<Sent>) -> Answer {
        self.address(&mut request)?;
        let connected = timeout(self.connect, self.connector.connect(&self.origin)).await;
        let stream = connected.map_err(|_| self.failed("no connection in time"))??;
        let handshake =
            http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(|error| self.broken(&error))?;
        // Lives as long as the response; what went wrong shows there.
        let connection = spawn(async move { _ = connection.await });
        let answered = timeout(self.first_byte, sender.send_request(request)).await;
        let response = answered.map_err(|_| self.failed("no answer in time"))?;
        let response = response.map_err(|error| self.broken(&error))?;
        self.accept(response, connection)
    }

    /// Says what is asked of whom as a server wants it: the target without the
    /// origin, the origin in `host` as it was compared.
    fn address(&self, request: &mut Request<Sent>) -> Result<(), Error> {
        let path = request.uri().path();
        let slash = if path.starts_with('/') { "" } else { "/" };
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{slash}{path}{query}").parse::<Uri>();
        let host = HeaderValue::try_from(self.origin.authority());
        let (Ok(target), Ok(host)) = (target, host) else {
            return Err(refused("the address is no URL"));
        };
        *request.uri_mut() = target;
        request.headers_mut().insert(header::HOST, host);
        Ok(())
    }

    fn accept(self, response: Response<Incoming>, connection: AbortOnDropJoinHandle<()>) -> Answer {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(self.failed("the server switches protocols"));
        }
        let limit = self.max_response;
        if response.body().size_hint().lower() > limit {
            return Err(too_large(limit));
        }
        let bytes = usize::try_from(limit).unwrap_or(usize::MAX);
        let body = move |body| {
            let limited = Limited::new(body, bytes);
            let error = move |error: Box<dyn std::error::Error + Send + Sync>| match error
                .downcast_ref::<hyper::Error>(
            ) {
                Some(error) => self.broken(error),
                None if error.is::<LengthLimitError>() => too_large(limit),
                None => self.failed("the response broke off"),
            };
            limited.map_err(error).boxed_unsync()
        };
        let finish = async move {
            connection.await;
            Ok(())
        };
        Ok((response.map(body), Box::new(finish)))
    }

    fn failed(&self, why: &str) -> Error {
        failed(format_args!("{}: {why}", self.origin))
    }

    /// What hyper says of its own; what came over the wire is not repeated.
    fn broken(&self, error: &hyper::Error) -> Error {
        let source = error.source();
        if let Some(error) = source.and_then(|source| source.downcast_ref::<Error>()) {
            return again(error);
        }
        let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
        match io {
            Some(error) => self.failed(&error.kind().to_string()),
            None => self.failed(&error.to_string()),
        }
    }
}

/// The refusal that ended the request's body.
fn again(error: &Error) -> Error {
    match error {
        Error::InternalError(message) => Error::InternalError(message.clone()),
        _ => failed("the request broke off"),
    }
}

fn too_large(limit: u64) -> Error {
    let limit = LimitInfo::of("outbound_response")
        .map_or_else(|| limit.to_string(), |info| info.display(limit));
    refused(format_args!("the response has more than {limit}"))
}

/// The body of a request. Its bytes count like any others that the action
/// hands to the host.
pub(super) struct Sent {
    pub(super) body: WasiBody,
    pub(super) meter: Arc<Meter>,
    pub(super) limit: u64,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if self.meter.exchange(bytes) > self.limit {
                return Poll::Ready(Some(Err(too_much(self.limit))));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
