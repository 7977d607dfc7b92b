//! Addresses: as people type them, judged once; and opened, which nothing prints.

use core::fmt;

use epay_notice::Channel;
use secrecy::{ExposeSecret, SecretString};

/// Longest address, in characters.
pub const ADDRESS_CHARACTERS_MAX: usize = 254;
/// Longest id at the sign-in service, in characters.
const IDENTITY_CHARACTERS_MAX: usize = 128;
/// Longest part of an e-mail address before the `@`, in characters (RFC 5321, 4.5.3.1.1).
const LOCAL_CHARACTERS_MAX: usize = 64;
/// Digits of a telephone number with its country, without the `+` (E.164).
const TELEPHONE_DIGITS: core::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a telephone number of Hong Kong.
const LOCAL_TELEPHONE_DIGITS: usize = 8;
const HONG_KONG: &str = "852";

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointFault {
    /// Nothing that a telephone can be reached by.
    #[error(
        "a telephone number is 8 digits of Hong Kong, or `+` and 8 to 15 digits with the country"
    )]
    Telephone,
    /// Nothing that mail can be sent to.
    #[error("an e-mail address is a name, `@` and a domain, in ASCII, of at most 254 characters")]
    Email,
    /// Nothing that the sign-in service gives.
    #[error("an id of the sign-in service is 1 to 128 visible ASCII characters")]
    Identity,
}

impl PointFault {
    /// A stable code for interfaces.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Telephone => "TELEPHONE_NUMBER",
            Self::Email => "EMAIL_ADDRESS",
            Self::Identity => "IDENTITY",
        }
    }
}

/// Where a person is reached on one channel. The point of iAM Smart is also who the person is: the id that the sign-in service gives to us alone.
#[derive(Clone)]
pub struct Point {
    channel: Channel,
    address: SecretString,
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Point")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl Point {
    /// Judges what was typed, and writes it as its channel does.
    ///
    /// # Errors
    /// [`PointFault`].
    pub fn read(channel: Channel, typed: &str) -> Result<Self, PointFault> {
        let typed = typed.trim();
        let address = match channel {
            Channel::Sms => telephone(typed).ok_or(PointFault::Telephone),
            Channel::Email => email(typed).ok_or(PointFault::Email),
            Channel::IamSmartPush => identity(typed).ok_or(PointFault::Identity),
        }?;
        Ok(Self {
            channel,
            address: address.into(),
        })
    }

    /// By which way.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    pub(crate) fn address(&self) -> &str {
        self.address.expose_secret()
    }
}

fn telephone(typed: &str) -> Option<String> {
    let (plus, rest) = match typed.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, typed),
    };
    if rest.chars().count() > ADDRESS_CHARACTERS_MAX {
        return None;
    }
    let digits: String = rest
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')'))
        .collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return None;
    }
    match (plus, digits.len()) {
        (true, length) if TELEPHONE_DIGITS.contains(&length) => Some(format!("+{digits}")),
        (false, LOCAL_TELEPHONE_DIGITS) => Some(format!("+{HONG_KONG}{digits}")),
        _ => None,
    }
}

/// What RFC 5321 lets a mailbox be, without quoted names and addresses of machines. Whether somebody reads it is known only by sending.
fn email(typed: &str) -> Option<String> {
    let (local, domain) = typed.rsplit_once('@')?;
    let name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let dotted = |text: &str, fits: &dyn Fn(char) -> bool| {
        text.split('.')
            .all(|part| !part.is_empty() && part.chars().all(fits))
    };
    let label = |part: &str| !part.starts_with('-') && !part.ends_with('-') && part.len() <= 63;
    let fits = typed.len() <= ADDRESS_CHARACTERS_MAX
        && local.len() <= LOCAL_CHARACTERS_MAX
        && dotted(local, &name)
        && dotted(domain, &|c| c.is_ascii_alphanumeric() || c == '-')
        && domain.split('.').all(label)
        && domain.contains('.');
    // Hosts have no case; what stands before the `@` may have one.
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

fn identity(typed: &str) -> Option<String> {
    let fits = (1..=IDENTITY_CHARACTERS_MAX).contains(&typed.len())
        && typed.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| typed.to_owned())
}

