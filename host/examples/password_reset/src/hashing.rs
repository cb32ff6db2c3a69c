//! [`Hasher`]: passwords and their hashes, argon2id with OWASP's parameters,
//! which are the crate's. One run takes 19 MiB and a processor: as many run at
//! once as there are processors, others wait, and not for long.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// Whoever waits longer is told that we cannot right now.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Hashes and verifies.
pub(crate) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Hasher { permits: Arc::new(Semaphore::new(processors)) }
    }

    /// Hashes a password.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        self.run(move || Argon2::default().hash_password(password.as_bytes()))
            .await
            .map(|hash| hash.to_string())
    }

    /// Whether a password is the one that was hashed. Takes as long when there
    /// is nothing to compare it with.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool> {
        self.run(move || match stored {
            None => Argon2::default().hash_password(password.as_bytes()).map(|_| false),
            Some(stored) => {
                let stored = PasswordHash::new(&stored)?;
                Ok(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(LONGEST_WAIT, permit).await;
        let permit = permit.context("too many passwords to hash at once")??;
        // The permit goes with the work, which goes on when nobody waits for it.
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await?.map_err(|error| anyhow!("argon2: {error}"))
    }
}
