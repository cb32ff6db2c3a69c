//! Passages: which flow belongs to which browser and user, and whether it has
//! come to COMPLETED. A new password is set by deleting a completed passage,
//! in one transaction: once, and by the browser the flow was started in.

use anyhow::Result;
use flowhost::Digest;
use rusqlite::{OptionalExtension as _, params};

use crate::database::{Database, now};
use crate::links::Taken;

/// How long a flow may take from its link on.
const LIFETIME_SECONDS: i64 = 60 * 60;

/// How long a new password may be set after the flow completed.
const PASSWORD_SECONDS: i64 = 10 * 60;

/// Wrong codes in one passage.
const MAX_ATTEMPTS: i64 = 5;

/// A browser on its way through a flow.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    pub(crate) flow_id: String,
    pub(crate) user_id: String,
    pub(crate) completed: bool,
}

/// What a completed passage was exchanged for.
pub(crate) struct Changed {
    pub(crate) user_id: String,
    pub(crate) result_url: Option<String>,
}

/// A flow was started for the browser with this cookie: its link is used up in
/// the same moment. False when the link is not ours any more.
pub(crate) async fn begin(
    database: &Database,
    cookie: &str,
    flow_id: String,
    link: &Taken,
) -> Result<bool> {
    let (binding, expires_at) = (digest(cookie), now() + LIFETIME_SECONDS);
    let insert = "INSERT INTO passages VALUES (?1, ?2, ?3, 0, ?4, FALSE, NULL, NULL, NULL, NULL)";
    let link = link.clone();
    database
        .run(move |database| {
            let ours = link.use_up(database)?;
            if ours {
                let row = params![flow_id, binding, link.user_id, expires_at];
                database.execute(insert, row)?;
            }
            Ok(ours)
        })
        .await
}

/// The passage of the browser with this cookie.
pub(crate) async fn of(database: &Database, cookie: &str) -> Result<Option<Passage>> {
    let binding = digest(cookie);
    let select = "SELECT flow_id, user_id, completed FROM passages
        WHERE binding = ?1 AND expires_at > ?2";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Passage { flow_id: row.get(0)?, user_id: row.get(1)?, completed: row.get(2)? })
    };
    database.run(move |it| it.query_row(select, params![binding, now()], read).optional()).await
}

/// Counts an attempt before it is made, so that many at once count too; false
/// when there were too many.
pub(crate) async fn may_attempt(database: &Database, flow_id: String) -> Result<bool> {
    let update = "UPDATE passages SET attempts = attempts + 1 WHERE flow_id = ?1 AND attempts < ?2";
    let rows = database.run(move |it| it.execute(update, params![flow_id, MAX_ATTEMPTS])).await?;
    Ok(rows == 1)
}

/// The flow said COMPLETED. False when there is no such passage in this
/// browser, which is so after the password was set.
pub(crate) async fn complete(
    database: &Database,
    cookie: &str,
    flow_id: String,
    result_url: Option<String>,
) -> Result<bool> {
    let (binding, expires_at) = (digest(cookie), now() + PASSWORD_SECONDS);
    let update = "UPDATE passages SET completed = TRUE, result_url = ?3, expires_at = ?4
        WHERE flow_id = ?1 AND binding = ?2 AND expires_at > ?5 AND NOT completed";
    let select = "SELECT 1 FROM passages WHERE flow_id = ?1 AND binding = ?2 AND completed";
    database
        .run(move |database| {
            let row = params![flow_id, binding, result_url, expires_at, now()];
            if database.execute(update, row)? == 1 {
                return Ok(true);
            }
            // The same answer again, to a page that was loaded again.
            database.prepare(select)?.exists(params![flow_id, binding])
        })
        .await
}

/// Exchanges a completed passage for a new password, given as its hash. All
/// links and passages of the user end with it.
pub(crate) async fn set_password(
    database: &Database,
    cookie: &str,
    hash: String,
) -> Result<Option<Changed>> {
    let binding = digest(cookie);
    let delete = "DELETE FROM passages WHERE binding = ?1 AND completed AND expires_at > ?2
        RETURNING user_id, result_url";
    let read =
        |row: &rusqlite::Row<'_>| Ok(Changed { user_id: row.get(0)?, result_url: row.get(1)? });
    database
        .run(move |database| {
            let changed = database.query_row(delete, params![binding, now()], read).optional()?;
            if let Some(Changed { user_id, .. }) = &changed {
                let update = "UPDATE users SET password = ?2, changed_at = ?3 WHERE id = ?1";
                database.execute(update, params![user_id, hash, now()])?;
                database.execute("DELETE FROM links WHERE user_id = ?1", [user_id])?;
                database.execute("DELETE FROM passages WHERE user_id = ?1", [user_id])?;
            }
            Ok(changed)
        })
        .await
}

fn digest(cookie: &str) -> Vec<u8> {
    Digest::of(cookie.as_bytes()).as_bytes().to_vec()
}
