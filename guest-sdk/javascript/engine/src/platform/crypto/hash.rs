//! Hashes, and what is made of them: HMAC, HKDF, PBKDF2.

use hmac::{Hmac, KeyInit, Mac};
use rquickjs::{Ctx, FromJs, Function, Object, Result, Value};
use sha2::Digest;
use subtle::ConstantTimeEq;

use super::super::bytes::Bytes;

/// A derived key is no longer than this: it would only fill the memory.
const LONGEST: usize = 1 << 20;

/// The hashes there are, called as OpenSSL calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// `$body` for the type of a hash.
macro_rules! with_hash {
    ($hash:expr, $type:ident => $body:expr) => {
        match $hash {
            Hash::Md5 => with_hash!(@ md5::Md5, $type => $body),
            Hash::Sha1 => with_hash!(@ sha1::Sha1, $type => $body),
            Hash::Sha224 => with_hash!(@ sha2::Sha224, $type => $body),
            Hash::Sha256 => with_hash!(@ sha2::Sha256, $type => $body),
            Hash::Sha384 => with_hash!(@ sha2::Sha384, $type => $body),
            Hash::Sha512 => with_hash!(@ sha2::Sha512, $type => $body),
        }
    };
    (@ $of:ty, $type:ident => $body:expr) => {{
        type $type = $of;
        $body
    }};
}
pub(super) use with_hash;

impl<'js> FromJs<'js> for Hash {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        Ok(match String::from_js(ctx, value)?.as_str() {
            "md5" => Hash::Md5,
            "sha1" => Hash::Sha1,
            "sha224" => Hash::Sha224,
            "sha256" => Hash::Sha256,
            "sha384" => Hash::Sha384,
            "sha512" => Hash::Sha512,
            _ => return Err(rquickjs::Error::new_from_js("string", "hash")),
        })
    }
}

impl Hash {
    /// The hash of `data`.
    pub(super) fn of(self, data: &[u8]) -> Vec<u8> {
        with_hash!(self, D => D::digest(data).to_vec())
    }
}

pub(super) fn add<'js>(ctx: &Ctx<'js>, crypto: &Object<'js>) -> Result<()> {
    crypto.set("digest", Function::new(ctx.clone(), digest)?)?;
    crypto.set("hmac", Function::new(ctx.clone(), hmac)?)?;
    crypto.set("hkdf", Function::new(ctx.clone(), hkdf)?)?;
    crypto.set("pbkdf2", Function::new(ctx.clone(), pbkdf2)?)?;
    crypto.set("equal", Function::new(ctx.clone(), equal)?)
}

/// The hash of all chunks together.
fn digest(hash: Hash, chunks: Vec<Bytes>) -> Bytes {
    with_hash!(hash, D => {
        let mut digest = D::new();
        chunks.iter().for_each(|chunk| digest.update(&chunk.0));
        Bytes(digest.finalize().to_vec())
    })
}

fn hmac(hash: Hash, key: Bytes, chunks: Vec<Bytes>) -> Option<Bytes> {
    with_hash!(hash, D => {
        let mut mac = Hmac::<D>::new_from_slice(&key.0).ok()?;
        chunks.iter().for_each(|chunk| mac.update(&chunk.0));
        Some(Bytes(mac.finalize().into_bytes().to_vec()))
    })
}

/// Nothing when it cannot make so many bytes.
fn hkdf(hash: Hash, key: Bytes, salt: Bytes, info: Bytes, length: usize) -> Option<Bytes> {
    if length > LONGEST {
        return None;
    }
    let mut derived = vec![0; length];
    with_hash!(hash, D => {
        hkdf::Hkdf::<D>::new(Some(&salt.0), &key.0).expand(&info.0, &mut derived).ok()?;
    });
    Some(Bytes(derived))
}

/// Nothing when it would make too many bytes, or none of any worth.
fn pbkdf2(hash: Hash, password: Bytes, salt: Bytes, rounds: u32, length: usize) -> Option<Bytes> {
    if length > LONGEST || rounds == 0 {
        return None;
    }
    let mut derived = vec![0; length];
    with_hash!(hash, D => {
        pbkdf2::pbkdf2::<Hmac<D>>(&password.0, &salt.0, rounds, &mut derived).ok()?;
    });
    Some(Bytes(derived))
}

/// Whether two secrets are the same; how far they are does not show in time.
fn equal(one: Bytes, other: Bytes) -> bool {
    one.0.ct_eq(&other.0).into()
}
