//! Who answers the calls of [`Event`](crate::Event) and [`Api`](crate::Api).
//!
//! In a component it is the host. In a native test it is the double in
//! [`testing`](crate::testing), which has the same functions, so the wrappers
//! know no difference. Without the feature `json` there is no double, and a
//! native call panics.

#[cfg(any(target_family = "wasm", not(feature = "json")))]
pub(crate) use crate::bindings::flowhost::post_challenge::{
    access, authentication, cache, event, log, prompt, redirect, transaction,
};

#[cfg(all(not(target_family = "wasm"), feature = "json"))]
pub(crate) use crate::testing::double::{
    access, authentication, cache, event, log, prompt, redirect, transaction,
};