/// The opened addresses of a person.
#[derive(Clone, Default)]
pub struct Addresses {
    /// The id at iAM Smart.
    pub iam_smart: Option<SecretString>,
    /// The telephone number, as E.164 writes it.
    pub sms: Option<SecretString>,
    /// The e-mail address.
    pub email: Option<SecretString>,
}

impl fmt::Debug for Addresses {
    /// Which there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = Channel::ALL
            .into_iter()
            .filter(|one| self.on(*one).is_some());
        f.debug_set().entries(there).finish()
    }
}

impl Addresses {
    /// The address on a channel.
    #[must_use]
    pub const fn on(&self, channel: Channel) -> Option<&SecretString> {
        match channel {
            Channel::IamSmartPush => self.iam_smart.as_ref(),
            Channel::Sms => self.sms.as_ref(),
            Channel::Email => self.email.as_ref(),
        }
    }

    pub(crate) fn put(&mut self, channel: Channel, address: SecretString) {
        let place = match channel {
            Channel::IamSmartPush => &mut self.iam_smart,
            Channel::Sms => &mut self.sms,
            Channel::Email => &mut self.email,
        };
        *place = Some(address);
    }

    /// The words of the channels, one space between them.
    pub(crate) fn channels(&self) -> String {
        let there = Channel::ALL
            .into_iter()
            .filter(|one| self.on(*one).is_some());
        there.map(Channel::as_str).collect::<Vec<_>>().join(" ")
    }

    /// An address as its owner may be shown it: the last digits of a telephone number, the first character of a mailbox; nothing of an id.
    #[must_use]
    pub fn masked(&self, channel: Channel) -> Option<String> {
        let address = self.on(channel)?.expose_secret();
        Some(match channel {
            Channel::IamSmartPush => String::new(),
            Channel::Sms => {
                let shown = address
                    .get(address.len().saturating_sub(3)..)
                    .unwrap_or_default();
                format!("•••• {shown}")
            }
            Channel::Email => {
                let (local, domain) = address.rsplit_once('@').unwrap_or_default();
                let first: String = local.chars().take(1).collect();
                format!("{first}•••@{domain}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_as_its_channel_writes_it() {
        let long = format!("{}@example.org", "a".repeat(65));
        let rows = [
            (Channel::Sms, "6123 4567", Some("+85261234567")),
            (Channel::Sms, "+852 6123-4567", Some("+85261234567")),
            (Channel::Sms, "+44 (20) 7946 0018", Some("+442079460018")),
            (Channel::Sms, "0123 4567", None),
            (Channel::Sms, "612345", None),
            (Channel::Sms, "+1234567890123456", None),
            (Channel::Sms, "６１２３４５６７", None),
            (
                Channel::Email,
                " Chan.Tai@Example.ORG ",
                Some("Chan.Tai@example.org"),
            ),
            (Channel::Email, "a+b@x.hk", Some("a+b@x.hk")),
            (Channel::Email, "no-domain@localhost", None),
            (Channel::Email, "two@@x.hk", None),
            (Channel::Email, "a b@x.hk", None),
            (Channel::Email, "a@x.hk\r\nBcc: b@x.hk", None),
            (Channel::Email, ".a@x.hk", None),
            (Channel::Email, "a@-x.hk", None),
            (Channel::Email, &long, None),
            (Channel::IamSmartPush, "Zm9vYmFy==", Some("Zm9vYmFy==")),
            (Channel::IamSmartPush, "", None),
            (Channel::IamSmartPush, "two words", None),
        ];
        for (channel, typed, expected) in rows {
            let read = Point::read(channel, typed).ok();
            let read = read.as_ref().map(Point::address);
            assert_eq!(read, expected, "{typed:?}");
        }
    }

    #[test]
    fn nothing_prints_an_address() {
        let point = Point::read(Channel::Email, "canary@example.org").unwrap();
        let mut addresses = Addresses::default();
        addresses.put(Channel::Email, point.address().into());
        addresses.put(Channel::Sms, "+85261234567".into());
        let printed = format!("{point:?} {addresses:?}");
        assert!(
            !printed.contains("canary") && !printed.contains("6123"),
            "{printed}"
        );
        assert_eq!(
            addresses.masked(Channel::Email).as_deref(),
            Some("c•••@example.org")
        );
        assert_eq!(addresses.masked(Channel::Sms).as_deref(), Some("•••• 567"));
        assert_eq!(addresses.masked(Channel::IamSmartPush), None);
    }
}
