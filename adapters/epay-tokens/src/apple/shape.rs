//! The shape of a token's `paymentData`: which members there are, and which bytes they stand for.

use core::fmt;

use crate::encoding::{base64, lower_hex, p256_point};
use crate::json::{self, Object};
use crate::{Refusal, TOKEN_BYTES_MAX};

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppleVersion {
    /// `EC_v1`: a key agreed upon over P-256.
    EcV1,
    /// `RSA_v1`: a key wrapped with RSA-OAEP.
    RsaV1,
}

impl AppleVersion {
    /// As it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcV1 => "EC_v1",
            Self::RsaV1 => "RSA_v1",
        }
    }
}

/// A token that has the right shape. Nothing of it is believed yet.
#[derive(Clone)]
pub struct AppleToken {
    version: AppleVersion,
    /// The ephemeral public key in DER (`EC_v1`), or the wrapped key (`RSA_v1`).
    key_material: Vec<u8>,
    data: Vec<u8>,
    /// As given: what is no base64 is no signature, which is for the judge of signatures to say.
    signature: String,
    transaction_id: String,
    transaction: Vec<u8>,
    application_data: Option<[u8; 32]>,
    public_key_hash: [u8; 32],
}

impl fmt::Debug for AppleToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppleToken")
            .field("version", &self.version)
            .field("transaction_id", &self.transaction_id)
            .finish_non_exhaustive()
    }
}

/// Least bytes of a transaction id: it must be able to tell one payment from all others.
const TRANSACTION_BYTES_MIN: usize = 16;
/// Most bytes of a transaction id; Apple's have 32.
const TRANSACTION_BYTES_MAX: usize = 64;
/// Hexadecimal characters of a SHA-256.
const HEX_HASH: usize = 64;

impl AppleToken {
    /// Reads the `paymentData` object of a token.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::Malformed`] or [`Refusal::UnknownVersion`].
    pub fn parse(token: &[u8]) -> Result<Self, Refusal> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let token = json::object(token).ok_or(Refusal::Malformed("it is no strict JSON object"))?;
        let shaped = token.has_only(&["version", "data", "signature", "header"]);
        let header = token.get("header").and_then(json::Value::object);
        let (true, Some(header)) = (shaped, header) else {
            return Err(Refusal::Malformed(
                "it has version, data, signature and header",
            ));
        };
        let version = match text(&token, "version", "a version")? {
            "EC_v1" => AppleVersion::EcV1,
            "RSA_v1" => AppleVersion::RsaV1,
            _ => return Err(Refusal::UnknownVersion),
        };
        let transaction_id = text(header, "transactionId", "a transaction id")?;
        let transaction = lower_hex(transaction_id)
            .filter(|id| (TRANSACTION_BYTES_MIN..=TRANSACTION_BYTES_MAX).contains(&id.len()))
            .ok_or(Refusal::Malformed(
                "the transaction id is hexadecimal in small letters",
            ))?;
        Ok(Self {
            version,
            key_material: key_material(header, version)?,
            data: bytes(&token, "data", "the data is base64")?,
            signature: text(&token, "signature", "a signature")?.to_owned(),
            transaction_id: transaction_id.to_owned(),
            transaction,
            application_data: application_data(header)?,
            public_key_hash: bytes(header, "publicKeyHash", HASH)?
                .try_into()
                .map_err(|_length| Refusal::Malformed(HASH))?,
        })
    }

    /// The bytes that Apple signs: the key material, the data, the transaction id and the application data's hash.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let hash: &[u8] = self.application_data.as_ref().map_or(&[], |hash| hash);
        [&self.key_material, &self.data, &self.transaction, hash].concat()
    }

    /// The kind of token.
    #[must_use]
    pub const fn version(&self) -> AppleVersion {
        self.version
    }

    /// Apple's name for the transaction, as given.
    #[must_use]
    pub fn transaction_id(&self) -> &str {
        &self.transaction_id
    }

    /// SHA-256 of the public key that the token says it was made for. No signature covers it.
    #[must_use]
    pub const fn public_key_hash(&self) -> &[u8; 32] {
        &self.public_key_hash
    }

    pub(crate) const fn application_data(&self) -> Option<[u8; 32]> {
        self.application_data
    }

    pub(super) fn key_material(&self) -> &[u8] {
        &self.key_material
    }

    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    pub(super) fn signature(&self) -> Option<Vec<u8>> {
        base64(&self.signature)
    }
}

const HASH: &str = "the public key's hash is 32 bytes in base64";

fn text<'a>(object: &'a Object, name: &str, what: &'static str) -> Result<&'a str, Refusal> {
    object.text(name).ok_or(Refusal::Malformed(what))
}

fn bytes(object: &Object, name: &str, what: &'static str) -> Result<Vec<u8>, Refusal> {
    object
        .text(name)
        .and_then(base64)
        .ok_or(Refusal::Malformed(what))
}

/// The ephemeral key or the wrapped key, whichever the version has; the other must not be there.
fn key_material(header: &Object, version: AppleVersion) -> Result<Vec<u8>, Refusal> {
    let (name, what) = match version {
        AppleVersion::EcV1 => (
            "ephemeralPublicKey",
            "the ephemeral key is a P-256 key in base64",
        ),
        AppleVersion::RsaV1 => ("wrappedKey", "the wrapped key is base64"),
    };
    if !header.has_only(&["publicKeyHash", "transactionId", "applicationData", name]) {
        return Err(Refusal::Malformed(
            "the header has a member that its version has not",
        ));
    }
    let material = bytes(header, name, what)?;
    match version {
        AppleVersion::EcV1 if p256_point(&material).is_none() => Err(Refusal::Malformed(what)),
        AppleVersion::EcV1 | AppleVersion::RsaV1 => Ok(material),
    }
}

/// The hash of the application data. Apple has documented it as hexadecimal and as base64; the lengths tell them apart.
fn application_data(header: &Object) -> Result<Option<[u8; 32]>, Refusal> {
    const WHAT: &str = "the application data is a SHA-256";
    let Some(value) = header.get("applicationData") else {
        return Ok(None);
    };
    let text = value.text().ok_or(Refusal::Malformed(WHAT))?;
    let hash = if text.len() == HEX_HASH {
        lower_hex(text)
    } else {
        base64(text)
    };
    let hash = hash.and_then(|hash| <[u8; 32]>::try_from(hash).ok());
    hash.map(Some).ok_or(Refusal::Malformed(WHAT))
}
