//! Keys of RSA and ECDSA: read in any form in which they come, and kept in one
//! (see [`super`]). A kind is `RSA` or the name of a curve.
//!
//! A private key of a curve is kept as its number: to find its public key again
//! costs as much as a signature.

use p256::elliptic_curve::sec1::ToSec1Point;
use rquickjs::convert::List;
use rsa::pkcs1::{
    DecodeRsaPrivateKey, DecodeRsaPublicKey, EncodeRsaPrivateKey, EncodeRsaPublicKey,
};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey, PublicKey};

use super::super::bytes::Bytes;
use super::ecdsa::{Curve, with_curve};

const RSA: &str = "RSA";

/// No key is as long: one of 8192 bits needs 5 kB.
const LONGEST: usize = 64 * 1024;

/// What kind of a key it is, whether a private one, and its one form.
type Found = List<(&'static str, bool, Bytes)>;

/// Reads a key; `form` says what the bytes are.
pub(super) fn read(form: String, der: Bytes) -> Option<Found> {
    let der = der.0.as_slice();
    if der.len() > LONGEST {
        return None;
    }
    match form.as_str() {
        "spki" => public(der),
        "certificate" => public(public_of_certificate(der)?),
        "pkcs8" => private(der),
        "pkcs1-public" => Some(rsa_public(&PublicKey::from_pkcs1_der(der).ok()?)?),
        "pkcs1-private" => Some(rsa_private(&PrivateKey::from_pkcs1_der(der).ok()?)?),
        "sec1" => [Curve::P256, Curve::P384].into_iter().find_map(|curve| sec1(curve, der)),
        _ => None,
    }
}

fn public(der: &[u8]) -> Option<Found> {
    if let Ok(key) = PublicKey::from_public_key_der(der) {
        return rsa_public(&key);
    }
    [Curve::P256, Curve::P384].into_iter().find_map(|curve| {
        with_curve!(curve, {
            let key = curve::PublicKey::from_public_key_der(der).ok()?;
            let der = key.to_public_key_der().ok()?.into_vec();
            Some(List((curve.name(), false, Bytes(der))))
        })
    })
}

fn private(der: &[u8]) -> Option<Found> {
    if let Ok(key) = PrivateKey::from_pkcs8_der(der) {
        return rsa_private(&key);
    }
    [Curve::P256, Curve::P384].into_iter().find_map(|curve| {
        with_curve!(curve, {
            let key = curve::SecretKey::from_pkcs8_der(der).ok()?;
            Some(List((curve.name(), true, Bytes(key.to_bytes().to_vec()))))
        })
    })
}

fn rsa_public(key: &PublicKey) -> Option<Found> {
    Some(List((RSA, false, Bytes(key.to_public_key_der().ok()?.into_vec()))))
}

fn rsa_private(key: &PrivateKey) -> Option<Found> {
    Some(List((RSA, true, Bytes(key.to_pkcs8_der().ok()?.as_bytes().to_vec()))))
}

/// A private key of SEC 1. It has to say its curve: a number fits many.
fn sec1(curve: Curve, der: &[u8]) -> Option<Found> {
    let oid: &[u8] = match curve {
        Curve::P256 => b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
        Curve::P384 => b"\x06\x05\x2b\x81\x04\x00\x22",
    };
    if !der.windows(oid.len()).any(|window| window == oid) {
        return None;
    }
    with_curve!(curve, {
        let key = curve::SecretKey::from_sec1_der(der).ok()?;
        Some(List((curve.name(), true, Bytes(key.to_bytes().to_vec()))))
    })
}

/// The `SubjectPublicKeyInfo` in an X.509 certificate (RFC 5280 §4.1), of
/// which nothing else is read.
fn public_of_certificate(der: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = inside(der, 0x30)?;
    let (mut fields, _) = inside(certificate, 0x30)?;
    if let Some((_, rest)) = inside(fields, 0xa0) {
        fields = rest;
    }
    // Serial number, signature, issuer, validity, subject.
    for tag in [0x02, 0x30, 0x30, 0x30, 0x30] {
        (_, fields) = inside(fields, tag)?;
    }
    let (_, rest) = inside(fields, 0x30)?;
    fields.get(..fields.len() - rest.len())
}

/// What is in the first element, and what follows it.
fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        ..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A key of the numbers that a JWK has: n, e or n, e, d, p, q of RSA, x, y or
/// x, y, d of a curve.
pub(super) fn of_parts(kind: String, parts: Vec<Bytes>) -> Option<Bytes> {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.0.as_slice()).collect();
    if parts.iter().any(|part| part.len() > LONGEST) {
        return None;
    }
    if kind == RSA {
        let number = |part: &[u8]| {
            let bits = u32::try_from(parts.first()?.len()).ok()? * 8;
            BoxedUint::from_be_slice(part, bits).ok()
        };
        let Found { 0: (.., der) } = match parts[..] {
            [n, e] => rsa_public(&PublicKey::new(number(n)?, number(e)?).ok()?)?,
            [n, e, d, p, q] => {
                let primes = vec![number(p)?, number(q)?];
                let (n, e, d) = (number(n)?, number(e)?, number(d)?);
                rsa_private(&PrivateKey::from_components(n, e, d, primes).ok()?)?
            }
            _ => return None,
        };
        return Some(der);
    }
    let curve = Curve::named(&kind)?;
    let (&[x, y], d) = parts.split_first_chunk::<2>()?;
    if parts.iter().any(|part| part.len() != curve.width()) {
        return None;
    }
    with_curve!(curve, {
        let point = [&[4], x, y].concat();
        let public = curve::PublicKey::from_sec1_bytes(&point).ok()?;
        let Some(d) = d.first() else {
            return Some(Bytes(public.to_public_key_der().ok()?.into_vec()));
        };
        let private = curve::SecretKey::from_slice(d).ok()?;
        if private.public_key() != public {
            return None;
        }
        Some(Bytes(private.to_bytes().to_vec()))
    })
}

