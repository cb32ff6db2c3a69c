//! Panics of components without WASI, where nobody hears what is written to standard
//! error: their messages go to the run's log.

use crate::bindings::flowhost::post_challenge::log::{Level, write};

/// Has panics reported, from now on.
pub(crate) fn report() {
    std::panic::set_hook(Box::new(|panic| write(Level::Error, &panic.to_string())));
}
