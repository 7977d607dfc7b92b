//! The detached CMS signature of a token (RFC 5652), in the one shape that Apple writes.
//!
//! CMS leaves much open; here nothing is. One signer, named by issuer and serial number; SHA-256; signed attributes with
//! content type, message digest and signing time, each once; no content, no revocation lists, no unsigned attributes; and
//! every certificate in it must be of use. What no signature covers may then have one value only, so that no byte of
//! the whole can be changed unnoticed.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{Any, Decode as _, Encode as _, Tag, Tagged as _};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::{ber, chain};
use crate::Refusal;
use crate::encoding::sha256;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// Certificates in a token. Apple sends two.
const CERTIFICATES_MAX: usize = 4;

/// A signature of the right shape. Nothing of it is believed yet.
pub(super) struct Signed {
    /// The signer's certificate.
    pub(super) leaf: Certificate,
    /// Every other certificate that came along, except configured roots.
    pub(super) others: Vec<Certificate>,
    signer: SignerInfo,
}

impl Signed {
    /// Reads a signature. `roots` may come along in it, word for word.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] for anything of another shape; [`Refusal::BadChain`] for certificates too many.
    pub(super) fn parse(bytes: &[u8], roots: &[Certificate]) -> Result<Self, Refusal> {
        let data = signed_data(bytes).ok_or(Refusal::BadSignature)?;
        let signer = only(&data.signer_infos.0).ok_or(Refusal::BadSignature)?;
        if !is_strict(&data, signer) {
            return Err(Refusal::BadSignature);
        }
        let set = data.certificates.as_ref().map(|set| set.0.as_slice());
        let mut leaf = None;
        let mut others = Vec::new();
        for choice in set.unwrap_or_default() {
            let CertificateChoices::Certificate(certificate) = choice else {
                return Err(Refusal::BadSignature);
            };
            if roots.contains(certificate) {
                continue;
            }
            if leaf.is_none() && is_signer(certificate, &signer.sid) {
                leaf = Some(certificate.clone());
            } else {
                others.push(certificate.clone());
            }
            if others.len() > CERTIFICATES_MAX {
                return Err(Refusal::BadChain("too many certificates came along"));
            }
        }
        Ok(Self {
            leaf: leaf.ok_or(Refusal::BadSignature)?,
            others,
            signer: signer.clone(),
        })
    }

    /// The signing time that the signer states.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] if it is missing, there twice, or no time.
    pub(super) fn signed_at(&self) -> Result<Timestamp, Refusal> {
        let seconds = self
            .attribute(SIGNING_TIME)
            .and_then(|value| Time::from_der(&value.to_der().ok()?).ok())
            .and_then(|time| i64::try_from(time.to_unix_duration().as_secs()).ok());
        seconds
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or(Refusal::BadSignature)
    }

    /// Whether the leaf signed these bytes.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] if it did not.
    pub(super) fn verify(&self, message: &[u8]) -> Result<(), Refusal> {
        let stated = self
            .attribute(MESSAGE_DIGEST)
            .and_then(|value| value.decode_as::<OctetStringRef<'_>>().ok());
        let fits = stated.is_some_and(|digest| digest.as_bytes() == sha256(message));
        let content_type = self
            .attribute(CONTENT_TYPE)
            .and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
        if !fits || content_type != Some(DATA) {
            return Err(Refusal::BadSignature);
        }
        // RFC 5652, 5.4: what is signed is the attributes as a SET OF in DER, not with the tag that they travel with.
        let attributes = (self.signer.signed_attrs.as_ref())
            .and_then(|attributes| attributes.to_der().ok())
            .ok_or(Refusal::BadSignature)?;
        let spki = &self.leaf.tbs_certificate.subject_public_key_info;
        let algorithm = &self.signer.signature_algorithm;
        let signature = self.signer.signature.as_bytes();
        if !chain::signature_fits(spki, algorithm, &attributes, signature) {
            return Err(Refusal::BadSignature);
        }
        Ok(())
    }

    /// The one value of a signed attribute that is there once.
    fn attribute(&self, oid: ObjectIdentifier) -> Option<&Any> {
        let attributes = self.signer.signed_attrs.as_ref()?;
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (Some(attribute), None) => only(&attribute.values),
            _ => None,
        }
    }
}

fn signed_data(bytes: &[u8]) -> Option<SignedData> {
    let definite = ber::definite(bytes)?;
    let info = ContentInfo::from_der(&definite).ok()?;
    (info.content_type == SIGNED_DATA)
        .then(|| info.content.decode_as::<SignedData>().ok())
        .flatten()
}

/// Whether everything that no signature covers has the one value that it may have.
fn is_strict(data: &SignedData, signer: &SignerInfo) -> bool {
    let digest = only(&data.digest_algorithms);
    data.version == CmsVersion::V1
        && digest.is_some_and(is_sha256)
        && data.encap_content_info.econtent_type == DATA
        && data.encap_content_info.econtent.is_none()
        && data.crls.is_none()
        && signer.version == CmsVersion::V1
        && is_sha256(&signer.digest_alg)
        && signer.unsigned_attrs.is_none()
}

fn is_sha256(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.oid == SHA_256 && has_no_parameters(algorithm)
}

/// RFC 5754: the parameters are absent or NULL.
pub(super) fn has_no_parameters(algorithm: &AlgorithmIdentifierOwned) -> bool {
    (algorithm.parameters.as_ref())
        .is_none_or(|any| any.tag() == Tag::Null && any.value().is_empty())
}

fn is_signer(certificate: &Certificate, sid: &SignerIdentifier) -> bool {
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(name) => {
            let own = &certificate.tbs_certificate;
            own.issuer == name.issuer && own.serial_number == name.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    }
}

fn only<T: der::DerOrd>(set: &SetOfVec<T>) -> Option<&T> {
    match set.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}
