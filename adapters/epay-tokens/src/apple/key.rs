//! The merchant's side of a token: a payment processing certificate, and its private key where we may open tokens.

use core::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Encode as _, Sequence};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::AppleToken;
use crate::encoding::{p256_spki, sha256};
use crate::{Refusal, SetupError};

/// Where a payment processing certificate keeps the hash of its merchant id.
const MERCHANT_HASH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.32");
const RSA_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Tag and length before the 64 characters of the hash.
const MERCHANT_HASH_HEADER: usize = 2;

/// A payment processing certificate, with or without its private key.
pub struct AppleKey {
    public_key_hash: [u8; 32],
    merchant_id_hash: Option<[u8; 32]>,
    secret: Option<Secret>,
}

/// A private key of one of the two kinds.
pub(super) enum Secret {
    Ec(PrivateKey),
    Rsa(OaepPrivateDecryptingKey),
}

impl fmt::Debug for AppleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppleKey")
            .field("public_key_hash", &hex::encode(self.public_key_hash))
            .field("can_open", &self.can_open())
            .finish_non_exhaustive()
    }
}

impl AppleKey {
    /// A certificate (PEM) whose private key somebody else holds: tokens for it are verified and passed on.
    ///
    /// # Errors
    /// [`SetupError::BadCertificate`].
    pub fn from_certificate(pem: &str) -> Result<Self, SetupError> {
        use der::DecodePem as _;
        let certificate = Certificate::from_pem(pem.trim())
            .map_err(|_fault| SetupError::BadCertificate("it is not PEM"))?;
        let spki = certificate.tbs_certificate.subject_public_key_info.to_der();
        let spki =
            spki.map_err(|_fault| SetupError::BadCertificate("its key cannot be written"))?;
        Ok(Self {
            public_key_hash: sha256(&spki),
            merchant_id_hash: merchant_id_hash(&certificate),
            secret: None,
        })
    }

    /// A certificate and its private key (PEM: PKCS#8, SEC1 or PKCS#1): tokens for it are opened.
    ///
    /// # Errors
    /// [`SetupError`] if one cannot be read, or they are not a pair.
    pub fn from_pair(certificate: &str, private_key: &str) -> Result<Self, SetupError> {
        const BAD: SetupError = SetupError::BadPrivateKey("it is PEM with an EC or RSA key");
        let key = Self::from_certificate(certificate)?;
        let (secret, spki) = PrivateKeyDer::from_pem_slice(private_key.as_bytes())
            .ok()
            .as_ref()
            .and_then(Secret::read)
            .ok_or(BAD)?;
        if sha256(&spki) != key.public_key_hash {
            return Err(SetupError::NotAPair);
        }
        if matches!(secret, Secret::Ec(_)) && key.merchant_id_hash.is_none() {
            return Err(SetupError::BadCertificate("it names no merchant id"));
        }
        Ok(Self {
            secret: Some(secret),
            ..key
        })
    }

    /// Whether a token says that it was made for this certificate.
    #[must_use]
    pub fn is_named_by(&self, token: &AppleToken) -> bool {
        *token.public_key_hash() == self.public_key_hash
    }

    /// Whether its private key is at hand.
    #[must_use]
    pub const fn can_open(&self) -> bool {
        self.secret.is_some()
    }

    /// What the token holds. Call it only for a token whose signature was found good.
    pub(crate) fn open(&self, token: &AppleToken) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let secret = self.secret.as_ref().ok_or(Refusal::CannotDecrypt)?;
        let merchant = self.merchant_id_hash.as_ref();
        super::open::open(secret, merchant, token).ok_or(Refusal::CannotDecrypt)
    }
}

/// The 32 bytes that the certificate's extension holds as 64 characters.
fn merchant_id_hash(certificate: &Certificate) -> Option<[u8; 32]> {
    let extensions = certificate.tbs_certificate.extensions.as_deref()?;
    let extension = extensions
        .iter()
        .find(|extension| extension.extn_id == MERCHANT_HASH)?;
    let text = extension
        .extn_value
        .as_bytes()
        .get(MERCHANT_HASH_HEADER..)?;
    hex::decode(text).ok()?.try_into().ok()
}

/// `PrivateKeyInfo` of PKCS#8, for keys that come without that shell.
#[derive(Sequence)]
struct Pkcs8<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    key: OctetStringRef<'a>,
}

impl Secret {
    /// The key, and its public half in DER.
    fn read(key: &PrivateKeyDer<'_>) -> Option<(Self, Vec<u8>)> {
        match key {
            PrivateKeyDer::Sec1(key) => Self::ec(key.secret_sec1_der()),
            PrivateKeyDer::Pkcs8(key) => {
                let bytes = key.secret_pkcs8_der();
                Self::ec(bytes).or_else(|| Self::rsa(bytes))
            }
            PrivateKeyDer::Pkcs1(key) => {
                let shell = Pkcs8 {
                    version: 0,
                    algorithm: AlgorithmIdentifierRef {
                        oid: RSA_KEY,
                        parameters: Some(AnyRef::NULL),
                    },
                    key: OctetStringRef::new(key.secret_pkcs1_der()).ok()?,
                };
                Self::rsa(&Zeroizing::new(shell.to_der().ok()?))
            }
            _ => None,
        }
    }

    fn ec(der: &[u8]) -> Option<(Self, Vec<u8>)> {
        let key = PrivateKey::from_private_key_der(&ECDH_P256, der).ok()?;
        let spki = p256_spki(key.compute_public_key().ok()?.as_ref());
        Some((Self::Ec(key), spki))
    }

    fn rsa(pkcs8: &[u8]) -> Option<(Self, Vec<u8>)> {
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
        let spki = key.public_key().as_der().ok()?.as_ref().to_vec();
        Some((Self::Rsa(OaepPrivateDecryptingKey::new(key).ok()?), spki))
    }
}
