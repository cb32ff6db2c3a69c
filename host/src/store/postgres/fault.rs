//! [`Fault`]: why an attempt failed, whether another one may help, and what
//! operators read. What is in rows and in the URL is never part of it.

use std::error::Error as _;

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use crate::error::{Code, Error};

#[derive(Debug)]
pub(super) enum Fault {
    /// The server, or the way to it.
    Server(tokio_postgres::Error),
    /// No connection became free, or was made, in time.
    NoConnection(&'static str),
    /// It took too long.
    Late,
    /// A row that this store did not write.
    Damaged(&'static str),
    /// The tables have a form that is not known.
    Incompatible(i32),
}

impl Fault {
    /// Whether the same call may go better soon.
    pub(super) fn may_pass(&self) -> bool {
        let Fault::Server(error) = self else {
            return matches!(self, Fault::NoConnection(_) | Fault::Late);
        };
        // What the server did not say itself is about the way to it.
        let Some(code) = error.code() else { return true };
        let passing = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_SESSION_TIMEOUT,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            // After a fail-over: this server only reads any more.
            SqlState::READ_ONLY_SQL_TRANSACTION,
            // A statement was prepared on another connection, or before the
            // tables changed; the next connection prepares it anew.
            SqlState::INVALID_SQL_STATEMENT_NAME,
            SqlState::FEATURE_NOT_SUPPORTED,
        ];
        code.code().starts_with("08") || passing.contains(code)
    }

    fn text(&self) -> String {
        match self {
            Fault::Server(error) => described(error),
            Fault::NoConnection(why) | Fault::Damaged(why) => (*why).to_owned(),
            Fault::Late => "no answer in time".to_owned(),
            Fault::Incompatible(version) => format!("its tables have form {version}"),
        }
    }

    pub(super) fn error(&self) -> Error {
        let code = match self {
            Fault::Incompatible(_) => Code::StoreIncompatible,
            _ => Code::StoreUnavailable,
        };
        let error = Error::new(code, format!("PostgreSQL: {}", self.text()));
        match self {
            Fault::Incompatible(_) => {
                error.with_hint("use the flowhost that made them, or name another database")
            }
            _ => error.with_hint("is the server of --store running, and may this user use it?"),
        }
    }
}

/// The error and its causes. Of what the server said only the message: its
/// detail quotes rows.
fn described(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Fault::Server(error)
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Fault::Server(error)
            }
            PoolError::Timeout(TimeoutType::Wait) => {
                Fault::NoConnection("all connections are in use")
            }
            PoolError::Timeout(_) => Fault::NoConnection("it cannot be reached in time"),
            _ => Fault::NoConnection("there is no connection"),
        }
    }
}
