//! `api.log()`: messages for whoever operates the flow.

use crate::bindings::flowhost::post_challenge::log::Level;
use crate::host;

/// Messages for whoever operates the flow, never for the user. They appear in
/// the run's report; a run keeps 16 KiB and 256 lines.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Log;

impl Log {
    /// Of interest while an action is written.
    pub fn debug(&self, message: impl AsRef<str>) {
        self.write(Level::Debug, message);
    }

    /// Of interest when a run is looked at.
    pub fn info(&self, message: impl AsRef<str>) {
        self.write(Level::Info, message);
    }

    /// Something an operator may want to change.
    pub fn warn(&self, message: impl AsRef<str>) {
        self.write(Level::Warn, message);
    }

    /// Something that went wrong.
    pub fn error(&self, message: impl AsRef<str>) {
        self.write(Level::Error, message);
    }

    /// Write one message.
    pub fn write(&self, level: Level, message: impl AsRef<str>) {
        host::log::write(level, message.as_ref());
    }
}
