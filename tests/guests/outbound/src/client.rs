//! A client of `wasi:http`, as small as it gets: what the host answers is
//! handed on as it is.

use crate::Request;
use crate::bindings::wasi::http::outgoing_handler::handle;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme, http_error_code,
};
use crate::bindings::wasi::io::streams::StreamError;

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) length: usize,
    pub(crate) text: String,
}

/// Sends a request, the body included.
pub(crate) fn send(request: &Request) -> Result<FutureIncomingResponse, String> {
    let entries: Vec<(String, Vec<u8>)> =
        request.headers.iter().map(|(n, v)| (n.clone(), v.clone().into_bytes())).collect();
    let fields = Fields::from_list(&entries).map_err(|error| format!("header: {error:?}"))?;
    let outgoing = OutgoingRequest::new(fields);
    let (scheme, rest) = request.url.split_once("://").unwrap_or(("", &request.url));
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        other => Method::Other(other.to_owned()),
    };
    let unset = |part: &'static str| move |()| format!("{part} is refused");
    outgoing.set_method(&method).map_err(unset("the method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(unset("the scheme"))?;
    outgoing.set_authority(Some(authority)).map_err(unset("the authority"))?;
    outgoing.set_path_with_query(Some(target)).map_err(unset("the target"))?;
    let options = RequestOptions::new();
    let first_byte = request.first_byte_ms.map(|ms| ms * 1_000_000);
    options.set_first_byte_timeout(first_byte).map_err(unset("the timeout"))?;
    let has_body = request.body.is_some() || request.zeros > 0;
    let body = has_body.then(|| outgoing.body()).transpose().map_err(unset("the body"))?;
    let future = handle(outgoing, Some(options)).map_err(code)?;
    if let Some(body) = body {
        // A body that is cut short shows in the answer.
        _ = write(&body, request);
        _ = OutgoingBody::finish(body, None);
    }
    Ok(future)
}

fn write(body: &OutgoingBody, request: &Request) -> Result<(), String> {
    let stream = body.write().map_err(|()| "no stream".to_owned())?;
    let text = request.body.iter().flat_map(|text| text.as_bytes().chunks(4096));
    for chunk in text {
        stream.blocking_write_and_flush(chunk).map_err(stream_error)?;
    }
    let zeros = vec![b'0'; request.zeros];
    for chunk in zeros.chunks(4096) {
        stream.blocking_write_and_flush(chunk).map_err(stream_error)?;
    }
    Ok(())
}

/// Waits for the answer, the body included.
pub(crate) fn receive(future: FutureIncomingResponse) -> Result<Answer, String> {
    future.subscribe().block();
    let response = match future.get() {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(error))) => return Err(code(error)),
        other => return Err(format!("no response: {other:?}")),
    };
    let location = response.headers().get("location").into_iter().next();
    let body = response.consume().map_err(|()| "no body".to_owned())?;
    let bytes = read(&body)?;
    Ok(Answer {
        status: response.status(),
        location: location.map(|value| String::from_utf8_lossy(&value).into_owned()),
        length: bytes.len(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

fn read(body: &IncomingBody) -> Result<Vec<u8>, String> {
    let stream = body.stream().map_err(|()| "no stream".to_owned())?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(stream_error(error)),
        }
    }
}

fn stream_error(error: StreamError) -> String {
    match error {
        StreamError::LastOperationFailed(error) => {
            let (code, text) = (http_error_code(&error).map(code), error.to_debug_string());
            match code {
                Some(code) if code == text => code,
                other => format!("{other:?}, but {text}"),
            }
        }
        StreamError::Closed => "the stream is closed".to_owned(),
    }
}

fn code(error: ErrorCode) -> String {
    match error {
        ErrorCode::InternalError(Some(text)) => text,
        other => format!("{other:?}"),
    }
}
