//! `api.transaction()`: the transaction as a whole.

use super::owned_pairs;
use crate::{ApiError, host};

/// The transaction as a whole.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Transaction;

impl Transaction {
    /// Where the user goes after the password was changed. Each pair of
    /// `query` replaces the parameters of the same name. The last call of a
    /// flow wins.
    ///
    /// # Errors
    ///
    /// `InvalidUrl`, `UrlNotAllowed`, `UrlTooLong` (8 KiB), `SecretInUrl`.
    pub fn set_result_url(&self, url: &str, query: &[(&str, &str)]) -> Result<(), ApiError> {
        Ok(host::transaction::set_result_url(url, &owned_pairs(query))?)
    }
}
