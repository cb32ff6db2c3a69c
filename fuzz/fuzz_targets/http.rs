//! Sockets to the server of the target `resume`: bytes as they are, and the
//! answer with its status. On the server's own thread: no run waits for the
//! scheduler, and the same input goes the same way.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longer than the server waits for anything that a client that has closed its
/// side could still send.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends bytes and nothing after them; all that comes back.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let (mut reading, mut writing) = connect(address).await.into_split();
    let send = async move {
        // A server that has seen enough may close before it has read all.
        _ = writing.write_all(bytes).await;
        _ = writing.shutdown().await;
    };
    let mut answer = Vec::new();
    let both = async { tokio::join!(send, reading.read_to_end(&mut answer)) };
    let done = tokio::time::timeout(PATIENCE, both).await;
    assert!(done.is_ok(), "the server does not let go");
    answer
}

/// The status of each answer, one after the other, as far as it can be told
/// where one ends.
pub(crate) fn statuses(mut answers: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Some(end) = find(answers, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&answers[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        statuses.push(status.unwrap_or_else(|| panic!("no status: {head}")));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let Some(length) = length.and_then(|length| length.parse::<usize>().ok()) else { break };
        answers = answers.get(end + 4 + length..).unwrap_or_default();
        // The answer to HEAD tells the length of what is not there.
        if !answers.starts_with(b"HTTP/1.1 ") {
            break;
        }
    }
    statuses
}

/// A connection that stays open: whether the server still answers.
pub(crate) struct Pulse {
    address: SocketAddr,
    stream: TcpStream,
}

impl Pulse {
    pub(crate) async fn new(address: SocketAddr) -> Self {
        Pulse { address, stream: connect(address).await }
    }

    /// Asserts that it is well.
    pub(crate) async fn check(&mut self) {
        if !self.beats().await {
            // The old connection was closed for its age.
            self.stream = connect(self.address).await;
            assert!(self.beats().await, "the server does not answer any more");
        }
    }

    async fn beats(&mut self) -> bool {
        let asked = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let mut answer = [0; 1024];
        let both = async {
            self.stream.write_all(asked).await?;
            self.stream.read(&mut answer).await
        };
        let read = tokio::time::timeout(PATIENCE, both).await;
        let length = read.ok().and_then(Result::ok).unwrap_or(0);
        answer[..length].starts_with(b"HTTP/1.1 200")
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
