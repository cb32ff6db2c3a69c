//! The host: clocks, randomness, waiting, requests. WASI where the engine is a
//! component, the machine itself in native tests.
//!
//! Each of the two has an `Exchange`: `start` sends a request, `next` tells
//! what has come of it without waiting, and dropping it gives it up. Waiting
//! is `wait`'s, for all of them and a timer at once.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasi;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::*;
#[cfg(target_family = "wasm")]
pub(crate) use wasi::*;

/// Names and values, which need not be text.
pub(crate) type Headers = Vec<(String, Vec<u8>)>;

/// A request: what a URL says, in the parts in which hosts want it.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) https: bool,
    pub(crate) authority: String,
    /// The path and what follows `?`.
    pub(crate) path: String,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Vec<u8>>,
}

/// What comes of a request: a head and then the whole body, or in the place of
/// either why it fails.
pub(crate) enum Event {
    Head { status: u16, headers: Headers },
    Body(Vec<u8>),
    Failed(String),
}
