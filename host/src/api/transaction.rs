//! `transaction`: what concerns the reset as a whole.

use wasmtime::Result;

use super::{checked_url, pairs_len, refused};
use crate::action::state::RunState;
use crate::action::v1::transaction::Host;
use crate::action::v1::types::ApiError;
use crate::effects::Command;

impl Host for RunState {
    fn set_result_url(
        &mut self,
        url: String,
        query: Vec<(String, String)>,
    ) -> Result<Result<(), ApiError>> {
        self.enter(url.len() + pairs_len(&query))?;
        let checked = checked_url(self, &url, &query);
        let recorded = checked.and_then(|url| self.command(Command::SetResultUrl { url }));
        Ok(recorded.map_err(refused))
    }
}
