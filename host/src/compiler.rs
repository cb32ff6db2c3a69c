//! [`Compiler`]: where components are compiled. Nothing bounds what compiling
//! costs: a valid component of 160 kB took 24 seconds. So it is done by a child
//! process that is killed when it takes too much, unless an embedder trusts all
//! authors of its components.
//!
//! `parent.rs` starts the child and takes its answer, `child.rs` is what happens
//! in it, `message.rs` is what goes between them.

mod child;
mod message;
mod parent;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Code, Error, Result};

pub(crate) use message::Request;
pub(crate) use parent::compile;

/// How the system says that there is no memory, as the standard library writes it.
pub(crate) const ENOMEM: &str = "(os error 12)";

/// Set for a child, and for nothing else.
const VARIABLE: &str = "FLOWHOST_COMPILER";

/// Whether this program can be its own compiler.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Where an engine has its components compiled.
///
/// ```
/// use flowhost::{Compiler, Engine};
///
/// // Components of strangers: by the `flowhost` command, in a process of its own.
/// let engine = Engine::builder().compiler(Compiler::program("/usr/local/bin/flowhost"));
/// // Components of your own: in this process.
/// let engine = Engine::builder().compiler(Compiler::in_process());
/// ```
///
/// A child compiles one component and ends. It has the `compile_memory` and the
/// `compile_time` of the action's limits, is killed when they are over, runs at a
/// lower priority than its parent, and inherits no environment. What it hands
/// back is authenticated with a key that is made for each.
#[derive(Debug, Clone)]
pub struct Compiler(Option<PathBuf>);

impl Compiler {
    /// In this process. Compiling is bounded in time then, but not in memory,
    /// and what is given up goes on burning its thread: for components whose
    /// authors you trust.
    pub fn in_process() -> Self {
        Compiler(None)
    }

    /// In a child process that runs `program`: the `flowhost` command, of the
    /// same version as this crate, or a program that calls [`Compiler::serve`]
    /// first.
    pub fn program(program: impl Into<PathBuf>) -> Self {
        Compiler(Some(program.into()))
    }

    /// To be called first in `main`, before anything else is set up: makes this
    /// program its own compiler, which is then what engines use by default. In
    /// a process that was started to compile it does so, and does not return.
    ///
    /// ```
    /// flowhost::Compiler::serve();
    /// ```
    pub fn serve() {
        if std::env::var_os(VARIABLE).is_some() {
            std::process::exit(child::run());
        }
        SERVES.store(true, Ordering::Relaxed);
    }

    /// What an engine uses that was not told.
    ///
    /// # Errors
    /// `compiler_unavailable` where that would have to be this process.
    pub(crate) fn by_default() -> Result<Self> {
        if !SERVES.load(Ordering::Relaxed) {
            let message = "nothing says where components are compiled";
            return Err(Error::new(Code::CompilerUnavailable, message).with_hint(
                "call `flowhost::Compiler::serve()` first in `main`; or, for components you trust, \
                 build the engine with `.compiler(Compiler::in_process())`",
            ));
        }
        // This very file, even when it was replaced since.
        if cfg!(target_os = "linux") {
            return Ok(Compiler::program("/proc/self/exe"));
        }
        std::env::current_exe().map(Compiler::program).map_err(|error| {
            Error::new(Code::CompilerUnavailable, format!("this program has no path: {error}"))
        })
    }

    /// The program to start; none when it is done in this process.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

/// What compiling one component may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) millis: u64,
    pub(crate) memory: u64,
    /// Bytes of what comes of it.
    pub(crate) code: u64,
}

impl Bounds {
    /// Whether these allow nothing that the others do not.
    pub(crate) fn within(&self, others: &Bounds) -> bool {
        self.millis <= others.millis && self.memory <= others.memory && self.code <= others.code
    }
}

/// The component is not valid: `why`.
pub(crate) fn invalid(why: &str) -> Error {
    Error::new(Code::ComponentInvalid, format!("the component is not valid: {why}"))
}

/// It is valid, and compiles to more than it may.
pub(crate) fn too_much_code(code: u64, most: u64) -> Error {
    let message = format!("the component compiles to {code} bytes; {most} are allowed");
    Error::new(Code::ComponentTooComplex, message)
}

/// The compiler has no answer to this component.
pub(crate) fn crashed() -> Error {
    Error::new(Code::ComponentInvalid, "this component brings the compiler down")
}

/// The time to compile a component was over.
pub(crate) fn too_long(bounds: Bounds) -> Error {
    let message = format!("the component took more than {} ms to compile", bounds.millis);
    Error::new(Code::CompileTimeExceeded, message)
}
