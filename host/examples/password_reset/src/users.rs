//! Users: who they are, and whether a password is theirs.

use anyhow::{Context as _, Result, anyhow, ensure};
use flowhost::{Digest, Secret};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::codes::{self, totp};
use crate::database::{Database, now};
use crate::hashing::Hasher;

/// Length of a password, in characters: NIST SP 800-63B §3.1.1.2.
pub(crate) const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 15..=128;

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) changed_at: i64,
}

impl User {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(User {
            id: row.get("id")?,
            email: row.get("email")?,
            name: row.get("name")?,
            created_at: row.get("created_at")?,
            changed_at: row.get("changed_at")?,
        })
    }
}

/// What a new user is told, once.
pub(crate) struct Added {
    pub(crate) id: String,
    pub(crate) password: String,
    pub(crate) totp_secret: String,
    pub(crate) totp_url: String,
}

pub(crate) async fn add(
    database: &Database,
    hasher: &Hasher,
    email: String,
    name: String,
) -> Result<Added> {
    let address: lettre::Address = email.parse().with_context(|| email.clone())?;
    let digest = Digest::of(Secret::random()?.expose().as_bytes());
    let key = digest.as_bytes()[..codes::KEY_BYTES].to_vec();
    let totp = totp(key.clone(), &email)?;
    let added = Added {
        id: format!("local|{}", &digest_of_random()?[..24]),
        password: Secret::random()?.expose()[..20].to_owned(),
        totp_secret: totp.secret().to_base32(),
        totp_url: totp.to_url().map_err(|error| anyhow!("{error}"))?,
    };
    let (id, hash) = (added.id.clone(), hasher.hash(added.password.clone()).await?);
    let insert = "INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6)
        ON CONFLICT (email) DO NOTHING";
    let rows = database
        .run(move |database| {
            let row = params![id, address.to_string(), name, hash, key, now()];
            database.execute(insert, row)
        })
        .await
        .context("the user cannot be added")?;
    ensure!(rows == 1, "there is a user with the address {email} already");
    Ok(added)
}

fn digest_of_random() -> Result<String> {
    let digest = Digest::of(Secret::random()?.expose().as_bytes());
    Ok(digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(crate) async fn by_email(database: &Database, email: String) -> Result<Option<User>> {
    database.run(move |database| find(database, "email", &email)).await
}

pub(crate) async fn by_id(database: &Database, id: String) -> Result<Option<User>> {
    database.run(move |database| find(database, "id", &id)).await
}

fn find(database: &Connection, column: &str, value: &str) -> rusqlite::Result<Option<User>> {
    let select = format!("SELECT * FROM users WHERE {column} = ?1");
    database.query_row(&select, [value], User::from_row).optional()
}

/// Whether this is the user's password. Takes as long when there is no such
/// user.
pub(crate) async fn signs_in(
    database: &Database,
    hasher: &Hasher,
    email: String,
    password: String,
) -> Result<bool> {
    let select = "SELECT password FROM users WHERE email = ?1";
    let stored: Option<String> = database
        .run(move |database| database.query_row(select, [email], |row| row.get(0)).optional())
        .await?;
    hasher.verify(password, stored).await
}
