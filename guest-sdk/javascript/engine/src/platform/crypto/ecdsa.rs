//! ECDSA over P-256 and P-384.

use ecdsa::elliptic_curve::array::ArraySize;
use ecdsa::elliptic_curve::{CurveArithmetic, NonZeroScalar};
use ecdsa::hazmat::sign_prehashed_rfc6979;
use ecdsa::{DigestAlgorithm, EcdsaCurve};
use p256::pkcs8::DecodePublicKey;
use rquickjs::{Ctx, FromJs, Result, Value};

use super::super::bytes::Bytes;
use super::hash::Hash;
use super::rng::HostRng;

/// The curves there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

/// `$body` with the crate of a curve as `curve`.
macro_rules! with_curve {
    ($curve:expr, $body:expr) => {
        match $curve {
            Curve::P256 => {
                use p256 as curve;
                $body
            }
            Curve::P384 => {
                use p384 as curve;
                $body
            }
        }
    };
}
pub(super) use with_curve;

impl<'js> FromJs<'js> for Curve {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        Curve::named(&String::from_js(ctx, value)?)
            .ok_or(rquickjs::Error::new_from_js("string", "curve"))
    }
}

impl Curve {
    /// As JWK calls it.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Curve::P256, Curve::P384].into_iter().find(|curve| curve.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
        }
    }

    /// How long a number of the curve is in bytes.
    pub(super) fn width(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }

    /// A hash as wide as the curve's numbers: a shorter one is the number it
    /// says, of a longer one the left part counts (SEC 1 §4.1.3).
    fn hashed(self, hash: Hash, data: &[u8]) -> Vec<u8> {
        let mut hashed = vec![0; self.width()];
        let whole = hash.of(data);
        let length = whole.len().min(self.width());
        hashed[self.width() - length..].copy_from_slice(&whole[..length]);
        hashed
    }
}

/// Whether `signature` is the key's: the numbers r and s, or the DER of both.
pub(super) fn verify(
    curve: Curve,
    hash: Hash,
    key: Bytes,
    data: Bytes,
    signature: Bytes,
    der: bool,
) -> bool {
    let hashed = curve.hashed(hash, &data.0);
    with_curve!(curve, {
        use curve::ecdsa::signature::hazmat::PrehashVerifier;
        use curve::ecdsa::{Signature, VerifyingKey};
        let Ok(key) = VerifyingKey::from_public_key_der(&key.0) else { return false };
        let signature = match der {
            true => Signature::from_der(&signature.0),
            false => Signature::from_slice(&signature.0),
        };
        signature.is_ok_and(|signature| key.verify_prehash(&hashed, &signature).is_ok())
    })
}

/// A signature, deterministic as in RFC 6979.
pub(super) fn sign(curve: Curve, hash: Hash, key: Bytes, data: Bytes, der: bool) -> Option<Bytes> {
    let hashed = curve.hashed(hash, &data.0);
    with_curve!(curve, {
        let key = curve::SecretKey::from_slice(&key.0).ok()?;
        let signature = signed(&key.to_nonzero_scalar(), &hashed);
        Some(Bytes(match der {
            true => signature.to_der().as_bytes().to_vec(),
            false => signature.to_bytes().to_vec(),
        }))
    })
}

/// Below `SigningKey`, which would find its public key first, at the cost of
/// another signature.
fn signed<C>(key: &NonZeroScalar<C>, hashed: &[u8]) -> ecdsa::Signature<C>
where
    C: EcdsaCurve + CurveArithmetic + DigestAlgorithm,
    ecdsa::SignatureSize<C>: ArraySize,
{
    sign_prehashed_rfc6979::<C, C::Digest>(key, hashed, &[]).0
}

/// A new private key.
pub(super) fn generate(curve: Curve) -> Option<Bytes> {
    with_curve!(curve, {
        use curve::elliptic_curve::Generate;
        let key = curve::SecretKey::generate_from_rng(&mut HostRng::default());
        Some(Bytes(key.to_bytes().to_vec()))
    })
}
