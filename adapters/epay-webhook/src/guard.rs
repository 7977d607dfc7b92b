//! Whom a webhook may call. A receiver's address is somebody else's word, and the sender stands inside: without a guard it
//! could be made to call what only insiders reach (SSRF).
//!
//! A URL is judged as text when it is registered and again before every call. A name is judged by every address that it
//! has at the moment of the call, and the caller connects to those very addresses, so that a name which changes its mind
//! in between gains nothing. One bad address among good ones condemns the name.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest URL.
pub const URL_CHARACTERS_MAX: usize = 2_048;
/// The port of HTTPS.
const HTTPS_PORT: u16 = 443;

/// Why a URL cannot be a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Not a URL with a host, or too long.
    #[error(
        "must be a URL such as \"https://hooks.example/epay\" of at most {URL_CHARACTERS_MAX} characters"
    )]
    Malformed,
    /// Not HTTPS.
    #[error("must begin with https://")]
    NotHttps,
    /// A user or password in it.
    #[error("must not hold a user name or password")]
    Credentials,
    /// A fragment, which is never sent.
    #[error("must not hold a fragment (#)")]
    Fragment,
    /// A port that is not offered.
    #[error("must not name another port than those that are allowed here (443 unless configured)")]
    Port,
    /// An address that may not be called.
    #[error("must not name an address inside a network, of a machine itself, or of no machine")]
    Address,
}

/// Why a name may not be called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It has no address.
    #[error("the name has no address")]
    None,
    /// One of its addresses may not be called.
    #[error("the name has an address that may not be called")]
    Forbidden,
}

/// The rules of one installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// Ports besides 443.
    pub more_ports: Vec<u16>,
    /// For development: this machine itself may be called, on any port and without TLS.
    pub loopback: bool,
}

