//! QuickJS as a component: a file is loaded and evaluated once, when it is
//! built, and its handlers are called in instances of the snapshot. What such
//! files expect of Node is the *platform*: scripts in `js/` over Rust crates.
//!
//! Knows no trigger: a [`Trigger`] says which handlers there are, and gives
//! their arguments. The crate of a trigger is a `cdylib` with one line,
//! [`export_loader!`], and the exports of its WIT world.
//!
//! A snapshot freezes whatever was computed. So that nothing of it is the same
//! in every run, clock and randomness are asked of the host at each use, and
//! code at the top of a file that used them is evaluated anew in each run.

#[cfg(target_family = "wasm")]
mod allocator;
mod evaluate;
mod event_loop;
mod host;
pub mod loader;
mod platform;
mod reach;
mod thrown;

use std::cell::{Cell, RefCell};

use rquickjs::{Context, Ctx, Function, Object, Persistent};

pub use event_loop::run;
pub use reach::Part;
pub use thrown::Thrown;

/// The stack of JavaScript, in bytes of the shadow stack: what is deeper ends
/// as a RangeError that the action can catch, before the wasm stack is full.
#[cfg(target_family = "wasm")]
const STACK: usize = 160 * 1024;

/// Natively there is one stack, and its frames are larger.
#[cfg(not(target_family = "wasm"))]
const STACK: usize = 768 * 1024;

/// A run is short: collecting cycles would only touch pages of the snapshot.
const GC_THRESHOLD: usize = 16 << 20;

/// What a trigger adds to the engine.
pub struct Trigger {
    /// The handlers that a file may export; at least one of them.
    pub handlers: &'static [&'static str],
    /// What a file without any of them is told.
    pub no_handler: &'static str,
    /// Interfaces of the trigger that a file without these words has no use for,
    /// unless it exports the last handler: what they start, that one ends.
    pub parts: &'static [Part],
    /// A script: `(function (host, platform) { … return () => […arguments] })`.
    pub view: &'static str,
    /// The `host` of that script.
    pub host: for<'js> fn(&Ctx<'js>) -> rquickjs::Result<Object<'js>>,
}

/// A loaded file.
struct Engine {
    context: Context,
    action: evaluate::Action,
    /// The handlers that the file exported when it was loaded.
    handlers: Vec<&'static str>,
    /// The view's function that makes a handler's arguments.
    arguments: Persistent<Function<'static>>,
}

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
    /// Whether a file is being loaded: what it asks of the host is not fresh.
    static LOADING: Cell<bool> = const { Cell::new(false) };
    /// Whether code at the top of the file asked for what must be fresh.
    static STALE: Cell<bool> = const { Cell::new(false) };
}

/// Notes that something was asked for that every run must ask for itself;
/// true while a file is loaded, when there is no host to ask.
fn asked_while_loading() -> bool {
    let loading = LOADING.get();
    if loading {
        STALE.set(true);
    }
    loading
}
