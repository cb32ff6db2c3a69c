//! [`Serving`]: `flowhost serve` as a process on a free port, [`Browser`]: who
//! visits it, with a jar for its cookie, and [`Response`]: an answer, byte by
//! byte. Plain sockets, so that a test can be as rude as it likes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Cli;

/// The key of the API.
pub const API_KEY: &str = "test-api-key-0123456789abcdef0123456789";

/// How long a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it said when it started.
    pub said: Value,
    stderr: Arc<Mutex<String>>,
}

impl Serving {
    /// Serves a flow file of `cli`'s folder.
    pub fn start(cli: &Cli, flow: &str) -> Self {
        Serving::with(cli, &[flow], |_| {})
    }

    /// Serves with these arguments and other changes.
    pub fn with(cli: &Cli, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        let mut command = Serving::command(cli, arguments);
        change(&mut command);
        let mut child = command.spawn().expect("a server");
        let stderr = collect(child.stderr.take().expect("standard error"));
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output"));
        stdout.read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            _ = stdout.read_to_string(&mut line);
            _ = child.wait();
            panic!("{error}: {line} {}", stderr.lock().expect("a lock"))
        });
        let address = said["listen"].as_str().expect("an address").parse().expect("an address");
        Serving { child, address, said, stderr }
    }

    /// The command that serves.
    pub fn command(cli: &Cli, arguments: &[&str]) -> Command {
        let mut command = cli.command();
        command
            .args(["serve", "--json"])
            .args(arguments)
            .env("FLOWHOST_API_KEYS", API_KEY)
            .env_remove("FLOWHOST_API_KEYS_FILE")
            .env_remove("FLOWHOST_PUBLIC_URL")
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .env_remove("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command
    }

    /// Sends a request as it is and reads the answer.
    pub fn send(&self, request: &[u8]) -> Response {
        exchange(self.address, request)
    }

    /// A call of the API, with the key.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let key = format!("authorization: Bearer {API_KEY}\r\n");
        let text = body.map(ToString::to_string).unwrap_or_default();
        let json = if body.is_some() { "content-type: application/json\r\n" } else { "" };
        self.send(&request(method, path, &format!("{key}{json}"), text.as_bytes()))
    }

    /// Starts a flow that waits for its browser; the answer, and the path that
    /// begins it.
    #[track_caller]
    pub fn begin(&self, flow: &str, event: &Value) -> (Value, String) {
        let body = serde_json::json!({ "flow": flow, "event": event });
        let started = self.call("POST", "/v1/flows", Some(&body)).expect(201).json();
        let url = started["begin_url"].as_str().expect("a URL");
        let base = self.said["public_url"].as_str().expect("a URL");
        let path = format!("/{}", url.strip_prefix(base).expect("our URL"));
        (started, path)
    }

    /// How a flow stands.
    #[track_caller]
    pub fn flow(&self, started: &Value) -> Value {
        let id = started["flow_id"].as_str().expect("an id");
        self.call("GET", &format!("/v1/flows/{id}"), None).expect(200).json()
    }

    /// All it logged so far.
    pub fn log(&self) -> String {
        self.stderr.lock().expect("a lock").clone()
    }

    /// Waits until the log holds a text.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) {
        wait_until(text, || self.log().contains(text));
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// Waits until it ended by itself; its exit code.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        let mut code = None;
        wait_until("the end", || match self.child.try_wait().expect("a process") {
            Some(status) => {
                code = status.code();
                true
            }
            None => false,
        });
        code
    }

    /// Tells it to stop and waits until it did.
    #[track_caller]
    pub fn stop(mut self) -> String {
        self.signal("TERM");
        assert_eq!(self.ended(), Some(0), "{}", self.log());
        self.log()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn collect(from: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let kept = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&kept);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().expect("a lock");
            text.push_str(&line);
            text.push('\n');
        }
    });
    kept
}

/// Waits for a condition, within reason.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "bounds a wait")]
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "waited for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A request with a body.
pub fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match body.is_empty() && method == "GET" {
        true => String::new(),
        false => format!("content-length: {}\r\n", body.len()),
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}{length}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Sends a request and reads until the server closes.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Response {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    // A server that has seen enough may close before it has read all.
    _ = stream.write_all(request);
    Response::read(&mut stream)
}

/// The same for a server that may be away, or be killed before it answered all.
pub fn attempt(address: SocketAddr, request: &[u8]) -> Option<Response> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    // What was cut off is no answer.
    let whole = Response::length(&bytes).is_some_and(|length| length == bytes.len());
    whole.then(|| Response::parse(&bytes))
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// Reads until the other side closes.
    #[track_caller]
    pub fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let mut part = [0; 16 * 1024];
        loop {
            match stream.read(&mut part) {
                Ok(0) => break,
                Ok(count) => bytes.extend(&part[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
            }
        }
        _ = stream.shutdown(Shutdown::Both);
        Response::parse(&bytes)
    }

    /// How long an answer should be, as its head says.
    fn length(bytes: &[u8]) -> Option<usize> {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let body = Response::parse(&bytes[..head]);
        Some(head + body.header("content-length")?.parse::<usize>().ok()?)
    }

    #[track_caller]
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no answer: {text}"));
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Response { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
    }

    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// The first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("leads nowhere: {self:#?}"))
    }

    /// The parameter of the address it leads to.
    #[track_caller]
    pub fn location_parameter(&self, name: &str) -> String {
        let query = self.location().split_once('?').map_or("", |(_, query)| query);
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
        found.unwrap_or_else(|| panic!("no {name} in {}", self.location()))
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Asserts that this is a problem with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let this = self.expect(status);
        assert_eq!(this.header("content-type"), Some("application/problem+json"), "{this:#?}");
        let problem = this.json();
        assert_eq!(problem["code"], code, "{problem:#}");
        assert_eq!(problem["status"], status, "{problem:#}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem:#}");
        this
    }

    /// What must be the same for all that look the same: everything but the date.
    pub fn without_date(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date");
        self
    }
}

/// A browser that keeps the cookie it was given.
#[derive(Debug, Default, Clone)]
pub struct Browser {
    /// `name=value`.
    pub cookie: Option<String>,
}

impl Browser {
    /// Follows a link, and what sets a cookie.
    #[track_caller]
    pub fn get(&mut self, server: &Serving, path: &str) -> Response {
        self.send(server, "GET", path, "", b"")
    }

    /// Begins a flow.
    #[track_caller]
    pub fn begin(&mut self, server: &Serving, path: &str) -> Response {
        let answer = self.get(server, path);
        match answer.header("set-cookie") {
            None => answer,
            Some(_) => {
                let base = server.said["public_url"].as_str().expect("a URL");
                let next = answer.location().strip_prefix(base).expect("our URL");
                self.get(server, &format!("/{next}"))
            }
        }
    }

    /// Posts a form.
    #[track_caller]
    pub fn post(&mut self, server: &Serving, path: &str, form: &str) -> Response {
        let kind = "content-type: application/x-www-form-urlencoded\r\n";
        self.send(server, "POST", path, kind, form.as_bytes())
    }

    #[track_caller]
    fn send(
        &mut self,
        server: &Serving,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Response {
        let cookie = self.cookie.as_ref().map(|cookie| format!("cookie: {cookie}\r\n"));
        let headers = format!("{headers}{}", cookie.unwrap_or_default());
        let answer = server.send(&request(method, path, &headers, body));
        if let Some(set) = answer.header("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        answer
    }
}

/// The files below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}
