//! [`Unstalled`]: a connection whose other side has to read. Without it a client
//! that asks and never reads its answer would hold a place for as long as
//! connections may last.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A connection whose writes fail when nothing of them moved for a while.
pub(super) struct Unstalled<S> {
    inner: S,
    writing: Patience,
    flushing: Patience,
}

impl<S> Unstalled<S> {
    /// Writes may wait that long without any progress.
    pub(super) fn new(inner: S, limit: Duration) -> Self {
        Unstalled { inner, writing: Patience::new(limit), flushing: Patience::new(limit) }
    }
}

/// How long something may wait; begins anew with each progress.
struct Patience {
    limit: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Patience { limit, waiting: None }
    }

    fn with<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waiting = None;
            return polled;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(self.limit)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unstalled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unstalled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.writing.with(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.writing.with(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(context);
        self.flushing.with(polled, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Read as _;
    use std::net::TcpListener;

    use tokio::net::TcpStream;

    use super::*;

    fn connected() -> (TcpStream, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let ours = std::net::TcpStream::connect(listener.local_addr().expect("an address"));
        let ours = ours.expect("a connection");
        ours.set_nonblocking(true).expect("a socket");
        let (theirs, _) = listener.accept().expect("a connection");
        (TcpStream::from_std(ours).expect("a socket"), theirs)
    }

    fn run<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(test)
    }

    async fn write(stream: &mut Unstalled<TcpStream>, bytes: &[u8]) -> io::Result<usize> {
        poll_fn(|context| Pin::new(&mut *stream).poll_write(context, bytes)).await
    }

    #[test]
    fn who_never_reads_is_given_up_and_stays_so() {
        run(async {
            let (ours, _theirs) = connected();
            let mut ours = Unstalled::new(ours, Duration::from_millis(100));
            let bytes = [0; 64 * 1024];
            let error = loop {
                match write(&mut ours, &bytes).await {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            let parts = [io::IoSlice::new(&bytes)];
            let again = poll_fn(|context| Pin::new(&mut ours).poll_write_vectored(context, &parts));
            assert_eq!(again.await.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        });
    }

    #[test]
    fn each_progress_gives_time_anew() {
        run(async {
            let (ours, mut theirs) = connected();
            let limit = Duration::from_secs(3600);
            let mut ours = Unstalled::new(ours, limit);
            let bytes = [0; 64 * 1024];
            // Until nothing more goes in, so that it waits.
            let full = |ours: &mut Unstalled<TcpStream>, context: &mut Context<'_>| loop {
                match Pin::new(&mut *ours).poll_write(context, &bytes) {
                    Poll::Ready(done) => _ = done.expect("written"),
                    Poll::Pending => return Poll::Ready(()),
                }
            };
            poll_fn(|context| full(&mut ours, context)).await;
            assert!(ours.writing.waiting.is_some());
            let reading = std::thread::spawn(move || {
                let mut buffer = vec![0; 1024 * 1024];
                while theirs.read(&mut buffer).is_ok_and(|count| count > 0) {}
            });
            write(&mut ours, &bytes).await.expect("written");
            assert!(ours.writing.waiting.is_none(), "the wait is over");
            drop(ours);
            reading.join().expect("read");
        });
    }
}
