use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use crate::fetch::address::{PUBLIC_V6, RESERVED_V4, RESERVED_V6, is_public, may_be_reached};

fn v4_in(first: Ipv4Addr, prefix: u8, random: u32) -> IpAddr {
    let free = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
    IpAddr::V4(Ipv4Addr::from_bits(first.to_bits() | (random & free)))
}

fn v6_in(first: Ipv6Addr, prefix: u8, random: u128) -> IpAddr {
    let free = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
    IpAddr::V6(Ipv6Addr::from_bits(first.to_bits() | (random & free)))
}

proptest! {
    #[test]
    fn no_address_of_a_reserved_block_is_reached(low in any::<u32>(), high in any::<u128>()) {
        for (first, prefix) in RESERVED_V4 {
            let address = v4_in(first, prefix, low);
            prop_assert!(!may_be_reached(address, &[]), "{address}");
        }
        for (first, prefix) in RESERVED_V6 {
            let address = v6_in(first, prefix, high);
            prop_assert!(!may_be_reached(address, &[]), "{address}");
        }
    }

    #[test]
    fn what_the_standard_library_knows_to_be_special_is_never_public(bits in any::<u32>(), high in any::<u128>()) {
        let address = Ipv4Addr::from_bits(bits);
        let special = address.is_private() || address.is_loopback() || address.is_link_local()
            || address.is_documentation() || address.is_broadcast() || address.is_multicast()
            || address.is_unspecified();
        prop_assert!(!(special && is_public(IpAddr::V4(address))), "{address}");
        let address = Ipv6Addr::from_bits(high);
        let special = address.is_loopback() || address.is_multicast() || address.is_unspecified()
            || address.is_unique_local() || address.is_unicast_link_local();
        prop_assert!(!(special && is_public(IpAddr::V6(address))), "{address}");
    }

    #[test]
    fn an_ipv4_address_hidden_in_an_ipv6_address_is_never_reached(bits in any::<u32>()) {
        let hidden = u128::from(bits);
        let at_the_end = ["::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::"];
        for prefix in at_the_end {
            let prefix: Ipv6Addr = prefix.parse().expect("a prefix");
            let address = IpAddr::V6(Ipv6Addr::from_bits(prefix.to_bits() | hidden));
            prop_assert!(!may_be_reached(address, &[]), "{address}");
        }
        let six_to_four = Ipv6Addr::from_bits((0x2002 << 112) | (hidden << 80) | 1);
        prop_assert!(!may_be_reached(IpAddr::V6(six_to_four), &[]), "{six_to_four}");
    }

    #[test]
    fn outside_the_one_public_part_of_ipv6_nothing_is_reached(high in any::<u128>()) {
        let (first, prefix) = PUBLIC_V6;
        let address = Ipv6Addr::from_bits(high);
        if (address.to_bits() ^ first.to_bits()) >> (128 - u32::from(prefix)) != 0 {
            prop_assert!(!may_be_reached(IpAddr::V6(address), &[]), "{address}");
        }
    }
}

#[test]
fn the_open_internet_and_the_edges_of_reserved_blocks_are_reached() {
    let open = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001:80b::200e",
        "240e::1",
    ];
    for address in open {
        assert!(
            may_be_reached(address.parse().expect("an address"), &[]),
            "{address}"
        );
    }
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_else_and_never_metadata() {
    let allowed = ["10.0.0.0/8", "169.254.0.0/16", "0.0.0.0/0", "fd00::/8"];
    let allowed = allowed.map(|network| network.parse().expect("a network"));
    let reached = |text: &str, allowed: &[ipnet::IpNet]| {
        may_be_reached(text.parse().expect("an address"), allowed)
    };
    assert!(reached("10.9.8.7", &allowed[..1]));
    assert!(!reached("192.168.1.1", &allowed[..1]));
    assert!(!reached("::ffff:10.9.8.7", &allowed[..1]));
    for metadata in [
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
    ] {
        assert!(!reached(metadata, &allowed), "{metadata}");
    }
}
