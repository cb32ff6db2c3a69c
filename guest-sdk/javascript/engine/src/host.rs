//! The host: clocks, randomness, waiting, requests. WASI where the engine is a
//! component, the machine itself in native tests.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasi;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::*;
#[cfg(target_family = "wasm")]
pub(crate) use wasi::*;
