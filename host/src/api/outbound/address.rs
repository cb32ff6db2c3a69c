//! Addresses that no request of an action reaches, whatever name led there: all
//! that is not out on the public internet. Checked after names were resolved,
//! on the address that is then connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is refused; none for one on the public internet.
pub(super) fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

type Block<A> = (A, u32, &'static str);

/// The IANA special-purpose registry, and what clouds keep at fixed places.
/// The first that fits names the reason.
const V4: &[Block<[u8; 4]>] = &[
    ([169, 254, 169, 254], 32, "the address of a cloud's metadata"),
    ([168, 63, 129, 16], 32, "the address of a cloud's metadata"),
    ([100, 100, 100, 200], 32, "the address of a cloud's metadata"),
    ([0, 0, 0, 0], 32, "the unspecified address"),
    ([0, 0, 0, 0], 8, "an address of this network"),
    ([10, 0, 0, 0], 8, "a private address"),
    ([100, 64, 0, 0], 10, "an address shared behind carriers"),
    ([127, 0, 0, 0], 8, "a loopback address"),
    ([169, 254, 0, 0], 16, "a link-local address"),
    ([172, 16, 0, 0], 12, "a private address"),
    ([192, 0, 0, 0], 24, "an address for protocols"),
    ([192, 0, 2, 0], 24, "an address for documentation"),
    ([192, 88, 99, 0], 24, "an address of 6to4 relays"),
    ([192, 168, 0, 0], 16, "a private address"),
    ([198, 18, 0, 0], 15, "an address for benchmarks"),
    ([198, 51, 100, 0], 24, "an address for documentation"),
    ([203, 0, 113, 0], 24, "an address for documentation"),
    ([224, 0, 0, 0], 4, "a multicast address"),
    ([255, 255, 255, 255], 32, "the broadcast address"),
    ([240, 0, 0, 0], 4, "a reserved address"),
];

/// What embeds an IPv4 address is refused whole: who routes it, and where to,
/// cannot be told from here.
const V6: &[Block<[u16; 8]>] = &[
    ([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254], 128, "the address of a cloud's metadata"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, "the unspecified address"),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, "a loopback address"),
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, "an IPv4 address in IPv6"),
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, "an IPv4 address in IPv6"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, "an IPv4 address in IPv6"),
    ([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 32, "an IPv4 address behind NAT64"),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "a unique-local address"),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "a link-local address"),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "a site-local address"),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "a multicast address"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "a Teredo address"),
    ([0x2001, 0x0002, 0, 0, 0, 0, 0, 0], 48, "an address for benchmarks"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "an address for protocols"),
    ([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32, "an address for documentation"),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "a 6to4 address"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "an address for documentation"),
];

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    let fits = |(network, length, _): &&Block<[u8; 4]>| {
        let other = u32::from(address) ^ u32::from_be_bytes(*network);
        other.checked_shr(32 - length).unwrap_or(0) == 0
    };
    V4.iter().find(fits).map(|(.., why)| *why)
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    let fits = |(network, length, _): &&Block<[u16; 8]>| {
        let other = u128::from(address) ^ u128::from(Ipv6Addr::from(*network));
        other.checked_shr(128 - length).unwrap_or(0) == 0
    };
    if let Some((.., why)) = V6.iter().find(fits) {
        return Some(why);
    }
    let [first, .., upper, lower, _, _] = address.segments();
    // ISATAP: an IPv4 address in the second half, under any prefix.
    if upper & 0xfdff == 0 && lower == 0x5efe {
        return Some("an IPv4 address in IPv6");
    }
    // 2000::/3 is all that was ever given out.
    (first >> 13 != 1).then_some("no public address")
}
