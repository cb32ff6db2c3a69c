//! RSA signatures, PKCS#1 v1.5 and PSS.

use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::traits::{PublicKeyParts, SignatureScheme};
use rsa::{Pkcs1v15Sign, PrivateKey, PublicKey};

use super::super::bytes::Bytes;
use super::hash::{Hash, with_hash};
use super::rng::HostRng;

/// Whether `signature` is the key's; a `salt` of PSS that is not said is as
/// long as it is found to be. `scheme` is `pkcs1` or `pss`.
pub(super) fn verify(
    scheme: String,
    hash: Hash,
    key: Bytes,
    data: Bytes,
    signature: Bytes,
    salt: Option<usize>,
) -> bool {
    let Ok(key) = PublicKey::from_public_key_der(&key.0) else { return false };
    // A signature is exactly as long as the modulus, RFC 8017 §8.1.2 and §8.2.2.
    if signature.0.len() != key.size() || salt.is_some_and(|salt| salt > key.size()) {
        return false;
    }
    let hashed = hash.of(&data.0);
    let verified = with_hash!(hash, D => match scheme.as_str() {
        "pss" => {
            let mut pss = rsa::Pss::<D>::new();
            pss.salt_len = salt;
            pss.verify(&key, &hashed, &signature.0)
        }
        _ => Pkcs1v15Sign::new::<D>().verify(&key, &hashed, &signature.0),
    });
    verified.is_ok()
}

/// A signature; nothing when the key is too small for it.
///
/// Without blinding: the arithmetic takes the same time whatever the key is, and
/// blinding it would cost two thirds more fuel.
pub(super) fn sign(
    scheme: String,
    hash: Hash,
    key: Bytes,
    data: Bytes,
    salt: Option<usize>,
) -> Option<Bytes> {
    let key = PrivateKey::from_pkcs8_der(&key.0).ok()?;
    let hashed = hash.of(&data.0);
    let rng = &mut HostRng::default();
    let signature = with_hash!(hash, D => match scheme.as_str() {
        "pss" => {
            // RFC 8017 §9.1.1, step 3.
            let room = (key.n().bit_width() as usize - 1).div_ceil(8).checked_sub(hashed.len() + 2)?;
            let salt = salt.unwrap_or(room);
            if salt > room {
                return None;
            }
            let mut pss = rsa::Pss::<D>::new_with_salt(salt);
            pss.blinded = false;
            pss.sign(Some(rng), &key, &hashed)
        }
        _ => Pkcs1v15Sign::new::<D>().sign(None::<&mut HostRng>, &key, &hashed),
    });
    signature.ok().map(Bytes)
}
