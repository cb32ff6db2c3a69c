//! A network in CIDR notation (RFC 4632, RFC 4291).

use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;

/// Such as `198.51.100.0/24`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                shift(network.to_bits().into(), 32 - self.prefix)
                    == shift(address.to_bits().into(), 32 - self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                shift(network.to_bits(), 128 - self.prefix)
                    == shift(address.to_bits(), 128 - self.prefix)
            }
            _ => false,
        }
    }
}

/// `bits >> by`, where `by` may be all of them.
fn shift(bits: u128, by: u32) -> u128 {
    bits.checked_shr(by).unwrap_or(0)
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network like 198.51.100.0/24");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let prefix: u32 = prefix.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        if prefix > bits {
            return Err(wrong());
        }
        Ok(Network { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn prefixes_of_every_length_are_compared() {
        let contains = |network: &str, address: &str| {
            let network = Network::try_from(network.to_owned()).expect("a network");
            network.contains(address.parse().expect("an address"))
        };
        assert!(contains("0.0.0.0/0", "203.0.113.1"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(contains("203.0.113.1/32", "203.0.113.1"));
        assert!(!contains("203.0.113.1/32", "203.0.113.2"));
        assert!(contains("203.0.113.0/24", "::ffff:203.0.113.9"), "IPv4 inside IPv6");
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "203.0.113.0", "203.0.113.0/33", "::/129", "x/8", "203.0.113.0/-1"] {
            assert!(Network::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
