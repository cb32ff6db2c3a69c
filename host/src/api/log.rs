//! `log`: messages for whoever operates the flow.

use wasmtime::Result;

use crate::action::state::RunState;
use crate::action::v1::log::{Host, Level};
use crate::outcome::LogLevel;

impl Host for RunState {
    fn write(&mut self, level: Level, message: String) -> Result<()> {
        self.enter(message.len())?;
        let level = match level {
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        self.log(level, message);
        Ok(())
    }
}
