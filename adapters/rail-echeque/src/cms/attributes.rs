//! The signed attributes: what is signed besides the digest, each read once.

use aws_lc_rs::digest;
use cms::signed_data::SignerInfo;
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Decode, Sequence, Tagged};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::{der, key};
use crate::fault::Fault;

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// The attributes that count.
pub(super) struct Attributes {
    /// What the signature is computed over: all of them as a DER set.
    pub(super) signed: Vec<u8>,
    pub(super) content_type: ObjectIdentifier,
    pub(super) message_digest: Vec<u8>,
    pub(super) signing_time: Option<Timestamp>,
    pub(super) certificate_hash: Option<CertificateHash>,
}

/// Which certificate signed, bound by its digest (ESS signing-certificate-v2).
pub(super) struct CertificateHash {
    hash: key::Hash,
    digest: Vec<u8>,
}

impl Attributes {
    /// Reads the attributes of a signer; there must be some.
    pub(super) fn read(info: &SignerInfo) -> Result<Self, Fault> {
        let attributes = info.signed_attrs.as_ref().ok_or(Fault::BadCms)?;
        let one = |wanted: ObjectIdentifier| -> Result<Option<&Any>, Fault> {
            let mut all = attributes
                .iter()
                .filter(|attribute| attribute.oid == wanted);
            let Some(attribute) = all.next() else {
                return Ok(None);
            };
            match (attribute.values.as_slice(), all.next()) {
                ([value], None) => Ok(Some(value)),
                _ => Err(Fault::BadCms),
            }
        };
        let bad = |_quoting_the_file: der::Error| Fault::BadCms;
        let content_type = one(CONTENT_TYPE)?.ok_or(Fault::BadCms)?;
        let message_digest = one(MESSAGE_DIGEST)?.ok_or(Fault::BadCms)?;
        let message_digest: OctetString = message_digest.decode_as().map_err(bad)?;
        Ok(Self {
            signed: der(attributes)?,
            content_type: content_type.decode_as().map_err(bad)?,
            message_digest: message_digest.into_bytes(),
            signing_time: one(SIGNING_TIME)?
                .map(|value| Time::from_der(&der(value)?).map_err(bad))
                .transpose()?
                .map(moment)
                .transpose()?,
            certificate_hash: one(SIGNING_CERTIFICATE_V2)?
                .map(certificate_hash)
                .transpose()?,
        })
    }
}

/// `SigningCertificateV2` of RFC 5035: a list of certificate identifiers, of which the first is the signer's.
#[derive(Sequence)]
struct SigningCertificate {
    certs: Vec<Any>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

fn certificate_hash(value: &Any) -> Result<CertificateHash, Fault> {
    let bad = |_quoting_the_file: der::Error| Fault::BadCms;
    let list: SigningCertificate = value.decode_as().map_err(bad)?;
    // An identifier is [algorithm], digest, [issuer and serial]; without an algorithm it is SHA-256.
    let parts: Vec<Any> = list
        .certs
        .first()
        .ok_or(Fault::BadCms)?
        .decode_as()
        .map_err(bad)?;
    let (hash, digest) = match parts.as_slice() {
        [first, ..] if first.tag() == der::Tag::OctetString => (key::Hash::Sha256, first),
        [algorithm, digest, ..] => {
            let algorithm: AlgorithmIdentifierOwned = algorithm.decode_as().map_err(bad)?;
            let hash = key::Hash::of(&algorithm.oid).ok_or(Fault::BadCms)?;
            (hash, digest)
        }
        _ => return Err(Fault::BadCms),
    };
    let digest: OctetString = digest.decode_as().map_err(bad)?;
    Ok(CertificateHash {
        hash,
        digest: digest.into_bytes(),
    })
}

impl CertificateHash {
    /// Whether it is this certificate's.
    pub(super) fn names(&self, certificate: &Certificate) -> Result<bool, Fault> {
        let bytes = der(certificate)?;
        let own = digest::digest(self.hash.algorithm(), &bytes);
        Ok(own.as_ref() == self.digest)
    }
}

fn moment(time: Time) -> Result<Timestamp, Fault> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(Fault::BadCms)
}
