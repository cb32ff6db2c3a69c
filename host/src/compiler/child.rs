//! The compiler's side: reads a request and a component, compiles it, answers,
//! ends. Limits itself before it reads a byte of the component. A failure has no
//! answer but its exit code: the parent makes nothing of half an answer.

use std::io::{self, Read, Write};

use super::message::{Answer, Request};
use crate::action::compile_component;
use crate::secret::Secret;

/// Does what the process was started for; its exit code.
pub(super) fn run() -> i32 {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => 0,
        Err(error) => {
            _ = writeln!(io::stderr(), "{error}");
            1
        }
    }
}

fn serve(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let request = Request::read(from)?;
    limit(&request);
    let mut component = Vec::new();
    from.read_to_end(&mut component)?;
    let kept = request.kept.as_ref();
    let kept = kept.map(|(folder, key)| (folder.clone(), Secret::new(key.as_str())));
    let answer = match compile_component(&component, &request.name, kept) {
        Ok(Some(code)) if code.len() as u64 > request.code => {
            Answer::Refused(super::too_much_code(code.len() as u64, request.code))
        }
        Ok(Some(code)) => Answer::Code(code),
        Ok(None) => Answer::OtherEngine,
        Err(error) => Answer::Refused(error),
    };
    let message = request.seal(&answer).ok_or_else(|| io::Error::other("the key is no key"))?;
    to.write_all(&message)?;
    to.flush()
}

/// Memory and processor time, and less of it than the parent gets. Where a limit
/// cannot be set the parent's clock is left.
#[cfg(unix)]
fn limit(request: &Request) {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    let at_most = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    _ = setrlimit(Resource::Data, at_most(request.memory));
    // At the first one it is told so, and dies of it; the second just kills.
    let seconds = Rlimit {
        current: Some(request.cpu_seconds),
        maximum: Some(request.cpu_seconds.saturating_add(1)),
    };
    _ = setrlimit(Resource::Cpu, seconds);
    // What it dies with is of no use to anybody, and may be private.
    _ = setrlimit(Resource::Core, at_most(0));
    _ = nice(5);
    // Nobody waits for the answer any more when the thread that asked is gone.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
}

#[cfg(not(unix))]
fn limit(_: &Request) {}
