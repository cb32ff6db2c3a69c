//! Machine code behind a MAC (HMAC-SHA-256, RFC 2104): bytes that a holder of
//! the key wrote under this name, and nobody has changed since. What is in the
//! cache is kept so, and what a compiler hands back comes so.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::secret::Secret;

const MAC: usize = 32;

/// Puts the MAC behind the bytes; none where the key is none.
pub(crate) fn seal(key: &Secret, name: &str, bytes: &mut Vec<u8>) -> Option<()> {
    let mac = mac(key, name, bytes)?.finalize().into_bytes();
    bytes.extend_from_slice(&mac);
    Some(())
}

/// The bytes, if their MAC is right.
pub(crate) fn open(key: &Secret, name: &str, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let tag = bytes.split_off(bytes.len().checked_sub(MAC)?);
    mac(key, name, &bytes)?.verify_slice(&tag).ok()?;
    Some(bytes)
}

fn mac(key: &Secret, name: &str, bytes: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).ok()?;
    mac.update(&(name.len() as u64).to_le_bytes());
    mac.update(name.as_bytes());
    mac.update(bytes);
    Some(mac)
}
