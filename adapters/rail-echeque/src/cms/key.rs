//! Algorithms: SHA-2, RSA (PKCS #1 v1.5) of 2,048 bits and more, and ECDSA on P-256 and P-384. Nothing else is taken.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use der::asn1::ObjectIdentifier;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::fault::Fault;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Kinds of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

impl Hash {
    /// The digest of an algorithm identifier.
    pub(super) fn of(oid: &ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "2.16.840.1.101.3.4.2.1" => Some(Self::Sha256),
            "2.16.840.1.101.3.4.2.2" => Some(Self::Sha384),
            "2.16.840.1.101.3.4.2.3" => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) const fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// The digest of parts, one behind the other.
    pub(super) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(self.algorithm());
        for part in parts {
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}

/// Verifies a signature. `digest` is what a CMS signer names beside it, for the identifier `rsaEncryption`, which
/// names none; with any other identifier the two must agree.
///
/// # Errors
/// [`Fault::BadCms`] for an algorithm that is not taken, [`Fault::BadSignature`] when it does not fit.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    digest: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Fault> {
    let kind = kind(&key.algorithm).ok_or(Fault::BadCms)?;
    let (is_rsa, named) = match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => (true, None),
        "1.2.840.113549.1.1.11" => (true, Some(Hash::Sha256)),
        "1.2.840.113549.1.1.12" => (true, Some(Hash::Sha384)),
        "1.2.840.113549.1.1.13" => (true, Some(Hash::Sha512)),
        "1.2.840.10045.4.3.2" => (false, Some(Hash::Sha256)),
        "1.2.840.10045.4.3.3" => (false, Some(Hash::Sha384)),
        "1.2.840.10045.4.3.4" => (false, Some(Hash::Sha512)),
        _ => return Err(Fault::BadCms),
    };
    let hash = match (named, digest) {
        (Some(named), Some(digest)) if named != digest => return Err(Fault::BadCms),
        (Some(hash), _) | (None, Some(hash)) => hash,
        (None, None) => return Err(Fault::BadCms),
    };
    if is_rsa != (kind == Kind::Rsa) {
        return Err(Fault::BadCms);
    }
    let bytes = key.subject_public_key.as_bytes().ok_or(Fault::BadCms)?;
    UnparsedPublicKey::new(computation(kind, hash), bytes)
        .verify(message, signature)
        .map_err(|_unspecified| Fault::BadSignature)
}

fn kind(algorithm: &AlgorithmIdentifierOwned) -> Option<Kind> {
    if algorithm.oid == RSA {
        return Some(Kind::Rsa);
    }
    let curve: ObjectIdentifier = algorithm.parameters.as_ref()?.decode_as().ok()?;
    match (algorithm.oid == EC, curve) {
        (true, P256) => Some(Kind::P256),
        (true, P384) => Some(Kind::P384),
        _ => None,
    }
}

fn computation(kind: Kind, hash: Hash) -> &'static dyn VerificationAlgorithm {
    match (kind, hash) {
        (Kind::Rsa, Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
        (Kind::Rsa, Hash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
        (Kind::Rsa, Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
        (Kind::P256, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (Kind::P256, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (Kind::P256, Hash::Sha512) => &ECDSA_P256_SHA512_ASN1,
        (Kind::P384, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (Kind::P384, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
        (Kind::P384, Hash::Sha512) => &ECDSA_P384_SHA512_ASN1,
    }
}
