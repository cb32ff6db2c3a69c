//! A server on the loopback interface that answers as its paths say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{sleep, spawn};
use std::time::Duration;

pub(crate) struct Server {
    pub(crate) origin: String,
    /// How many requests came.
    pub(crate) requests: Arc<AtomicUsize>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, together) = (requests.clone(), Arc::new(Barrier::new(3)));
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, together) = (count.clone(), together.clone());
                spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    count.fetch_add(1, Ordering::SeqCst);
                    _ = answer(stream, &request, &together);
                });
            }
        });
        Server { origin, requests }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn answer(mut stream: TcpStream, request: &Request, together: &Barrier) -> std::io::Result<()> {
    let number = || request.query.parse::<u64>().unwrap_or(0);
    let mut send = |status: &str, headers: &str, body: &[u8]| {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)
    };
    match request.path.as_str() {
        "/echo" => {
            let headers: serde_json::Map<_, _> =
                request.headers.iter().map(|(n, v)| (n.clone(), v.clone().into())).collect();
            let body = serde_json::json!({
                "method": request.method, "query": request.query, "headers": headers, "body": request.body,
            });
            let head = "content-type: application/json\r\nX-One: 1\r\nx-one: 2\r\n";
            send("200 OK", head, body.to_string().as_bytes())
        }
        // Goes on with one less, and at the end to the echo.
        "/count" if number() > 0 => {
            send("302 Found", &format!("location: /count?{}\r\n", number() - 1), b"")
        }
        "/count" => send("302 Found", "location: /echo#end\r\n", b""),
        // `/to/<status>?<where>`
        path if path.starts_with("/to/") => {
            send(&format!("{} X", &path[4..]), &format!("location: {}\r\n", request.query), b"moved")
        }
        path if path.starts_with("/status/") => send(&format!("{} X", &path[8..]), "", b"text"),
        "/slow" => {
            sleep(Duration::from_millis(number()));
            send("200 OK", "", b"late")
        }
        // Answers when three have come.
        "/together" => {
            together.wait();
            send("200 OK", "", b"together")
        }
        "/half" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")?;
            sleep(Duration::from_millis(number()));
            Ok(())
        }
        "/chunked" => stream.write_all(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
        ),
        "/big" => send("200 OK", "", &vec![b'x'; number() as usize]),
        "/bom" => send("200 OK", "", b"\xef\xbb\xbf{\"caf\xc3\xa9\":\"\xff\"}"),
        "/gzip" => send("200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b"),
        "/cookies" => {
            send("200 OK", "set-cookie: a=1; Path=/\r\nSet-Cookie: b=2, c\r\nx-latin: \u{e9}\r\n", b"[]")
        }
        "/broken" => stream.write_all(b"nonsense\r\n\r\n"),
        _ => send("404 Not Found", "", b"no such path"),
    }
}
