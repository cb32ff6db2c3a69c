//! [`Ticket`]: the `state` value by which a flow is resumed, and [`Binding`],
//! what ties it to one browser. All of flowhost's randomness is drawn here.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::digest::Digest;
use crate::error::{Code, Error, Result};

/// 256 random bits, written as 43 characters of base64url (RFC 4648 §5).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket(String);

impl Ticket {
    /// A new one.
    pub(crate) fn random() -> Result<Self> {
        random::<32>().map(Ticket)
    }

    /// Reads one.
    ///
    /// # Errors
    /// `state_unknown` for text that no ticket ever had.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
        match decoded {
            Some(_) => Ok(Ticket(text.to_owned())),
            None => Err(Error::new(Code::StateUnknown, "the state is not one of flowhost's")),
        }
    }

    /// The text form.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a store keeps instead of the ticket.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// Whoever sees a ticket can resume the flow.
impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

/// What ties a flow to one browser: a value only that browser has, such as a
/// random cookie set when the flow started. A flow started with a binding
/// resumes only with an equal one.
#[derive(Clone)]
pub struct Binding(Digest);

impl Binding {
    /// The binding by `value`; only its digest is kept.
    pub fn new(value: &str) -> Self {
        Binding(Digest::of(value.as_bytes()))
    }

    pub(crate) fn digest(&self) -> Digest {
        self.0
    }

    /// Whether this is the binding with that digest, in constant time.
    pub(crate) fn is(&self, digest: &Digest) -> bool {
        self.0.as_bytes().ct_eq(digest.as_bytes()).into()
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding(…)")
    }
}

/// A random key: 256 bits, written as 43 characters of base64url.
pub(crate) fn random_key() -> Result<String> {
    random::<32>()
}

/// A random name: 128 bits, written as 22 characters of base64url.
pub(crate) fn random_id() -> Result<String> {
    random::<NAME>()
}

/// Random names, drawn many at a time: asking the system takes as long as an action that
/// does nothing. They are an engine's own: what is forked needs an engine of its own, and
/// must not have the same names. Of a machine that is copied while it runs both go on with
/// the same ones; a store takes each once, and the second flow fails.
#[derive(Default)]
pub(crate) struct Names(Mutex<Vec<[u8; NAME]>>);

/// Bytes of a random name, and how many names are drawn at once.
const NAME: usize = 16;
const DRAWN: usize = 64;

impl Names {
    /// A random name that nobody had before: see [`random_id`].
    pub(crate) fn draw(&self) -> Result<String> {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.is_empty() {
            let bytes: [u8; NAME * DRAWN] = random_bytes()?;
            drawn.extend_from_slice(bytes.as_chunks().0);
        }
        let name = drawn.pop().ok_or_else(|| Error::new(Code::Internal, "no names"))?;
        Ok(URL_SAFE_NO_PAD.encode(name))
    }
}

/// A random number.
pub(crate) fn random_number() -> Result<u64> {
    random_bytes().map(u64::from_ne_bytes)
}

fn random<const N: usize>() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<N>()?))
}

/// Bytes nobody can guess.
#[expect(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Internal, format!("no randomness: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_name_is_drawn_once() {
        let names = Names::default();
        let drawn: HashSet<String> =
            (0..3 * DRAWN).map(|_| names.draw().expect("randomness")).collect();
        assert_eq!(drawn.len(), 3 * DRAWN);
        assert!(drawn.iter().all(|name| name.len() == 22));
    }

    #[test]
    fn a_ticket_reads_back_and_nothing_else_does() {
        let ticket = Ticket::random().expect("randomness");
        assert_eq!(ticket.as_str().len(), 43);
        assert_eq!(Ticket::parse(ticket.as_str()).ok(), Some(ticket.clone()));
        for text in ["", "x", &ticket.as_str()[1..], &format!("{}=", ticket.as_str())] {
            assert_eq!(Ticket::parse(text).map_err(|e| e.code()), Err(Code::StateUnknown));
        }
    }
}
