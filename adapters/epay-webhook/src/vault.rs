//! Keys at rest: AES-256-GCM under a key that a file holds, bound to the place where they lie.
//!
//! The vault has as many keys as there ever were; the last one by name seals, every one opens. Nonces arrive as arguments
//! and must be random: a key seals a few thousand times in its life, far from where random nonces meet.

use core::fmt;
use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Bytes of a key of the vault.
pub const VAULT_KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = NONCE_LEN;

/// Something sealed, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the vault's key.
    pub key_id: String,
    /// The nonce, then the ciphertext with its tag.
    pub bytes: Vec<u8>,
}

/// Why the vault does not open or seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// There is no key in it.
    #[error("the vault has no key")]
    Empty,
    /// A key of another length.
    #[error("a key of the vault has {VAULT_KEY_BYTES} bytes")]
    KeyLength,
    /// The key that sealed it is not here.
    #[error("it was sealed with a key that is not in the vault")]
    UnknownKey,
    /// It was changed, or lies where it was not put.
    #[error("it does not open: it was changed, or belongs elsewhere")]
    Altered,
}

/// Seals and opens.
pub struct Vault(BTreeMap<String, LessSafeKey>);

impl Vault {
    /// A vault with these keys.
    ///
    /// # Errors
    /// [`VaultFault::Empty`], [`VaultFault::KeyLength`].
    pub fn new<'a>(keys: impl IntoIterator<Item = (String, &'a [u8])>) -> Result<Self, VaultFault> {
        let mut vault = BTreeMap::new();
        for (id, bytes) in keys {
            let key = UnboundKey::new(&AES_256_GCM, bytes)
                .map_err(|_wrong_length| VaultFault::KeyLength)?;
            vault.insert(id, LessSafeKey::new(key));
        }
        if vault.is_empty() {
            return Err(VaultFault::Empty);
        }
        Ok(Self(vault))
    }

    /// Seals `secret` for `place`, the only place where it opens.
    ///
    /// # Errors
    /// [`VaultFault`]; never for secrets of ordinary size.
    pub fn seal(
        &self,
        place: &str,
        secret: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, VaultFault> {
        let (id, key) = self.0.last_key_value().ok_or(VaultFault::Empty)?;
        let mut sealed = secret.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut sealed,
        )
        .map_err(|_too_long| VaultFault::Altered)?;
        Ok(Sealed {
            key_id: id.clone(),
            bytes: [nonce.as_slice(), &sealed].concat(),
        })
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`VaultFault`].
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        let key = self.0.get(&sealed.key_id).ok_or(VaultFault::UnknownKey)?;
        let (nonce, rest) = sealed
            .bytes
            .split_at_checked(NONCE_BYTES)
            .ok_or(VaultFault::Altered)?;
        let nonce =
            Nonce::try_assume_unique_for_key(nonce).map_err(|_length| VaultFault::Altered)?;
        let mut opened = Zeroizing::new(rest.to_vec());
        let length = key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut opened)
            .map_err(|_rejected| VaultFault::Altered)?
            .len();
        opened.truncate(length);
        Ok(opened)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn vault(keys: &[(&str, u8)]) -> Vault {
        let keys: Vec<(String, [u8; 32])> = keys
            .iter()
            .map(|(id, byte)| ((*id).to_owned(), [*byte; 32]))
            .collect();
        Vault::new(keys.iter().map(|(id, key)| (id.clone(), key.as_slice()))).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let vault = vault(&[("2026", 1)]);
        let sealed = vault.seal("here", b"secret", NONCE).unwrap();
        assert!(!sealed.bytes.windows(6).any(|part| part == b"secret"));
        assert_eq!(vault.open("here", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(vault.open("there", &sealed), Err(VaultFault::Altered));
        for place in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[place] ^= 1;
            assert_eq!(vault.open("here", &changed), Err(VaultFault::Altered));
            changed.bytes.truncate(place);
            assert_eq!(vault.open("here", &changed), Err(VaultFault::Altered));
        }
    }

    #[test]
    fn the_last_key_seals_and_every_key_opens() {
        let old = vault(&[("2026", 1)]).seal("here", b"x", NONCE).unwrap();
        let both = vault(&[("2026", 1), ("2027", 2)]);
        let new = both.seal("here", b"x", NONCE).unwrap();
        assert_eq!(new.key_id, "2027");
        assert!(both.open("here", &old).is_ok() && both.open("here", &new).is_ok());
        assert_eq!(
            vault(&[("2026", 1)]).open("here", &new),
            Err(VaultFault::UnknownKey)
        );
    }

    #[test]
    fn a_vault_has_whole_keys() {
        assert_eq!(
            Vault::new([("a".to_owned(), [1_u8; 31].as_slice())]).unwrap_err(),
            VaultFault::KeyLength
        );
        assert_eq!(Vault::new([]).unwrap_err(), VaultFault::Empty);
    }
}
