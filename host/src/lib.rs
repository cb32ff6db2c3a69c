//! flowhost runs identity-flow hooks as sandboxed WebAssembly.
//!
//! A *flow* is a list of *actions*: components of the world
//! `flowhost:post-challenge/action` that run one after another, each in a fresh
//! instance, when a user who forgot their password has passed the first
//! challenge. An action may deny, ask for a factor, send the user away, show a
//! prompt. A flow that waits for its user is *suspended* in a [`Store`], and
//! goes on with the *state* it answered with. Only [`Outcome::Completed`] lets
//! the password be set.
//!
//! ```
//! # let component = wat::parse_str(include_str!("../examples/embed/redirect.wat"))?;
//! # let event_json = include_str!("../examples/embed/event.json");
//! # let browser_cookie = "a random value";
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use flowhost::{
//!     ActionSpec, Binding, Compiler, Component, Engine, Event, FlowSpec, Outcome, Resume,
//! };
//!
//! // Once: an engine, and a flow. `FlowSpec::from_file` reads a flow file. This
//! // component is trusted: see `Compiler` for those of strangers.
//! let engine = Engine::builder().compiler(Compiler::in_process()).build()?;
//! let action = ActionSpec::new("verify", Component::Bytes(component));
//! let flow = engine.load(FlowSpec::new("reset").action(action)).await?;
//!
//! // A user has passed the first challenge: start the flow.
//! let event = Event::from_json(event_json)?;
//! let browser = Binding::new(browser_cookie);
//! let report = engine.start_bound(&flow, event, &browser).await?;
//!
//! // It wants the user to go elsewhere: answer with a redirect.
//! let Outcome::Redirect(redirect) = report.outcome else { panic!("{report:?}") };
//! assert!(redirect.url.starts_with("https://verify.example.com/?state="));
//!
//! // They come back, with `state` and what the other site has to say.
//! let query = [("state", redirect.state.as_str()), ("result", "ok")];
//! let resume = Resume::get(query).with_binding(browser);
//! let report = engine.resume(&redirect.state, resume).await?;
//!
//! match report.outcome {
//!     Outcome::Completed => { /* the only case in which a password may be set */ }
//!     Outcome::Denied(denied) => panic!("{}", denied.reason),
//!     other => panic!("redirect, prompt, challenge, or failed: {other:?}"),
//! }
//! # Ok::<(), flowhost::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Async
//!
//! Everything runs on tokio, on whichever runtime calls. A computing action
//! yields at every million units of fuel and every 10 ms; SQLite, and waiting for
//! the compiler, use tokio's blocking threads. Dropping the future of a start or a resume
//! stops the action; a dropped resume leaves its state claimed until the lease
//! ends, and then usable.
//!
//! # Features
//!
//! | feature | default | what it gives |
//! |---|---|---|
//! | `cli` | yes | the `flowhost` command |
//! | `javascript` | yes | actions from JavaScript and TypeScript |
//! | `sqlite` | yes | [`store::SqliteStore`] |
//! | `postgres` | yes | [`store::PostgresStore`], which several machines share |
//! | `outbound` | yes | requests of actions to origins their flow grants; needs tokio's I/O driver |

#![deny(missing_docs)]

#[cfg(all(feature = "cli", any(fuzzing, clippy)))]
extern crate self as flowhost;

mod action;
mod api;
mod cache;
mod clock;
mod compiler;
mod cursor;
mod digest;
mod effects;
mod engine;
mod error;
mod event;
mod flow;
#[cfg(all(feature = "cli", any(fuzzing, clippy)))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "javascript")]
mod javascript;
mod keys;
mod limits;
#[doc(hidden)]
pub mod measure;
mod origin;
mod outcome;
// Both are parts of the command; fuzz targets have them in their own process.
#[cfg(all(feature = "cli", any(fuzzing, clippy)))]
#[allow(dead_code, reason = "the command uses the rest")]
mod printable;
mod redirect_url;
mod secret;
#[cfg(all(feature = "cli", any(fuzzing, clippy)))]
#[allow(dead_code, unused_imports, reason = "the command uses the rest")]
mod server;
pub mod store;
mod suspension;
mod token;

pub use action::{Inspection, inspect};
#[cfg(feature = "outbound")]
pub use api::outbound::{Network, NetworkFuture};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use compiler::Compiler;
pub use cursor::Handler;
pub use digest::Digest;
pub use effects::{Command, Factor, FactorType};
pub use engine::{Engine, EngineBuilder, FlowStatus, FlowView, PendingStart, Resume};
pub use error::{Code, Error, Kind, Problem, Result};
pub use event::Event;
pub use flow::{ActionSpec, Component, Flow, FlowSpec, RedirectPolicy, SecretSource, TRIGGER};
#[cfg(feature = "javascript")]
pub use javascript::is_javascript;
pub use keys::KeyRing;
pub use limits::{LIMITS, LimitInfo, Limits, Scope, Unit};
pub use outcome::{
    Challenge, Denied, ErrorClass, Failure, LogLevel, LogLine, Outcome, Prompt, Redirect, Report,
    RunReport, RunStatus, SCHEMA_VERSION,
};
pub use secret::Secret;
pub use store::Store;
pub use suspension::Binding;
pub use token::sign_session_token;
