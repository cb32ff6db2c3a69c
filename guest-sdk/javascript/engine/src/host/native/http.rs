//! [`Exchange`]: a request by a thread of its own, enough of HTTP/1.1 to test
//! against. No TLS, no connection is used twice.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::super::{Event, Headers, Request};
use super::monotonic_nanos;

/// A response's body is no larger, as with a host.
const LARGEST: usize = 1 << 20;

thread_local! {
    static CHANNEL: (Sender<News>, Receiver<News>) = channel();
    /// What came and was not asked for yet.
    static CAME: RefCell<Vec<News>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Of which exchange, and what.
type News = (u32, Event);

pub(crate) struct Exchange(u32);

impl Exchange {
    #[expect(clippy::unnecessary_wraps, reason = "a host can refuse")]
    pub(crate) fn start(request: Request) -> Result<Self, String> {
        let id = LAST.get() + 1;
        LAST.set(id);
        let news = CHANNEL.with(|(sender, _)| sender.clone());
        std::thread::spawn(move || {
            let failed = perform(&request, &mut |event| _ = news.send((id, event))).err();
            if let Some(why) = failed {
                _ = news.send((id, Event::Failed(why)));
            }
        });
        Ok(Exchange(id))
    }

    pub(crate) fn next(&mut self) -> Option<Event> {
        CAME.with_borrow_mut(|came| {
            let at = came.iter().position(|(id, _)| *id == self.0)?;
            Some(came.remove(at).1)
        })
    }
}

pub(crate) fn wait(exchanges: &[&Exchange], until: Option<u64>) -> Vec<usize> {
    loop {
        let ready: Vec<usize> = CAME.with_borrow(|came| {
            let news = |exchange: &Exchange| came.iter().any(|(id, _)| *id == exchange.0);
            (0..exchanges.len()).filter(|index| news(exchanges[*index])).collect()
        });
        if !ready.is_empty() {
            return ready;
        }
        let left = until.map_or(u64::MAX, |until| until.saturating_sub(monotonic_nanos()));
        let next = CHANNEL.with(|(_, receiver)| receiver.recv_timeout(Duration::from_nanos(left)));
        match next {
            Ok(news) => CAME.with_borrow_mut(|came| came.push(news)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Vec::new(),
        }
    }
}

fn perform(request: &Request, tell: &mut dyn FnMut(Event)) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("OutboundFailed: {error}");
    if request.https {
        return Err("OutboundRefused: this host speaks no TLS".to_owned());
    }
    let address = match request.authority.contains(':') {
        true => request.authority.clone(),
        false => format!("{}:80", request.authority),
    };
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    let mut head = format!("{} {} HTTP/1.1\r\nhost: ", request.method, request.path).into_bytes();
    head.extend_from_slice(request.authority.as_bytes());
    for (name, value) in &request.headers {
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
    }
    head.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    head.extend_from_slice(request.body.as_deref().unwrap_or_default());
    stream.write_all(&head).map_err(failed)?;

    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if more(&mut stream, &mut read).map_err(failed)? == 0 {
            return Err("HttpResponseIncomplete".to_owned());
        }
    };
    let (status, headers) =
        parsed(&String::from_utf8_lossy(&read[..end])).ok_or("HttpProtocolError")?;
    let header = |name: &str| {
        let found = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
    let chunked = header("transfer-encoding").is_some();
    tell(Event::Head { status, headers });
    let mut body = read.split_off(end + 4);
    let none = request.method == "HEAD" || matches!(status, 204 | 304);
    while !none && length.is_none_or(|length| body.len() < length) {
        if body.len() > LARGEST {
            return Err("OutboundFailed: the response is larger than 1 MiB".to_owned());
        }
        if more(&mut stream, &mut body).map_err(failed)? == 0 {
            if length.is_some() {
                return Err("HttpResponseIncomplete".to_owned());
            }
            break;
        }
    }
    tell(Event::Body(if chunked { unchunked(&body).ok_or("HttpProtocolError")? } else { body }));
    Ok(())
}

fn more(stream: &mut TcpStream, into: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut chunk = [0; 4096];
    let count = stream.read(&mut chunk)?;
    into.extend_from_slice(&chunk[..count]);
    Ok(count)
}

fn parsed(head: &str) -> Option<(u16, Headers)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().as_bytes().to_vec()))
    };
    Some((status, lines.map(header).collect::<Option<_>>()?))
}

fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?, 16).ok()?;
        let chunk = body.get(end + 2..end + 2 + length)?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(chunk);
        body = body.get(end + 4 + length..)?;
    }
}
