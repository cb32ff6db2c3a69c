//! [`Connections`]: the pool, and how a call is made on one of its connections:
//! again when the connection was lost, never for longer than a bound, and never
//! on a connection of which it is not known how it stands.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::fault::Fault;
use super::schema;
use super::settings::Settings;
use super::tls;
use crate::error::{Code, Error, Result};

/// For how long another attempt is begun.
const RETRIES: Duration = Duration::from_secs(2);

/// How long a call waits for a connection to become free.
const POOL_WAIT: Duration = Duration::from_secs(2);

/// What an answer may need on its way, beyond the server's own timeout.
const WAY: Duration = Duration::from_secs(1);

/// The first pause between attempts; doubled each time, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_millis(400);

/// How many calls may be under way.
const CALLS: usize = 1024;

/// A call of the store. May be made again with the same values.
pub(super) trait Call: Send + Sync + 'static {
    type Answer: Send + 'static;

    /// Makes the call; `again` when an attempt before may have had an effect.
    fn run(
        &self,
        client: &ClientWrapper,
        again: bool,
    ) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;
}

pub(super) struct Connections {
    pool: Pool,
    /// Set when the tables are there.
    schema: OnceCell<()>,
    calls: Semaphore,
    /// How long a call takes at most.
    patience: Duration,
}

impl Connections {
    pub(super) fn new(settings: Settings) -> Result<Self> {
        let tls = MakeRustlsConnect::new(tls::config(&settings.trust)?);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let create = settings.connect_timeout() + WAY;
        let session = settings.session();
        let pool = Pool::builder(Manager::from_config(settings.config, tls, recycling))
            .max_size(settings.pool_size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(POOL_WAIT))
            .create_timeout(Some(create))
            .recycle_timeout(Some(WAY))
            .post_create(Hook::async_fn(move |client: &mut ClientWrapper, _| {
                let session = session.clone();
                Box::pin(
                    async move { client.batch_execute(&session).await.map_err(HookError::Backend) },
                )
            }))
            .build()
            .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        let patience = RETRIES + settings.statement_timeout + WAY;
        Ok(Connections { pool, schema: OnceCell::new(), calls: Semaphore::new(CALLS), patience })
    }

    /// Makes a call until it is answered, or until it is given up.
    pub(super) async fn ask<C: Call>(&self, call: &C) -> Result<C::Answer> {
        let permit = self.calls.try_acquire();
        let _permit = permit.map_err(|_| Fault::NoConnection("too many calls wait").error())?;
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut again = false;
        loop {
            // One that fell silent leaves time for another.
            let until = begun + self.patience;
            let until = until.min(Instant::now() + self.patience - RETRIES);
            let attempt = timeout_at(until, self.attempt(call, again)).await;
            let fault = match attempt.unwrap_or(Err(Fault::Late)) {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let pausing = jittered(pause);
            if !fault.may_pass() || begun.elapsed() + pausing > RETRIES {
                return Err(fault.error());
            }
            if again {
                // Those that wait in the pool are likely to be lost as well.
                self.pool.retain(|_, _| false);
            }
            sleep(pausing).await;
            pause = (2 * pause).min(LAST_PAUSE);
            again = true;
        }
    }

    async fn attempt<C: Call>(&self, call: &C, again: bool) -> Result<C::Answer, Fault> {
        let mut held = Held(Some(self.pool.get().await?));
        let client = held.0.as_mut().ok_or(Fault::Late)?;
        self.schema.get_or_try_init(|| schema::prepare(client)).await?;
        let done = call.run(client, again).await;
        // What the server answered in order leaves the connection in order.
        if done.is_ok() {
            held.0 = None;
        }
        done
    }
}

/// A connection in use. Dropped on the way, because something failed or took
/// too long, it is closed and not used again.
struct Held(Option<Object>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

/// Between half of a pause and the whole: those who lost a server together
/// should not come back together.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 1_000;
    pause / 2 + pause * u32::try_from(random).unwrap_or(0) / 2_000
}
