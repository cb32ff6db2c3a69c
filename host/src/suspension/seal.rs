//! Sealing: what is stored can be read and changed by nobody without the keys.
//! XChaCha20-Poly1305 with a random nonce, which is long enough to be drawn at
//! random for ever, under a key derived from the ring for each purpose.
//!
//! What is sealed is bound to its place: ticket, tenant, flow, components,
//! user and dates are associated data. A record that was moved to another row,
//! or whose row was changed, does not open.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};

use super::ticket::{Ticket, random_bytes};
use crate::digest::Digest;
use crate::error::{Code, Error, Result};
use crate::keys::{Key, KeyRing};
use crate::store::{End, Head};

/// The form of what is sealed, its first byte; raised with every change.
const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEADER: usize = 1 + 4 + NONCE;

/// What a sealed text is for, and where it belongs.
pub(crate) enum Place<'a> {
    /// A suspended flow.
    Record { ticket: &'a Digest, head: &'a Head },
    /// The answer to a state, to be given again to who has that state: the
    /// keys alone do not open it.
    Answer { ticket: &'a Ticket, head: &'a Head },
    /// A flow that ended.
    End(&'a End),
}

/// Seals `text` with the newest key.
pub(crate) fn seal(keys: &KeyRing, place: &Place<'_>, text: &[u8]) -> Result<Vec<u8>> {
    let epoch = keys.newest();
    let nonce: [u8; NONCE] = random_bytes()?;
    let mut sealed = vec![VERSION];
    sealed.extend(epoch.to_be_bytes());
    sealed.extend(nonce);
    let aad = place.associated_data(&sealed);
    let key = place.key(keys, epoch).ok_or_else(|| key_unknown(epoch))?;
    let payload = Payload { msg: text, aad: &aad };
    let cipher = XChaCha20Poly1305::new(&CipherKey::from(*key));
    let ciphertext = cipher.encrypt(&XNonce::from(nonce), payload);
    sealed.extend(ciphertext.map_err(|_| Error::new(Code::Internal, "it is too long to seal"))?);
    Ok(sealed)
}

/// Opens what [`seal`] made for the same place.
///
/// # Errors
/// `seal_broken` when it is not that, `key_unknown` when its key is not in the
/// ring, `store_incompatible` when another version wrote it.
pub(crate) fn open(keys: &KeyRing, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
    let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or_else(broken)?;
    if header[0] != VERSION {
        let message = format!("it was sealed in form {}, this is {VERSION}", header[0]);
        return Err(Error::new(Code::StoreIncompatible, message));
    }
    let epoch = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
    let nonce = <[u8; NONCE]>::try_from(&header[5..]).map_err(|_| broken())?;
    let key = place.key(keys, epoch).ok_or_else(|| key_unknown(epoch))?;
    let payload = Payload { msg: ciphertext, aad: &place.associated_data(header) };
    let cipher = XChaCha20Poly1305::new(&CipherKey::from(*key));
    cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| broken())
}

/// Names a user without telling who it is.
pub(crate) fn subject(keys: &KeyRing, tenant: &str, user_id: &str) -> Digest {
    let parts = [tenant.as_bytes(), user_id.as_bytes()];
    let epoch = keys.newest();
    // The newest key is always in its ring.
    let name = keys.derive(epoch, "flowhost subject", &parts).unwrap_or_default();
    Digest::of(&name[..])
}

impl Place<'_> {
    fn key(&self, keys: &KeyRing, epoch: u32) -> Option<Key> {
        match self {
            Place::Record { .. } => keys.derive(epoch, "flowhost record", &[]),
            Place::Answer { ticket, .. } => {
                keys.derive(epoch, "flowhost answer", &[ticket.as_str().as_bytes()])
            }
            Place::End(_) => keys.derive(epoch, "flowhost end", &[]),
        }
    }

    /// Each part with its length before it: no two places look the same.
    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = Vec::with_capacity(512);
        let mut add = |part: &[u8]| {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part);
        };
        add(header);
        match self {
            Place::Record { ticket, head } => {
                add(ticket.as_bytes());
                add_head(head, &mut add);
            }
            Place::Answer { ticket, head } => {
                add(ticket.digest().as_bytes());
                add_head(head, &mut add);
            }
            Place::End(end) => {
                let End { flow_id, outcome, flow, ended_at, record: _ } = end;
                [flow_id, outcome, flow].into_iter().for_each(|text| add(text.as_bytes()));
                add(&ended_at.as_millis().to_be_bytes());
            }
        }
        data
    }
}

fn add_head(head: &Head, add: &mut impl FnMut(&[u8])) {
    let Head {
        flow_id,
        tenant,
        flow,
        flow_digest,
        action,
        subject,
        origin,
        created_at,
        expires_at,
        lease_millis,
    } = head;
    [flow_id, tenant, flow].into_iter().for_each(|text| add(text.as_bytes()));
    [flow_digest, action, subject].into_iter().for_each(|digest| add(digest.as_bytes()));
    add(&[u8::from(origin.is_some())]);
    add(origin.as_deref().unwrap_or_default().as_bytes());
    add(&created_at.as_millis().to_be_bytes());
    add(&expires_at.as_millis().to_be_bytes());
    add(&lease_millis.to_be_bytes());
}

fn key_unknown(epoch: u32) -> Error {
    let message = format!("it was sealed with the key of epoch {epoch}, which is not in the ring");
    Error::new(Code::KeyUnknown, message)
        .with_hint("start with all keys that sealed what is stored, the newest first")
}

/// What does not belong where it was found.
pub(crate) fn broken() -> Error {
    let message = "what is stored of the flow was changed, or belongs elsewhere";
    Error::new(Code::SealBroken, message)
}
