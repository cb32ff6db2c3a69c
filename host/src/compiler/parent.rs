//! The engine's side: starts the compiler, gives it the component, and waits as
//! long as the limits say. Whatever becomes of the child, this process is left
//! with an error that says what it was.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::message::{Answer, Request};
use super::{Bounds, ENOMEM, VARIABLE};
use crate::clock::stopwatch;
use crate::error::{Code, Error, Result};

/// What is kept of what a compiler says before it dies.
const MAX_STDERR: u64 = 4096;

/// How long a child that has closed its output may take to end.
const ENDING: Duration = Duration::from_millis(500);

/// How the standard library says that there is no memory, for what it was asked to
/// keep, to map or to start.
const NO_MEMORY: [&str; 3] = ["memory allocation of", ENOMEM, "(os error 11)"];

/// The machine code of a component, compiled by a child process. Blocks.
pub(crate) fn compile(
    program: &Path,
    request: &Request,
    component: &[u8],
    bounds: Bounds,
) -> Result<Vec<u8>> {
    let deadline = stopwatch() + Duration::from_millis(bounds.millis);
    let child = start(program)?;
    let mut ended = converse(child, request, component, deadline)?;
    match ended.answer.take().and_then(|answer| request.open(answer)) {
        Some(Answer::Code(code)) => Ok(code),
        Some(Answer::Refused(error)) => Err(error),
        Some(Answer::OtherEngine) => Err(Error::new(
            Code::CompilerUnavailable,
            format!("{} is of another version than this program", program.display()),
        )),
        None if ended.late || ended.by == By::Time => Err(super::too_long(bounds)),
        None if NO_MEMORY.iter().any(|text| ended.stderr.contains(text)) => Err(too_much(bounds)),
        None if ended.by == By::System => {
            Err(too_much(bounds).with_hint("or the system had none left, and killed the compiler"))
        }
        None => Err(died(program, &ended)),
    }
}

fn start(program: &Path) -> Result<Child> {
    let mut command = Command::new(program);
    // Nothing of the environment: secrets are in it.
    command.env_clear().env(VARIABLE, "1");
    // But for where a system keeps its libraries elsewhere.
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: what it starts ends with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|error| {
        let message = format!("the compiler cannot be started: {}: {error}", program.display());
        Error::new(Code::CompilerUnavailable, message)
    })
}

/// How a child ended.
struct Ended {
    answer: Option<Vec<u8>>,
    stderr: String,
    status: Option<ExitStatus>,
    late: bool,
    by: By,
}

/// Who ended a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The limit of its processor time.
    Time,
    /// The system, which does so when it has no memory left.
    System,
    /// Itself, or this process.
    Us,
}

/// Writes and reads at the same time, so that neither waits for the other; kills
/// the child when its time is over.
fn converse(
    mut child: Child,
    request: &Request,
    component: &[u8],
    deadline: Instant,
) -> Result<Ended> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (tell, answered) = channel();
    // The answer's kind and MAC come on top.
    let most = request.code.saturating_add(1024);
    thread::scope(|scope| {
        let write = move || {
            // A child that does not want all of it has a reason, which it says.
            _ = stdin.map(|mut to| request.write(&mut to).and_then(|()| to.write_all(component)));
        };
        let take = move || {
            // It may be larger than what it was made from, but not without end.
            let answer = stdout.map(|from| read(from, most));
            _ = tell.send(answer.unwrap_or_default());
        };
        let listen = move || stderr.map(|from| read(from, MAX_STDERR));
        let threads = thread::Builder::new()
            .spawn_scoped(scope, write)
            .and_then(|_| thread::Builder::new().spawn_scoped(scope, take))
            .and_then(|_| thread::Builder::new().spawn_scoped(scope, listen));
        let said = threads.map_err(|error| {
            // Those that are there end with its pipes.
            end(&mut child, Duration::ZERO);
            let message = format!("no threads to talk to the compiler with: {error}");
            Error::new(Code::CompilerUnavailable, message)
        })?;
        let answer = answered.recv_timeout(deadline.saturating_duration_since(stopwatch()));
        let late = answer == Err(RecvTimeoutError::Timeout);
        let (status, by) = end(&mut child, if late { Duration::ZERO } else { ENDING });
        let stderr = said.join().ok().flatten().unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        Ok(Ended { answer: answer.ok(), stderr, status, late, by })
    })
}

/// At most so much; what comes after it stays unread.
fn read(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    _ = from.take(most).read_to_end(&mut bytes);
    bytes
}

/// Waits a moment for the child to end by itself, then ends it, and whatever it has
/// started: nothing may hold its pipes.
fn end(child: &mut Child, patience: Duration) -> (Option<ExitStatus>, By) {
    let until = stopwatch() + patience;
    while !has_ended(child) && stopwatch() < until {
        thread::sleep(Duration::from_millis(1));
    }
    let by_itself = has_ended(child);
    kill_all(child);
    let status = child.wait().ok();
    (status, if by_itself { ended_by(status) } else { By::Us })
}

/// Whether it has, without taking notice: its number is nobody else's until then.
#[cfg(unix)]
fn has_ended(child: &Child) -> bool {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(Pid::from_child(child)), options), Ok(None))
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    child.try_wait().is_ok_and(|status| status.is_some())
}

#[cfg(unix)]
fn kill_all(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(not(unix))]
fn kill_all(child: &mut Child) {
    _ = child.kill();
}

fn too_much(bounds: Bounds) -> Error {
    let message = format!("the component took more than {} bytes to compile", bounds.memory);
    Error::new(Code::CompileMemoryExceeded, message)
}

/// Who ended a child that this process did not.
#[cfg(unix)]
fn ended_by(status: Option<ExitStatus>) -> By {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt as _;
    match status.and_then(|status| status.signal()) {
        Some(signal) if signal == Signal::XCPU.as_raw() => By::Time,
        Some(signal) if signal == Signal::KILL.as_raw() => By::System,
        _ => By::Us,
    }
}

#[cfg(not(unix))]
fn ended_by(_: Option<ExitStatus>) -> By {
    By::Us
}

/// The child made no answer: it crashed, or is no compiler at all.
fn died(program: &Path, ended: &Ended) -> Error {
    let status = ended.status.map_or_else(|| "lost".to_owned(), |status| status.to_string());
    tracing::warn!(program = %program.display(), status, stderr = ended.stderr, "no answer");
    super::crashed().with_hint(format!(
        "or {} is no compiler ({status}): `flowhost check` with another component tells",
        program.display()
    ))
}
