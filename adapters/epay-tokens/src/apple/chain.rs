//! From the signer's certificate to a configured root: three certificates, Apple's marks, one moment.
//!
//! The path is not searched for, it is prescribed: the leaf, which carries Apple's mark for payment signing; the
//! intermediate that issued it, which carries Apple's mark for such intermediates; a configured root that issued that.
//! Nothing else may come along.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use der::Encode as _;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use super::cms::has_no_parameters;
use crate::{Refusal, SetupError};

/// Apple's mark on certificates that sign payment tokens.
const LEAF_MARK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.29");
/// Apple's mark on the intermediates that issue those.
const INTERMEDIATE_MARK: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.2.14");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");

const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

/// The roots that are believed: Apple Root CA - G3 in production.
#[derive(Debug, Clone)]
pub struct AppleRoots(Vec<Certificate>);

impl AppleRoots {
    /// Reads one or more certificates in PEM.
    ///
    /// # Errors
    /// [`SetupError`] for a text that holds none, or one that cannot be read.
    pub fn from_pem(pem: &str) -> Result<Self, SetupError> {
        const NONE: SetupError = SetupError::Missing("no Apple root certificate is configured");
        if pem.trim().is_empty() {
            return Err(NONE);
        }
        match Certificate::load_pem_chain(pem.trim().as_bytes()) {
            Ok(roots) if roots.is_empty() => Err(NONE),
            Ok(roots) => Ok(Self(roots)),
            Err(_fault) => Err(SetupError::BadCertificate("a root is not PEM")),
        }
    }

    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.0
    }
}

/// Whether the leaf may sign tokens, and did so under a configured root, at a moment when all three were valid.
///
/// # Errors
/// [`Refusal::BadChain`] with the first rule that is broken.
pub(super) fn judge(
    leaf: &Certificate,
    others: &[Certificate],
    roots: &AppleRoots,
    at: Timestamp,
) -> Result<(), Refusal> {
    let [intermediate] = others else {
        return Err(Refusal::BadChain(
            "one intermediate comes along with the leaf",
        ));
    };
    let root = roots
        .0
        .iter()
        .find(|root| is_issued_by(intermediate, root))
        .ok_or(Refusal::BadChain("no configured root issued it"))?;
    let rules = [
        (
            is_issued_by(leaf, intermediate),
            "the intermediate did not issue the leaf",
        ),
        (
            has_mark(leaf, LEAF_MARK),
            "the leaf may not sign payment tokens",
        ),
        (
            has_mark(intermediate, INTERMEDIATE_MARK),
            "the intermediate may not issue such leaves",
        ),
        (
            !may_issue(leaf) && may_sign(leaf),
            "the leaf is for another use",
        ),
        (
            may_issue(intermediate) && may_issue(root),
            "an issuer may not issue",
        ),
        (
            knows_all_that_is_critical(leaf) && knows_all_that_is_critical(intermediate),
            "a critical extension is not known",
        ),
        (
            [leaf, intermediate, root]
                .iter()
                .all(|certificate| is_valid_at(certificate, at)),
            "a certificate was not valid when the token was signed",
        ),
    ];
    match rules.into_iter().find(|(holds, _what)| !holds) {
        Some((_, what)) => Err(Refusal::BadChain(what)),
        None => Ok(()),
    }
}

fn is_issued_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let body = &certificate.tbs_certificate;
    let key = &issuer.tbs_certificate.subject_public_key_info;
    let algorithm = &certificate.signature_algorithm;
    // RFC 5280, 4.1.1.2: the algorithm outside the signature must be the one inside.
    body.issuer == issuer.tbs_certificate.subject
        && *algorithm == body.signature
        && body
            .to_der()
            .ok()
            .zip(certificate.signature.as_bytes())
            .is_some_and(|(body, signature)| signature_fits(key, algorithm, &body, signature))
}

fn is_valid_at(certificate: &Certificate, at: Timestamp) -> bool {
    let validity = &certificate.tbs_certificate.validity;
    let seconds = |time: &Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    let at = at.as_second();
    seconds(&validity.not_before).is_some_and(|from| from <= at)
        && seconds(&validity.not_after).is_some_and(|until| at <= until)
}

fn has_mark(certificate: &Certificate, mark: ObjectIdentifier) -> bool {
    let extensions = certificate.tbs_certificate.extensions.as_deref();
    extensions
        .unwrap_or_default()
        .iter()
        .any(|extension| extension.extn_id == mark)
}

fn knows_all_that_is_critical(certificate: &Certificate) -> bool {
    const KNOWN: [ObjectIdentifier; 5] = [
        BASIC_CONSTRAINTS,
        KEY_USAGE,
        CERTIFICATE_POLICIES,
        LEAF_MARK,
        INTERMEDIATE_MARK,
    ];
    let extensions = certificate.tbs_certificate.extensions.as_deref();
    extensions
        .unwrap_or_default()
        .iter()
        .all(|extension| !extension.critical || KNOWN.contains(&extension.extn_id))
}

fn may_issue(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate.get::<BasicConstraints>();
    let usage = certificate.tbs_certificate.get::<KeyUsage>();
    let is_authority = matches!(constraints, Ok(Some((_, constraints))) if constraints.ca);
    let signs_certificates = match usage {
        Ok(Some((_, usage))) => usage.key_cert_sign(),
        Ok(None) => true,
        Err(_) => false,
    };
    is_authority && signs_certificates
}

fn may_sign(certificate: &Certificate) -> bool {
    match certificate.tbs_certificate.get::<KeyUsage>() {
        Ok(Some((_, usage))) => usage.digital_signature(),
        Ok(None) => true,
        Err(_) => false,
    }
}

/// Whether the holder of a public key signed a message.
pub(super) fn signature_fits(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let point = key.subject_public_key.as_bytes();
    let (Some(verifier), Some(point)) = (verifier(key, algorithm), point) else {
        return false;
    };
    UnparsedPublicKey::new(verifier, point)
        .verify(message, signature)
        .is_ok()
}

/// The algorithm for a key and the signer's words for it; nothing for any pair that is not listed.
fn verifier(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
) -> Option<&'static dyn VerificationAlgorithm> {
    if !has_no_parameters(algorithm) {
        return None;
    }
    if key.algorithm.oid == EC_KEY {
        let curve = key.algorithm.parameters.as_ref()?;
        let curve = curve.decode_as::<ObjectIdentifier>().ok()?;
        return match (curve, algorithm.oid) {
            (P256, ECDSA_SHA256) => Some(&ECDSA_P256_SHA256_ASN1),
            (P256, ECDSA_SHA384) => Some(&ECDSA_P256_SHA384_ASN1),
            (P384, ECDSA_SHA256) => Some(&ECDSA_P384_SHA256_ASN1),
            (P384, ECDSA_SHA384) => Some(&ECDSA_P384_SHA384_ASN1),
            _ => None,
        };
    }
    if key.algorithm.oid != RSA_KEY || !has_no_parameters(&key.algorithm) {
        return None;
    }
    match algorithm.oid {
        // RFC 3370: a signer may name the key's kind alone; the digest is then that of the message, SHA-256 here.
        RSA_KEY | RSA_SHA256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        RSA_SHA384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        RSA_SHA512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}
