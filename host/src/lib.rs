//! flowhost runs identity-flow hooks as sandboxed WebAssembly.

#![deny(missing_docs)]

mod action;
mod api;
mod cache;
mod clock;
mod cursor;
mod digest;
mod effects;
mod engine;
mod error;
mod event;
mod flow;
mod limits;
mod outcome;
mod redirect_url;
mod secret;
pub mod store;
mod suspension;
mod token;

pub use action::{Inspection, inspect};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use cursor::Handler;
pub use digest::Digest;
pub use effects::{Command, Factor, FactorType};
pub use engine::{Engine, EngineBuilder, Resume};
pub use error::{Code, Error, Kind, Problem, Result};
pub use event::Event;
pub use flow::{ActionSpec, Component, Flow, FlowSpec, RedirectPolicy, SecretSource, TRIGGER};
pub use limits::{LIMITS, LimitInfo, Limits, Scope, Unit};
pub use outcome::{
    Challenge, Denied, ErrorClass, Failure, LogLevel, LogLine, Outcome, Prompt, Redirect, Report,
    RunReport, RunStatus, SCHEMA_VERSION,
};
pub use secret::Secret;
pub use store::Store;
pub use suspension::Binding;
pub use token::sign_session_token;
