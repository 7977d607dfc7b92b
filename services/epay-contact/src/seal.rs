//! A person's data key, and what it seals: each thing for its own place, so that a row that was moved does not open.

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use aws_lc_rs::rand;
use epay_money::PersonId;
use epay_notice::Channel;
use secrecy::SecretString;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::keys::{KEY_BYTES, open_with, seal_with};
use crate::{ContactError, ContactKeys};

/// Where something sealed lies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// An address of a person.
    Point(Channel),
    /// An account of a person.
    Account(Uuid),
}

/// What seals the contacts of one person.
pub(crate) struct DataKey {
    person: PersonId,
    key: RandomizedNonceKey,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

fn key_place(person: PersonId) -> Vec<u8> {
    [
        b"epay contact data key v1".as_slice(),
        person.uuid().as_bytes(),
    ]
    .concat()
}

impl DataKey {
    /// A new one.
    pub(crate) fn draw(person: PersonId) -> Result<Self, ContactError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(bytes.as_mut_slice()).map_err(|_no_bytes| ContactError::NotSealed)?;
        Self::from_bytes(person, bytes).ok_or(ContactError::NotSealed)
    }

    fn from_bytes(person: PersonId, bytes: Zeroizing<[u8; KEY_BYTES]>) -> Option<Self> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes.as_slice()).ok()?;
        Some(Self { person, key, bytes })
    }

    /// As it is kept: wrapped by the key that seals.
    pub(crate) fn wrap(&self, keys: &ContactKeys) -> Result<Vec<u8>, ContactError> {
        keys.wrap(self.bytes.as_slice(), &key_place(self.person))
            .ok_or(ContactError::NotSealed)
    }

    /// One that was kept.
    pub(crate) fn unwrap(
        keys: &ContactKeys,
        person: PersonId,
        (name, wrapped): (&str, &[u8]),
    ) -> Result<Self, ContactError> {
        let opened = keys.unwrap(name, wrapped, &key_place(person));
        let read = || {
            let bytes = <[u8; KEY_BYTES]>::try_from(opened?.as_slice()).ok()?;
            Self::from_bytes(person, Zeroizing::new(bytes))
        };
        read().ok_or(ContactError::Sealed {
            what: "the data key",
            person,
        })
    }

    fn place(&self, place: Place) -> Vec<u8> {
        let person = self.person.uuid();
        let mut aad = b"epay contact v1".to_vec();
        aad.extend_from_slice(person.as_bytes());
        match place {
            Place::Point(channel) => aad.extend_from_slice(channel.as_str().as_bytes()),
            Place::Account(id) => {
                aad.extend_from_slice(b"account");
                aad.extend_from_slice(id.as_bytes());
            }
        }
        aad
    }

    pub(crate) fn seal(&self, place: Place, plain: &str) -> Result<Vec<u8>, ContactError> {
        seal_with(&self.key, plain.as_bytes(), &self.place(place)).ok_or(ContactError::NotSealed)
    }

    pub(crate) fn open(&self, place: Place, sealed: &[u8]) -> Result<SecretString, ContactError> {
        let opened = open_with(&self.key, sealed, &self.place(place));
        let text = opened.and_then(|bytes| core::str::from_utf8(&bytes).ok().map(str::to_owned));
        text.map(SecretString::from).ok_or(ContactError::Sealed {
            what: "a contact or an account",
            person: self.person,
        })
    }
}