/// The numbers of a key: as [`of_parts`] takes them, and then dp, dq, qi.
pub(super) fn parts(kind: String, private: bool, der: Bytes) -> Option<Vec<Bytes>> {
    let der = der.0.as_slice();
    if kind == RSA {
        let bytes = |number: &BoxedUint| Bytes(number.to_be_bytes_trimmed_vartime().into_vec());
        if !private {
            let key = PublicKey::from_public_key_der(der).ok()?;
            return Some(vec![bytes(key.n()), bytes(key.e())]);
        }
        let key = PrivateKey::from_pkcs8_der(der).ok()?;
        let [p, q] = key.primes() else { return None };
        let coefficient = key.crt_coefficient()?;
        let numbers = [key.n(), key.e(), key.d(), p, q, key.dp()?, key.dq()?, &coefficient];
        return Some(numbers.into_iter().map(bytes).collect());
    }
    let curve = Curve::named(&kind)?;
    with_curve!(curve, {
        let (public, d) = match private {
            true => {
                let key = curve::SecretKey::from_slice(der).ok()?;
                (key.public_key(), Some(Bytes(key.to_bytes().to_vec())))
            }
            false => (curve::PublicKey::from_public_key_der(der).ok()?, None),
        };
        let point = public.to_sec1_point(false);
        let (x, y) = (point.x()?.to_vec(), point.y()?.to_vec());
        Some([Bytes(x), Bytes(y)].into_iter().chain(d).collect())
    })
}

/// The public key of a private one.
pub(super) fn public_of(kind: String, der: Bytes) -> Option<Bytes> {
    if kind == RSA {
        let key = PrivateKey::from_pkcs8_der(&der.0).ok()?;
        return Some(Bytes(key.as_public_key().to_public_key_der().ok()?.into_vec()));
    }
    with_curve!(Curve::named(&kind)?, {
        let key = curve::SecretKey::from_slice(&der.0).ok()?.public_key();
        Some(Bytes(key.to_public_key_der().ok()?.into_vec()))
    })
}

/// A key in a form for others: as it is kept, or `pkcs1` or `sec1`; nothing
/// when it has no such form.
pub(super) fn write(form: String, kind: String, private: bool, kept: Bytes) -> Option<Bytes> {
    let der = kept.0.as_slice();
    match (form.as_str(), kind.as_str(), private) {
        ("spki", _, false) | ("pkcs8", RSA, true) => Some(kept),
        ("pkcs1", RSA, true) => {
            let key = PrivateKey::from_pkcs8_der(der).ok()?;
            Some(Bytes(key.to_pkcs1_der().ok()?.as_bytes().to_vec()))
        }
        ("pkcs1", RSA, false) => {
            let key = PublicKey::from_public_key_der(der).ok()?;
            Some(Bytes(key.to_pkcs1_der().ok()?.into_vec()))
        }
        ("pkcs8" | "sec1", curve, true) => with_curve!(Curve::named(curve)?, {
            let key = curve::SecretKey::from_slice(der).ok()?;
            Some(Bytes(match form.as_str() {
                "sec1" => key.to_sec1_der().ok()?.to_vec(),
                _ => key.to_pkcs8_der().ok()?.as_bytes().to_vec(),
            }))
        }),
        _ => None,
    }
}
