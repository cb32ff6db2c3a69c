//! `access`: whether the reset may go on.

use wasmtime::Result;

use super::gate;
use crate::action::state::RunState;
use crate::action::v1::access::Host;
use crate::action::v1::types::ApiError;
use crate::effects::Command;
use crate::error::Code;

impl Host for RunState {
    fn deny(&mut self, reason: String) -> Result<Result<(), ApiError>> {
        self.enter(reason.len())?;
        let limit = self.own.limits.deny_reason;
        let recorded = if reason.len() as u64 > limit {
            let message = format!("the reason has {} bytes; {limit} are allowed", reason.len());
            Err((Code::DenyReasonTooLong, message))
        } else {
            let reason = self.own.redactor.redact(reason);
            self.command(Command::Deny { reason })
        };
        Ok(gate(self, "access.deny", recorded))
    }
}
