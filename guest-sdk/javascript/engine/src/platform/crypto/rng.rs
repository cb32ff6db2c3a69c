//! [`HostRng`]: the host's randomness as RustCrypto asks for it.

use std::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::{asked_while_loading, host};

/// A call of the host gives so many bytes: those who ask for numbers ask often.
const AT_ONCE: usize = 256;

#[derive(Default)]
pub(super) struct HostRng {
    bytes: Vec<u8>,
    /// Counts while a file is loaded: there is no host, and nothing that is
    /// made then outlives it.
    count: u8,
}

impl TryRng for HostRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for byte in into {
            if self.bytes.is_empty() {
                self.bytes = self.more();
            }
            *byte = self.bytes.pop().unwrap_or_default();
        }
        Ok(())
    }
}

impl TryCryptoRng for HostRng {}

impl HostRng {
    fn more(&mut self) -> Vec<u8> {
        if !asked_while_loading() {
            return host::random_bytes(AT_ONCE);
        }
        let next = |_| {
            self.count = self.count.wrapping_mul(5).wrapping_add(113);
            self.count
        };
        (0..AT_ONCE).map(next).collect()
    }
}