impl Guard {
    /// Reads a receiver's URL.
    ///
    /// # Errors
    /// [`UrlFault`].
    pub fn read_url(&self, text: &str) -> Result<Url, UrlFault> {
        if text.chars().nth(URL_CHARACTERS_MAX).is_some() {
            return Err(UrlFault::Malformed);
        }
        // Reads `0x7f.1` and `2130706433` as the addresses that they are.
        let url = Url::parse(text).map_err(|_not_a_url| UrlFault::Malformed)?;
        let host = url.host().ok_or(UrlFault::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlFault::Fragment);
        }
        let own = self.loopback && is_loopback(&host);
        if !own {
            if url.scheme() != "https" {
                return Err(UrlFault::NotHttps);
            }
            let port = url.port_or_known_default().ok_or(UrlFault::Port)?;
            if port != HTTPS_PORT && !self.more_ports.contains(&port) {
                return Err(UrlFault::Port);
            }
        } else if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlFault::NotHttps);
        }
        let allowed = match host {
            Host::Ipv4(address) => self.allows(address.into()),
            Host::Ipv6(address) => self.allows(address.into()),
            Host::Domain(name) => own || !is_local_name(name),
        };
        if allowed {
            Ok(url)
        } else {
            Err(UrlFault::Address)
        }
    }

    /// Judges the addresses of a name.
    ///
    /// # Errors
    /// [`AddressFault`].
    pub fn judge(&self, addresses: &[IpAddr]) -> Result<(), AddressFault> {
        if addresses.is_empty() {
            return Err(AddressFault::None);
        }
        if addresses.iter().all(|address| self.allows(*address)) {
            Ok(())
        } else {
            Err(AddressFault::Forbidden)
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if address.is_loopback() {
            return self.loopback;
        }
        match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        }
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Names that mean something only within a network. What they resolve to is judged anyway; this tells whoever registers.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.')
        || [".localhost", ".local", ".internal", ".home.arpa"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// Networks of IPv4 that are not the public's, by the registry of special-purpose addresses, and one host that a cloud
/// keeps inside although its address looks public.
const NOT_PUBLIC_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !NOT_PUBLIC_V4.iter().any(|(network, length)| {
        let host_bits = 32_u32.saturating_sub(*length);
        bits.checked_shr(host_bits) == Ipv4Addr::from(*network).to_bits().checked_shr(host_bits)
    })
}

/// Within the public's `2000::/3`, what is not the public's or hides an address of IPv4.
const NOT_PUBLIC_V6: [(u128, u32); 4] = [
    (0x2001_0000 << 96, 23),
    (0x2001_0db8 << 96, 32),
    (0x2002_0000 << 96, 16),
    (0x3fff_0000 << 96, 20),
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |network: u128, length: u32| {
        let host_bits = 128_u32.saturating_sub(length);
        bits.checked_shr(host_bits) == network.checked_shr(host_bits)
    };
    within(0x2000 << 112, 3)
        && !NOT_PUBLIC_V6
            .iter()
            .any(|(network, length)| within(*network, *length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strict() -> Guard {
        Guard::default()
    }

    #[test]
    fn urls_are_judged_as_text() {
        let table = [
            ("https://hooks.example/epay?x=1", Ok(())),
            ("https://hooks.example:443/", Ok(())),
            ("https://93.184.216.34/", Ok(())),
            ("https://[2606:2800:220:1::1]/", Ok(())),
            ("http://hooks.example/", Err(UrlFault::NotHttps)),
            ("ftp://hooks.example/", Err(UrlFault::NotHttps)),
            ("https://hooks.example:8443/", Err(UrlFault::Port)),
            ("https://user@hooks.example/", Err(UrlFault::Credentials)),
            ("https://:pass@hooks.example/", Err(UrlFault::Credentials)),
            ("https://hooks.example/#x", Err(UrlFault::Fragment)),
            ("hooks.example", Err(UrlFault::Malformed)),
            ("https://", Err(UrlFault::Malformed)),
            ("data:text/plain,x", Err(UrlFault::Malformed)),
            ("https://localhost/", Err(UrlFault::Address)),
            ("https://LOCALHOST./", Err(UrlFault::Address)),
            ("https://intranet/", Err(UrlFault::Address)),
            ("https://db.internal/", Err(UrlFault::Address)),
            ("https://127.0.0.1/", Err(UrlFault::Address)),
            ("https://2130706433/", Err(UrlFault::Address)),
            ("https://0x7f000001/", Err(UrlFault::Address)),
            ("https://0177.0.0.1/", Err(UrlFault::Address)),
            ("https://127.1/", Err(UrlFault::Address)),
            ("https://0/", Err(UrlFault::Address)),
            ("https://%31%32%37.0.0.1/", Err(UrlFault::Address)),
            ("https://①②⑦.0.0.1/", Err(UrlFault::Address)),
            ("https://169.254.169.254/", Err(UrlFault::Address)),
            ("https://[::1]/", Err(UrlFault::Address)),
            ("https://[::]/", Err(UrlFault::Address)),
            ("https://[::ffff:127.0.0.1]/", Err(UrlFault::Address)),
            ("https://[::ffff:a00:1]/", Err(UrlFault::Address)),
            ("https://[64:ff9b::7f00:1]/", Err(UrlFault::Address)),
            ("https://[2002:7f00:1::]/", Err(UrlFault::Address)),
            ("https://[fd00:ec2::254]/", Err(UrlFault::Address)),
            ("https://[fe80::1]/", Err(UrlFault::Address)),
        ];
        for (text, expected) in table {
            assert_eq!(strict().read_url(text).map(|_url| ()), expected, "{text}");
        }
        let long = format!("https://hooks.example/{}", "x".repeat(URL_CHARACTERS_MAX));
        assert_eq!(strict().read_url(&long), Err(UrlFault::Malformed));
    }

    #[test]
    fn development_reaches_this_machine_and_no_other_inside() {
        let guard = Guard {
            more_ports: vec![8_443],
            loopback: true,
        };
        let table = [
            ("http://127.0.0.1:9999/", true),
            ("http://[::1]:9999/", true),
            ("https://localhost:9999/", true),
            ("https://hooks.example:8443/", true),
            ("ftp://127.0.0.1/", false),
            ("http://10.0.0.1/", false),
            ("https://10.0.0.1/", false),
            ("http://hooks.example/", false),
        ];
        for (text, allowed) in table {
            assert_eq!(guard.read_url(text).is_ok(), allowed, "{text}");
        }
    }

    #[test]
    fn one_address_inside_condemns_a_name() {
        let parse = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let forbidden = Err(AddressFault::Forbidden);
        let table: [(&[&str], Result<(), AddressFault>); 21] = [
            (&["93.184.216.34", "2606:2800:220:1::1"], Ok(())),
            (&[], Err(AddressFault::None)),
            (&["93.184.216.34", "10.0.0.1"], forbidden),
            (&["127.0.0.1"], forbidden),
            (&["0.0.0.0"], forbidden),
            (&["100.100.100.200"], forbidden),
            (&["168.63.129.16"], forbidden),
            (&["168.63.129.17"], Ok(())),
            (&["169.254.169.254"], forbidden),
            (&["172.31.255.255"], forbidden),
            (&["172.32.0.0"], Ok(())),
            (&["192.0.0.192"], forbidden),
            (&["192.168.1.1"], forbidden),
            (&["198.19.255.255"], forbidden),
            (&["224.0.0.1"], forbidden),
            (&["255.255.255.255"], forbidden),
            (&["::ffff:169.254.169.254"], forbidden),
            (&["fd00:ec2::254"], forbidden),
            (&["2001::1"], forbidden),
            (&["2001:db8::1"], forbidden),
            (&["ff02::1"], forbidden),
        ];
        for (addresses, expected) in table {
            assert_eq!(strict().judge(&parse(addresses)), expected, "{addresses:?}");
        }
    }

    proptest! {
        #[test]
        fn an_address_of_ipv4_is_judged_alike_in_the_clothes_of_ipv6(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let mapped = address.to_ipv6_mapped();
            prop_assert_eq!(strict().judge(&[address.into()]), strict().judge(&[mapped.into()]));
        }

        #[test]
        fn a_number_is_the_address_that_it_is(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let written = [format!("https://{address}/"), format!("https://{bits}/"), format!("https://{bits:#x}/")];
            for text in written {
                prop_assert_eq!(strict().read_url(&text).is_ok(), strict().judge(&[address.into()]).is_ok(), "{}", text);
            }
        }
    }
}
