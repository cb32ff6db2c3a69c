//! Cryptography: what `js/subtle.js` and `js/crypto.js` are made of, as
//! `native.crypto`. The algorithms are RustCrypto's; here they are given names
//! and bytes. What is wrong with its input answers nothing, which scripts make
//! the error of who asked: nothing here panics or throws.
//!
//! A key is kept in one form, `SubjectPublicKeyInfo` or PKCS#8 where it is one
//! of RSA, and is read anew at each use: there is no state, so nothing of it is in a snapshot but
//! what a script holds.

mod aes;
mod ecdsa;
mod encodings;
mod hash;
mod keys;
mod rng;
mod rsa;

use rquickjs::{Ctx, Function, Object, Result};

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let crypto = Object::new(ctx.clone())?;
    encodings::add(ctx, &crypto)?;
    hash::add(ctx, &crypto)?;
    crypto.set("readKey", Function::new(ctx.clone(), keys::read)?)?;
    crypto.set("keyOfParts", Function::new(ctx.clone(), keys::of_parts)?)?;
    crypto.set("keyParts", Function::new(ctx.clone(), keys::parts)?)?;
    crypto.set("publicKeyOf", Function::new(ctx.clone(), keys::public_of)?)?;
    crypto.set("writeKey", Function::new(ctx.clone(), keys::write)?)?;
    crypto.set("aesGcm", Function::new(ctx.clone(), aes::gcm)?)?;
    crypto.set("rsaVerify", Function::new(ctx.clone(), rsa::verify)?)?;
    crypto.set("rsaSign", Function::new(ctx.clone(), rsa::sign)?)?;
    crypto.set("ecdsaVerify", Function::new(ctx.clone(), ecdsa::verify)?)?;
    crypto.set("ecdsaSign", Function::new(ctx.clone(), ecdsa::sign)?)?;
    crypto.set("ecdsaGenerate", Function::new(ctx.clone(), ecdsa::generate)?)?;
    native.set("crypto", crypto)
}
