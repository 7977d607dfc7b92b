//! Algorithms: SHA-2, RSA of 2,048 bits and more (PKCS #1 v1.5, and PSS with one digest throughout), and ECDSA on P-256 and
//! P-384. Nothing else is taken.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use der::Sequence;
use der::asn1::ObjectIdentifier;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::fault::Fault;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");

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

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Pkcs1,
    Pss,
    Ecdsa,
}

/// `RSASSA-PSS-params` of RFC 4055. What is absent stands for SHA-1, which is not taken.
#[derive(Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", optional = "true")]
    salt_bytes: Option<u16>,
    #[asn1(context_specific = "3", optional = "true")]
    trailer: Option<u8>,
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
    let (scheme, named) = match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => (Scheme::Pkcs1, None),
        "1.2.840.113549.1.1.10" => (Scheme::Pss, Some(pss_hash(algorithm).ok_or(Fault::BadCms)?)),
        "1.2.840.113549.1.1.11" => (Scheme::Pkcs1, Some(Hash::Sha256)),
        "1.2.840.113549.1.1.12" => (Scheme::Pkcs1, Some(Hash::Sha384)),
        "1.2.840.113549.1.1.13" => (Scheme::Pkcs1, Some(Hash::Sha512)),
        "1.2.840.10045.4.3.2" => (Scheme::Ecdsa, Some(Hash::Sha256)),
        "1.2.840.10045.4.3.3" => (Scheme::Ecdsa, Some(Hash::Sha384)),
        "1.2.840.10045.4.3.4" => (Scheme::Ecdsa, Some(Hash::Sha512)),
        _ => return Err(Fault::BadCms),
    };
    let hash = match (named, digest) {
        (Some(named), Some(digest)) if named != digest => return Err(Fault::BadCms),
        (Some(hash), _) | (None, Some(hash)) => hash,
        (None, None) => return Err(Fault::BadCms),
    };
    let computation = computation(kind, scheme, hash).ok_or(Fault::BadCms)?;
    let bytes = key.subject_public_key.as_bytes().ok_or(Fault::BadCms)?;
    UnparsedPublicKey::new(computation, bytes)
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

/// The digest of a PSS signature: the same for message and mask, and as long as the salt.
fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    let parameters: PssParameters = algorithm.parameters.as_ref()?.decode_as().ok()?;
    let hash = Hash::of(&parameters.hash?.oid)?;
    let mask = parameters.mask.filter(|mask| mask.oid == MGF1)?;
    let of_mask: AlgorithmIdentifierOwned = mask.parameters?.decode_as().ok()?;
    let one_digest = Hash::of(&of_mask.oid) == Some(hash);
    let salt = parameters.salt_bytes.map(usize::from);
    let as_long = salt == Some(hash.algorithm().output_len());
    let plain = parameters.trailer.is_none_or(|trailer| trailer == 1);
    (one_digest && as_long && plain).then_some(hash)
}

/// How a key of a kind verifies; nothing where the two do not go together.
fn computation(
    kind: Kind,
    scheme: Scheme,
    hash: Hash,
) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (kind, scheme, hash) {
        (Kind::Rsa, Scheme::Pkcs1, Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
        (Kind::Rsa, Scheme::Pkcs1, Hash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
        (Kind::Rsa, Scheme::Pkcs1, Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
        (Kind::Rsa, Scheme::Pss, Hash::Sha256) => &RSA_PSS_2048_8192_SHA256,
        (Kind::Rsa, Scheme::Pss, Hash::Sha384) => &RSA_PSS_2048_8192_SHA384,
        (Kind::Rsa, Scheme::Pss, Hash::Sha512) => &RSA_PSS_2048_8192_SHA512,
        (Kind::P256, Scheme::Ecdsa, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (Kind::P256, Scheme::Ecdsa, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (Kind::P256, Scheme::Ecdsa, Hash::Sha512) => &ECDSA_P256_SHA512_ASN1,
        (Kind::P384, Scheme::Ecdsa, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (Kind::P384, Scheme::Ecdsa, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
        (Kind::P384, Scheme::Ecdsa, Hash::Sha512) => &ECDSA_P384_SHA512_ASN1,
        (Kind::Rsa, Scheme::Ecdsa, _)
        | (Kind::P256 | Kind::P384, Scheme::Pkcs1 | Scheme::Pss, _) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use der::asn1::Null;
    use der::{Any, Decode};

    use super::*;

    const SHA256: &str = "2.16.840.1.101.3.4.2.1";
    const SHA384: &str = "2.16.840.1.101.3.4.2.2";
    const PSS: &str = "1.2.840.113549.1.1.10";

    fn algorithm(oid: &str, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new(oid).unwrap(),
            parameters,
        }
    }

    fn hash(oid: &str) -> AlgorithmIdentifierOwned {
        algorithm(oid, Some(Any::encode_from(&Null).unwrap()))
    }

    fn pss(of: &str, of_mask: &str, salt_bytes: u16) -> AlgorithmIdentifierOwned {
        let mask = Any::encode_from(&hash(of_mask)).unwrap();
        let parameters = PssParameters {
            hash: Some(hash(of)),
            mask: Some(algorithm(&MGF1.to_string(), Some(mask))),
            salt_bytes: Some(salt_bytes),
            trailer: None,
        };
        algorithm(PSS, Some(Any::encode_from(&parameters).unwrap()))
    }

    #[test]
    fn a_pss_signature_of_another_library_verifies_under_its_own_parameters_only() {
        let vector = include_str!("../../tests/vectors/rsa-pss-sha256.txt");
        let mut lines = vector
            .lines()
            .skip(1)
            .map(|line| hex::decode(line).unwrap());
        let (key, signature) = (lines.next().unwrap(), lines.next().unwrap());
        let key = SubjectPublicKeyInfoOwned::from_der(&key).unwrap();
        let nothing = PssParameters {
            hash: None,
            mask: None,
            salt_bytes: None,
            trailer: None,
        };
        let sha1 = algorithm(PSS, Some(Any::encode_from(&nothing).unwrap()));
        let (bad, differs) = (Err(Fault::BadCms), Err(Fault::BadSignature));
        let rows = [
            (pss(SHA256, SHA256, 32), "a message", Ok(())),
            (pss(SHA256, SHA256, 32), "A message", differs),
            (pss(SHA384, SHA384, 48), "a message", differs),
            (
                algorithm("1.2.840.113549.1.1.11", None),
                "a message",
                differs,
            ),
            (pss(SHA256, SHA256, 20), "a message", bad),
            (pss(SHA256, SHA384, 32), "a message", bad),
            (sha1, "a message", bad),
            (algorithm(PSS, None), "a message", bad),
        ];
        for (number, (algorithm, message, expected)) in rows.into_iter().enumerate() {
            let answer = verify(&key, &algorithm, None, message.as_bytes(), &signature);
            assert_eq!(answer, expected, "row {number}");
        }
    }
}
