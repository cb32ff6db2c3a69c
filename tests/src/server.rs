//! [`Server`]: the other side of an action's requests, on this machine. Plain
//! HTTP/1.1 or TLS, and as rude as a test wants it to be: an answer is whatever
//! bytes a test writes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::project;

/// What writes an answer: it gets the request, and the connection.
pub trait Answer: Fn(&str, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static {}

impl<F: Fn(&str, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static> Answer for F {}

/// A server on a port of its own.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Plain HTTP; answers in its own time.
    pub fn http(answer: impl Answer) -> Self {
        Server::start(answer, None)
    }

    /// TLS, for `localhost`, `127.0.0.1` and `risk.example.com`.
    pub fn https(answer: impl Answer) -> Self {
        let pem = std::fs::read(project().join("tests/certificates/server.pem")).expect("a file");
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_slice(&pem).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate");
        Server::start(answer, Some(Arc::new(config)))
    }

    /// Answers every request with 200 and this text.
    pub fn saying(text: &'static str) -> Self {
        Server::http(move |_, to| to.write_all(&ok(text)))
    }

    fn start(answer: impl Answer, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer, tls) = (Arc::clone(&kept), Arc::clone(&answer), tls.clone());
                // A client that goes away is the client's business.
                thread::spawn(move || match tls {
                    None => serve(stream, &kept, &*answer),
                    Some(config) => {
                        let tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
                        serve(StreamOwned::new(tls, stream), &kept, &*answer)
                    }
                });
            }
        });
        Server { address, requests }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its origin, in plain HTTP.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that came, heads and bodies as they were sent.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("a lock").clone()
    }

    /// How many came.
    pub fn count(&self) -> usize {
        self.requests.lock().expect("a lock").len()
    }
}

fn serve(
    stream: impl Read + Write,
    kept: &Mutex<Vec<String>>,
    answer: &impl Answer,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let request = read(&mut stream)?;
    kept.lock().expect("a lock").push(request.clone());
    let mut stream = stream.into_inner();
    answer(&request, &mut stream)?;
    stream.flush()
}

/// One request. A body in chunks ends with an empty one.
fn read(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = request.to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        while !request.ends_with("\r\n0\r\n\r\n") {
            if stream.read_line(&mut request)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(request + &String::from_utf8_lossy(&body))
}

/// An answer with this text.
pub fn ok(text: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// An address on this machine where nobody listens.
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}
