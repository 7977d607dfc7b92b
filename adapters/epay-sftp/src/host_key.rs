//! The key by which a server is known.

use core::fmt;
use core::str::FromStr;

use russh::keys::ssh_key::Fingerprint;
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};

/// A pinned key: the whole of it, or its SHA-256 fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey(Pin);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pin {
    Key(PublicKey),
    Fingerprint(Fingerprint),
}

/// Text that is no host key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a host key is a line as in ssh_host_ed25519_key.pub, or a fingerprint that begins with SHA256:"
)]
pub struct BadHostKey;

impl FromStr for HostKey {
    type Err = BadHostKey;

    fn from_str(text: &str) -> Result<Self, BadHostKey> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            let read = text.parse().map(Pin::Fingerprint);
            return read.map(Self).map_err(|_malformed| BadHostKey);
        }
        let read = PublicKey::from_openssh(text).map(Pin::Key);
        read.map(Self).map_err(|_malformed| BadHostKey)
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pin::Key(key) => key.fingerprint(HashAlg::Sha256).fmt(f),
            Pin::Fingerprint(fingerprint) => fingerprint.fmt(f),
        }
    }
}

impl HostKey {
    /// The kind of key that the server is asked for, where it is known: a server may have several.
    pub(crate) fn algorithm(&self) -> Option<Algorithm> {
        match &self.0 {
            Pin::Key(key) => Some(key.algorithm()),
            Pin::Fingerprint(_) => None,
        }
    }

    /// Whether the server showed this key; else what it showed. A certificate is none: no authority is believed.
    pub(crate) fn judge(&self, shown: &PublicKeyOrCertificate) -> Result<(), String> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            return Err("a certificate".to_owned());
        };
        let same = match &self.0 {
            Pin::Key(pinned) => pinned.key_data() == key.key_data(),
            Pin::Fingerprint(pinned) => *pinned == key.fingerprint(HashAlg::Sha256),
        };
        if same {
            Ok(())
        } else {
            Err(key.fingerprint(HashAlg::Sha256).to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    const OTHER: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    fn shown(line: &str) -> PublicKeyOrCertificate {
        PublicKey::from_openssh(line).unwrap().into()
    }

    #[test]
    fn a_key_is_pinned_by_its_line_or_its_fingerprint_and_another_is_told_by_its_own() {
        let by_line: HostKey = format!("{LINE} comment\n").parse().unwrap();
        let by_fingerprint: HostKey = by_line.to_string().parse().unwrap();
        let other: HostKey = OTHER.parse().unwrap();
        for pinned in [&by_line, &by_fingerprint] {
            assert_eq!(pinned.judge(&shown(LINE)), Ok(()));
            assert_eq!(pinned.judge(&shown(OTHER)), Err(other.to_string()));
        }
        assert_eq!(by_line.algorithm(), Some(Algorithm::Ed25519));
        assert_eq!(by_fingerprint.algorithm(), None);
    }

    #[test]
    fn what_pins_nothing_is_refused() {
        for text in [
            "",
            "*",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
            "SHA256:short",
            "SHA512:abc",
        ] {
            assert_eq!(text.parse::<HostKey>(), Err(BadHostKey), "{text:?}");
        }
    }
}
