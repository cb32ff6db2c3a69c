//! One-time links: 256 random bits in a mail, only their SHA-256 in the
//! database. A link is deleted by using it.

use anyhow::Result;
use flowhost::{Digest, Secret};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::database::{Database, now};

/// Whoever took a link has started a flow by then, or never will.
const TAKEN_SECONDS: i64 = 2 * 60;

/// A new link for a user: what its URL says. Older ones stop working.
pub(crate) async fn make(database: &Database, user_id: String, lifetime: u32) -> Result<Secret> {
    let token = Secret::random()?;
    let (digest, expires_at) = (digest(token.expose()), now() + i64::from(lifetime));
    database
        .run(move |database| {
            database.execute("DELETE FROM links WHERE user_id = ?1", [&user_id])?;
            database.execute(
                "INSERT INTO links VALUES (?1, ?2, ?3, 0)",
                params![digest, user_id, expires_at],
            )
        })
        .await?;
    Ok(token)
}

/// Whether the link would work, without using it.
pub(crate) async fn works(database: &Database, token: &str) -> Result<bool> {
    let digest = digest(token);
    let select = "SELECT 1 FROM links WHERE digest = ?1 AND expires_at > ?2";
    let found = database
        .run(move |it| it.query_row(select, params![digest, now()], |_| Ok(())).optional())
        .await?;
    Ok(found.is_some())
}

/// Takes a link, for one at a time. It is used up together with what comes of
/// it; until then it can be given back, and comes back by itself after a crash.
pub(crate) async fn take(database: &Database, token: &str) -> Result<Option<Taken>> {
    let (digest, now) = (digest(token), now());
    let update = "UPDATE links SET taken_at = ?2
        WHERE digest = ?1 AND expires_at > ?2 AND taken_at <= ?3 RETURNING user_id";
    database
        .run(move |database| {
            let row = params![digest, now, now - TAKEN_SECONDS];
            let user_id = database.query_row(update, row, |row| row.get(0)).optional()?;
            Ok(user_id.map(|user_id| Taken { digest, taken_at: now, user_id }))
        })
        .await
}

/// Gives a link back that came to nothing.
pub(crate) async fn give_back(database: &Database, link: Taken) -> Result<()> {
    let update = "UPDATE links SET taken_at = 0 WHERE digest = ?1 AND taken_at = ?2";
    database.run(move |it| it.execute(update, params![link.digest, link.taken_at])).await?;
    Ok(())
}

/// A link that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    digest: Vec<u8>,
    taken_at: i64,
    /// Whose it is.
    pub(crate) user_id: String,
}

impl Taken {
    /// Deletes it. False when somebody else has it by now, or a newer one was
    /// made.
    pub(crate) fn use_up(&self, database: &Connection) -> rusqlite::Result<bool> {
        let delete = "DELETE FROM links WHERE digest = ?1 AND taken_at = ?2";
        Ok(database.execute(delete, params![self.digest, self.taken_at])? == 1)
    }
}

fn digest(token: &str) -> Vec<u8> {
    Digest::of(token.as_bytes()).as_bytes().to_vec()
}
