//! [`Listening`]: one open port. Bounds what a client can hold on to: the
//! number of connections, the head of a request and how long it may take,
//! and how long nothing may move.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::stalled::Unstalled;

/// The head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// How many headers it may have.
const HEADERS: usize = 100;

/// How long a head may take to arrive, and how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long connections may last.
#[derive(Clone, Copy)]
struct Times {
    /// After that it is closed with the next answer.
    lasts: Duration,
    /// After that much more it is closed, whatever goes on.
    rest: Duration,
    /// How long a client may not read.
    stalled: Duration,
}

const TIMES: Times = Times {
    lasts: Duration::from_secs(600),
    rest: Duration::from_secs(60),
    stalled: Duration::from_secs(15),
};

/// After a failed accept, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Whom a request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// A port that is served.
pub(super) struct Listening {
    accepting: JoinHandle<()>,
    connections: Arc<Semaphore>,
    most: usize,
}

impl Listening {
    /// Serves until `stopped` says so.
    pub(super) fn start(
        socket: TcpListener,
        routes: Router,
        connections: usize,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Listening::start_with(socket, routes, connections, stopped, TIMES)
    }

    fn start_with(
        socket: TcpListener,
        routes: Router,
        connections: usize,
        stopped: watch::Receiver<bool>,
        times: Times,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(connections));
        let accepting = accept(socket, routes, Arc::clone(&permits), stopped, times);
        Listening { accepting: tokio::spawn(accepting), connections: permits, most: connections }
    }

    /// Until the last connection is closed, once it stopped accepting.
    pub(super) async fn finished(self) {
        _ = self.accepting.await;
        let most = u32::try_from(self.most).unwrap_or(u32::MAX);
        _ = self.connections.acquire_many(most).await;
    }
}

async fn accept(
    socket: TcpListener,
    routes: Router,
    permits: Arc<Semaphore>,
    mut stopped: watch::Receiver<bool>,
    times: Times,
) {
    loop {
        // First a place, then a client: the rest waits in the kernel's queue.
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
            Some((permit, socket.accept().await))
        };
        let accepted = tokio::select! {
            next = next => next,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Some((permit, Ok((stream, peer)))) => {
                let (routes, stopped) = (routes.clone(), stopped.clone());
                tokio::spawn(async move {
                    connection(stream, peer, routes, stopped, times).await;
                    drop(permit);
                });
            }
            Some((_, Err(_))) => tokio::time::sleep(PAUSE).await,
            None => return,
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    mut stopped: watch::Receiver<bool>,
    times: Times,
) {
    _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let routes = routes.clone();
        async move {
            let request = request.map(axum::body::Body::new);
            Ok::<_, Infallible>(
                routes.oneshot(request).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_header_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .half_close(true)
        .serve_connection(TokioIo::new(Unstalled::new(stream, times.stalled)), service);
    tokio::pin!(connection);
    let deadline = tokio::time::sleep(times.lasts);
    tokio::pin!(deadline);
    let (mut stopping, mut over) = (false, false);
    // A client's fault is the client's business: nothing is logged of it.
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stopped.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = &mut deadline => {
                if over {
                    return;
                }
                // A request in flight is answered first.
                over = true;
                connection.as_mut().graceful_shutdown();
                let last = deadline.deadline() + times.rest;
                deadline.as_mut().reset(last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use axum::routing::get;
    use tokio::sync::mpsc;

    use super::*;

    const ASKED: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    /// Asks a server that takes this long to answer, and reads to the end of
    /// the connection.
    fn asked(times: Times, takes: Duration) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = socket.local_addr().expect("an address");
            let (entered, mut enters) = mpsc::channel(1);
            let answer = get(move || async move {
                _ = entered.send(()).await;
                tokio::time::sleep(takes).await;
                "whole"
            });
            let (_stop, stopped) = watch::channel(false);
            let routes = Router::new().route("/", answer);
            let _listening = Listening::start_with(socket, routes, 1, stopped, times);
            let client = tokio::task::spawn_blocking(move || {
                let mut stream = std::net::TcpStream::connect(address).expect("a connection");
                stream.write_all(ASKED).expect("sent");
                let mut answer = Vec::new();
                _ = stream.read_to_end(&mut answer);
                String::from_utf8_lossy(&answer).into_owned()
            });
            enters.recv().await.expect("a request");
            client.await.expect("an answer")
        })
    }

    fn times(lasts: u64, rest: u64) -> Times {
        let (lasts, rest) = (Duration::from_millis(lasts), Duration::from_millis(rest));
        Times { lasts, rest, ..TIMES }
    }

    #[test]
    fn at_its_end_a_connection_answers_what_it_was_asked() {
        let answer = asked(times(1000, 600_000), Duration::from_millis(1500));
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("whole"), "{answer}");
    }

    #[test]
    fn what_is_not_answered_even_then_is_given_up() {
        assert_eq!(asked(times(1000, 100), Duration::from_secs(3600)), "");
    }
}
