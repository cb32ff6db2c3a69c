//! WASI 0.2, the inert part: what standard libraries link without being asked.
//! No arguments, no environment, no files, no network; standard output and
//! standard error go to the run's log, standard input is empty, `exit` ends
//! the run as an error. The date is the engine's, randomness the
//! host's.
//!
//! A context is made at the first call: most actions import WASI and few use
//! it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::p2::bindings::{cli, random};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

use crate::action::logs::Stream;
use crate::action::state::{RunState, SharedLogs};
use crate::clock::Clock;

/// The interfaces of WASI 0.2 that an action may import.
pub(crate) const IMPORTS: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Those that an action may import whose flow says where it may call. All of
/// them are there only with the feature `outbound`.
pub(crate) const OUTBOUND_IMPORTS: &[&str] = &["wasi:http/outgoing-handler", "wasi:http/types"];

/// The most random bytes of one call.
const MAX_RANDOM: u64 = 64 * 1024;

/// The most that one write takes.
const WRITE_PERMIT: usize = 64 * 1024;

/// A context that is made when it is needed.
#[derive(Default)]
pub(crate) struct LazyWasi(Option<Box<WasiCtx>>);

impl WasiView for RunState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.enter_wasi();
        let (logs, clock) = (&self.logs, &self.flow.clock);
        let ctx = self.wasi.0.get_or_insert_with(|| {
            let ctx = WasiCtx::builder()
                .stdout(LogStream { logs: logs.clone(), stream: Stream::Out })
                .stderr(LogStream { logs: logs.clone(), stream: Stream::Err })
                .wall_clock(WallClock(Arc::clone(clock)))
                .max_random_size(MAX_RANDOM)
                .build();
            Box::new(ctx)
        });
        WasiCtxView { ctx, table: &mut self.table }
    }
}

fn insecure(state: &mut RunState) -> &mut WasiRandomCtx {
    let WasiCtxView { ctx, .. } = state.ctx();
    ctx.random()
}

/// Adds the inert part of WASI to a linker.
pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    // Streams, polling, clocks, secure randomness and the standard streams.
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    let cli = <RunState as WasiCliView>::cli;
    cli::environment::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, cli)?;
    random::insecure::add_to_linker::<_, WasiRandom>(linker, insecure)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, insecure)?;
    count_random_bytes(linker)
}

/// The version that wasmtime links. Were it another, our functions would stand
/// beside those that they replace, and a test fails.
pub(crate) const VERSION: &str = "0.2.12";

/// Counts random bytes like all others that go to the action, before they are made.
fn count_random_bytes(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    type Call<'a> = StoreContextMut<'a, RunState>;
    fn count(call: &mut Call<'_>, length: u64) -> wasmtime::Result<()> {
        // More than that is refused in any case.
        match usize::try_from(length) {
            Ok(bytes) if length <= MAX_RANDOM => call.data_mut().exchange(bytes),
            _ => Ok(()),
        }
    }
    linker.allow_shadowing(true);
    let secure = |mut call: Call<'_>, (length,): (u64,)| {
        count(&mut call, length)?;
        Ok((random::random::Host::get_random_bytes(insecure(call.data_mut()), length)?,))
    };
    let name = format!("wasi:random/random@{VERSION}");
    linker.instance(&name)?.func_wrap("get-random-bytes", secure)?;
    let other = |mut call: Call<'_>, (length,): (u64,)| {
        count(&mut call, length)?;
        let random = insecure(call.data_mut());
        Ok((random::insecure::Host::get_insecure_random_bytes(random, length)?,))
    };
    let name = format!("wasi:random/insecure@{VERSION}");
    linker.instance(&name)?.func_wrap("get-insecure-random-bytes", other)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The engine's clock, as WASI wants it.
struct WallClock(Arc<dyn Clock>);

impl HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().as_millis()).unwrap_or(0))
    }
}

/// A standard stream that ends in the log.
#[derive(Clone)]
struct LogStream {
    logs: SharedLogs,
    stream: Stream,
}

impl LogStream {
    fn keep(&self, bytes: &[u8]) {
        self.logs.with(|logs| logs.write(self.stream, bytes));
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    /// Without the worker task that the default puts in between: what was
    /// written is in the log when the call returns.
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.keep(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

impl Pollable for LogStream {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(std::future::ready(()))
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.keep(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
