//! [`Exchange`]: a request through `wasi:http`.

use super::super::{Event, Request};
use super::bindings::wasi::http::outgoing_handler::handle;
use super::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, Scheme, http_error_code,
};
use super::bindings::wasi::io::poll::Pollable;
use super::bindings::wasi::io::streams::{InputStream, StreamError};

/// `blocking-write-and-flush` takes no more at a time.
const WRITE: usize = 4096;
const READ: u64 = 64 * 1024;

pub(crate) struct Exchange(State);

enum State {
    Sent(FutureIncomingResponse),
    Answered(Body),
    Over,
}

/// In the order in which WASI lets go of them: children first.
struct Body {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
    bytes: Vec<u8>,
}

impl Exchange {
    /// Sends a request, with all of its body.
    pub(crate) fn start(request: Request) -> Result<Self, String> {
        let refused = |what: &str| format!("the host refuses the request's {what}");
        let headers = Fields::from_list(&request.headers)
            .map_err(|error| format!("the host refuses a header of the request: {error:?}"))?;
        let outgoing = OutgoingRequest::new(headers);
        let scheme = if request.https { Scheme::Https } else { Scheme::Http };
        outgoing.set_method(&method(request.method)).map_err(|()| refused("method"))?;
        outgoing.set_scheme(Some(&scheme)).map_err(|()| refused("scheme"))?;
        outgoing.set_authority(Some(&request.authority)).map_err(|()| refused("host"))?;
        outgoing.set_path_with_query(Some(&request.path)).map_err(|()| refused("path"))?;
        let body = match request.body {
            Some(bytes) => Some((outgoing.body().map_err(|()| refused("body"))?, bytes)),
            None => None,
        };
        let future = handle(outgoing, None).map_err(text)?;
        if let Some((body, bytes)) = body {
            write(body, &bytes)?;
        }
        Ok(Exchange(State::Sent(future)))
    }

    /// What has come of it, if something has.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let event = match &mut self.0 {
            State::Sent(future) => match future.get()? {
                Ok(Ok(response)) => self.answered(response),
                Ok(Err(code)) => Event::Failed(text(code)),
                Err(()) => Event::Failed("the response was taken twice".to_owned()),
            },
            State::Answered(body) => body.next()?,
            State::Over => return None,
        };
        if !matches!(event, Event::Head { .. }) {
            self.0 = State::Over;
        }
        Some(event)
    }

    fn answered(&mut self, response: IncomingResponse) -> Event {
        let (status, headers) = (response.status(), response.headers().entries());
        let Ok(body) = response.consume() else {
            return Event::Failed("the response has no body to read".to_owned());
        };
        let Ok(stream) = body.stream() else {
            return Event::Failed("the response's body cannot be read".to_owned());
        };
        let body = Body { stream, _body: body, _response: response, bytes: Vec::new() };
        self.0 = State::Answered(body);
        Event::Head { status, headers }
    }

    /// Ready when [`Exchange::next`] has something.
    pub(super) fn news(&self) -> Option<Pollable> {
        match &self.0 {
            State::Sent(future) => Some(future.subscribe()),
            State::Answered(body) => Some(body.stream.subscribe()),
            State::Over => None,
        }
    }
}

impl Body {
    fn next(&mut self) -> Option<Event> {
        loop {
            match self.stream.read(READ) {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => self.bytes.extend(bytes),
                Err(StreamError::Closed) => {
                    return Some(Event::Body(std::mem::take(&mut self.bytes)));
                }
                Err(StreamError::LastOperationFailed(error)) => {
                    let why = http_error_code(&error).map(text);
                    return Some(Event::Failed(why.unwrap_or_else(|| error.to_debug_string())));
                }
            }
        }
    }
}

/// Writes all of it. A host that has its answer, or that refuses, takes no
/// more of it: what it says then is in the response.
fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), String> {
    let stream = body.write().map_err(|()| "the request's body cannot be written".to_owned())?;
    let taken = bytes.chunks(WRITE).all(|chunk| stream.blocking_write_and_flush(chunk).is_ok());
    drop(stream);
    if taken {
        // What is wrong with it is what the response says, too.
        _ = OutgoingBody::finish(body, None);
    }
    Ok(())
}

fn method(name: String) -> Method {
    match name.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        _ => Method::Other(name),
    }
}

/// What the host says, in its own words where it has some.
fn text(code: ErrorCode) -> String {
    match code {
        ErrorCode::InternalError(Some(text)) => text,
        code => format!("{code:?}").replace("ErrorCode::", ""),
    }
}
