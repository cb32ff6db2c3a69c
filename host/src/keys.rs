//! [`KeyRing`]: the keys that seal what is stored. The newest one seals, all
//! of them open, so that a key can be replaced while flows wait; each has a
//! number, its epoch, which is written beside what it sealed. A key that was
//! taken out of the ring makes everything it sealed unreadable, for good.

use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// A key of 256 bits.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const COMMENT: &str = "\
# Keys of flowhost: one `EPOCH:KEY` in each line, the newest first. The first
# one seals, all of them open. Whoever has this file and the store can read the
# flows that wait: keep them apart.
";

/// The longest line of a key: its epoch, a colon, 43 digits, a line break.
const LINE: usize = 10 + 1 + 43 + 1;

/// The keys that seal what is stored.
#[derive(Clone)]
pub struct KeyRing {
    /// The newest first, epochs descending.
    keys: Vec<(u32, Key)>,
}

impl KeyRing {
    /// A ring with one new key, of epoch 1.
    ///
    /// # Errors
    /// `internal` when the system has no randomness.
    pub fn generate() -> Result<Self> {
        Ok(KeyRing { keys: vec![(1, new_key()?)] })
    }

    /// The ring with a new key before the others.
    ///
    /// # Errors
    /// `keys_invalid` when there are no epochs left, `internal` when the system
    /// has no randomness.
    pub fn rotate(&self) -> Result<Self> {
        let newest = self.keys.first().map_or(0, |(epoch, _)| *epoch);
        let epoch = newest.checked_add(1).ok_or_else(|| invalid("there are no epochs left"))?;
        let mut keys = vec![(epoch, new_key()?)];
        keys.extend(self.keys.iter().cloned());
        Ok(KeyRing { keys })
    }

    /// The ring with its newest `keep` keys only: what older ones sealed does
    /// not open any more. At least one is kept.
    #[must_use]
    pub fn retire(mut self, keep: usize) -> Self {
        self.keys.truncate(keep.max(1));
        self
    }

    /// Reads a ring: `EPOCH:KEY`, separated by commas or white space, the
    /// newest first; a key is 32 bytes in base64url without padding (RFC 4648
    /// §5). Lines that begin with `#` are comments.
    ///
    /// # Errors
    /// `keys_invalid`. The message never holds a key.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let entries = lines.flat_map(|line| line.split([',', ' ', '\t']));
        let mut keys: Vec<(u32, Key)> = Vec::new();
        for (number, entry) in entries.map(str::trim).filter(|entry| !entry.is_empty()).enumerate()
        {
            let at = |what: &str| invalid(&format!("key {}: {what}", number + 1));
            let (epoch, key) = entry.split_once(':').ok_or_else(|| at("it is no `EPOCH:KEY`"))?;
            let epoch: u32 = epoch.parse().map_err(|_| at("its epoch is no number"))?;
            if keys.last().is_some_and(|(newer, _)| *newer <= epoch) {
                return Err(at("its epoch is not below the one before it"));
            }
            let bytes = URL_SAFE_NO_PAD.decode(key).map(Zeroizing::new);
            let key = bytes.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            keys.push((epoch, Zeroizing::new(key.ok_or_else(|| at("it is not 32 bytes"))?)));
        }
        if keys.is_empty() {
            return Err(invalid("there is no key"));
        }
        Ok(KeyRing { keys })
    }

    /// Reads a ring from a file.
    ///
    /// # Errors
    /// `file_unreadable`, and those of [`parse`](KeyRing::parse).
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = Zeroizing::new(crate::flow::read_text(path, "the key file")?);
        KeyRing::parse(&text).map_err(|error| error.in_file(path))
    }

    /// The text that [`parse`](KeyRing::parse) reads, to be kept in a file.
    pub fn to_text(&self) -> Secret {
        // Room for all of it: what grows leaves copies behind.
        let mut text = String::with_capacity(COMMENT.len() + self.keys.len() * LINE);
        text.push_str(COMMENT);
        for (epoch, key) in &self.keys {
            let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(&key[..]));
            _ = writeln!(text, "{epoch}:{}", &*key);
        }
        Secret::new(text)
    }

    /// The epochs, the newest first.
    pub fn epochs(&self) -> impl Iterator<Item = u32> {
        self.keys.iter().map(|(epoch, _)| *epoch)
    }

    /// The epoch that seals.
    pub(crate) fn newest(&self) -> u32 {
        self.epochs().next().unwrap_or(0)
    }

    /// The key of an epoch for one purpose; none when it is not in the ring.
    /// Parts are told apart by their lengths.
    pub(crate) fn derive(&self, epoch: u32, purpose: &str, parts: &[&[u8]]) -> Option<Key> {
        let (_, key) = self.keys.iter().find(|(known, _)| *known == epoch)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).ok()?;
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Some(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

/// Epochs only.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("epochs", &self.epochs().collect::<Vec<_>>()).finish()
    }
}

fn new_key() -> Result<Key> {
    crate::suspension::random_bytes().map(Zeroizing::new)
}

fn invalid(what: &str) -> Error {
    Error::new(Code::KeysInvalid, format!("the keys cannot be read: {what}"))
        .with_hint("`flowhost keys new` makes a key file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_reads_back_as_it_was_written() {
        let ring = KeyRing::generate().and_then(|ring| ring.rotate()).expect("a ring");
        let again = KeyRing::parse(ring.to_text().expose()).expect("a ring");
        assert_eq!(again.epochs().collect::<Vec<_>>(), [2, 1]);
        for epoch in [1, 2] {
            assert_eq!(again.derive(epoch, "x", &[]), ring.derive(epoch, "x", &[]));
        }
        assert_eq!(again.derive(3, "x", &[]), None);
    }

    #[test]
    fn purposes_and_parts_make_other_keys() {
        let ring = KeyRing::generate().expect("a ring");
        let derive = |purpose: &str, parts: &[&[u8]]| ring.derive(1, purpose, parts);
        assert_ne!(derive("a", &[b"bc"]), derive("ab", &[b"c"]));
        assert_ne!(derive("a", &[b"b", b"c"]), derive("a", &[b"bc"]));
    }

    #[test]
    fn what_is_no_ring_is_refused_without_telling_it() {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let rings = ["", "# 1:x", key, &format!("1:{key}x"), &format!("one:{key}")];
        for text in rings.into_iter().chain([&*format!("1:{key},2:{key}"), "1:AAAA"]) {
            let error = KeyRing::parse(text).expect_err(text);
            assert_eq!(error.code(), Code::KeysInvalid);
            assert!(!error.message().contains("AAAA"), "{error}");
        }
    }
}
