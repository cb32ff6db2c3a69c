//! AES-GCM with keys of 128 and 256 bits, and tags of 128.

use aes_gcm::aead::{Aead, Nonce, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};

use super::super::bytes::Bytes;

/// Encrypts, or decrypts what is whole; nothing of what is not, or for a key or
/// an `iv` of another length.
pub(super) fn gcm(seals: bool, key: Bytes, iv: Bytes, data: Bytes, aad: Bytes) -> Option<Bytes> {
    let payload = Payload { msg: &data.0, aad: &aad.0 };
    match key.0.len() {
        16 => with::<Aes128Gcm>(seals, &key.0, &iv.0, payload),
        32 => with::<Aes256Gcm>(seals, &key.0, &iv.0, payload),
        _ => None,
    }
}

fn with<A: Aead + KeyInit>(
    seals: bool,
    key: &[u8],
    iv: &[u8],
    data: Payload<'_, '_>,
) -> Option<Bytes> {
    let cipher = A::new_from_slice(key).ok()?;
    let nonce = Nonce::<A>::try_from(iv).ok()?;
    let made = if seals { cipher.encrypt(&nonce, data) } else { cipher.decrypt(&nonce, data) };
    made.ok().map(Bytes)
}
