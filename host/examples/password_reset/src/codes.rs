//! Codes of authenticators (TOTP, RFC 6238). A code is accepted once. For a
//! minute it is remembered what it was accepted for: a browser whose answer was
//! lost sends the same again, and gets the same answer.

use anyhow::{Result, anyhow};
use flowhost::Digest;
use rusqlite::{OptionalExtension as _, params};
use totp_rs::{Builder, Totp};

use crate::database::{Database, now};
use crate::passages::Passage;

/// 160 bits, as RFC 4226 §4 recommends.
pub(crate) const KEY_BYTES: usize = 20;

/// How long an authenticator shows a code.
const STEP_SECONDS: u64 = 30;

/// As long as flowhost gives the same answer to the same state again.
const AGAIN_SECONDS: i64 = 60;

/// Whether `code` is right, and was not used before. If so, it is kept that it
/// was accepted for this state of this passage.
pub(crate) async fn accept(
    database: &Database,
    passage: &Passage,
    state: &str,
    code: &str,
) -> Result<bool> {
    let totp = of_user(database, &passage.user_id).await?;
    let Some(step) = totp.check(code.trim(), u64::try_from(now())?) else { return Ok(false) };
    let step = i64::try_from(step)?;
    let (user_id, flow_id) = (passage.user_id.clone(), passage.flow_id.clone());
    let state = digest(state);
    // The row count decides between two that come at once.
    let use_step = "UPDATE users SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2";
    let keep = "UPDATE passages SET accepted_state = ?2, accepted_step = ?3, accepted_at = ?4
        WHERE flow_id = ?1";
    database
        .run(move |database| {
            let first = database.execute(use_step, params![user_id, step])? == 1;
            if first {
                database.execute(keep, params![flow_id, state, step, now()])?;
            }
            Ok(first)
        })
        .await
}

/// Whether this very code was accepted for this very state a moment ago.
pub(crate) async fn was_accepted(
    database: &Database,
    passage: &Passage,
    state: &str,
    code: &str,
) -> Result<bool> {
    let (flow_id, state, now) = (passage.flow_id.clone(), digest(state), now());
    // Not before it was accepted either, should the clock have gone back.
    let select = "SELECT accepted_step FROM passages WHERE flow_id = ?1
        AND accepted_state = ?2 AND accepted_at BETWEEN ?3 AND ?4";
    let step: Option<i64> = database
        .run(move |it| {
            let row = params![flow_id, state, now - AGAIN_SECONDS, now];
            it.query_row(select, row, |row| row.get(0)).optional()
        })
        .await?;
    let Some(step) = step.map(u64::try_from).transpose()? else { return Ok(false) };
    let totp = of_user(database, &passage.user_id).await?;
    Ok(totp.check(code.trim(), step * STEP_SECONDS) == Some(step))
}

/// The codes that authenticators show right now.
pub(crate) async fn current(database: &Database) -> Result<Vec<(String, String)>> {
    let select = "SELECT email, totp_key FROM users ORDER BY created_at LIMIT 3";
    let keys: Vec<(String, Vec<u8>)> = database
        .run(move |database| {
            let mut select = database.prepare(select)?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .await?;
    let seconds = u64::try_from(now())?;
    let shown = |(email, key): (String, _)| {
        let code = totp(key, "")?.generate(seconds).to_string();
        Ok((email, code))
    };
    keys.into_iter().map(shown).collect()
}

/// An authenticator with this key.
pub(crate) fn totp(key: Vec<u8>, account: &str) -> Result<Totp> {
    let builder = Builder::new().with_secret(key).with_issuer(Some("Example"));
    let builder = builder.with_account_name(if account.is_empty() { "user" } else { account });
    builder.build().map_err(|error| anyhow!("the authenticator's key: {error}"))
}

async fn of_user(database: &Database, user_id: &str) -> Result<Totp> {
    let id = user_id.to_owned();
    let select = "SELECT totp_key FROM users WHERE id = ?1";
    let key = database.run(move |it| it.query_row(select, [id], |row| row.get(0))).await?;
    totp(key, "")
}

fn digest(state: &str) -> Vec<u8> {
    Digest::of(state.as_bytes()).as_bytes().to_vec()
}
