//! A signature: CMS, its signed attributes, and the chain of certificates to a recognised authority.
//!
//! Parsed by `RustCrypto`'s `cms` and `x509-cert`, computed by `aws-lc-rs`; what is asked of them, in this order, is
//! here and in the modules below: one signer, detached, DER; the digest of the signed bytes; attributes once each
//! ([`attributes`]); the signature itself ([`key`]); the moment; the certificate's purpose and chain ([`chain`]); whether it was
//! revoked ([`revocation`]); and by which policy it was issued, which says whether a payer or a bank signed.

mod attributes;
mod chain;
mod key;
mod revocation;

pub(crate) use revocation::RevocationList;

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode, Reader, SliceReader};
use jiff::{SignedDuration, Timestamp};
use x509_cert::Certificate;

use self::attributes::Attributes;
use crate::config::Trust;
use crate::fault::Fault;
use crate::pdf::{Signature, SubFilter};

/// Certificates that one signature may bring along.
const CERTIFICATES_MAX: usize = 8;
/// How far a signer's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_secs(5 * 60);

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");

/// In which capacity somebody signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The drawer.
    Payer,
    /// The paying bank.
    Bank,
}

/// Who signed, and when.
#[derive(Debug)]
pub(crate) struct Signer {
    /// In which capacity, by the certificate's policy.
    pub(crate) role: Role,
    /// The organisation in the certificate.
    pub(crate) organization: Option<String>,
    /// When, as the signer says.
    pub(crate) signed_at: Timestamp,
}

/// Verifies a signature at a moment.
///
/// # Errors
/// The first rule that it breaks.
pub(crate) fn verify(
    signature: &Signature<'_>,
    trust: &Trust,
    at: Timestamp,
) -> Result<Signer, Fault> {
    let signed_data = parse(&signature.contents)?;
    let [info] = signed_data.signer_infos.0.as_slice() else {
        return Err(Fault::BadCms);
    };
    let pool = certificates(&signed_data)?;
    let leaf = signer_certificate(info, &pool)?;
    let attributes = Attributes::read(info)?;
    if attributes.content_type != DATA {
        return Err(Fault::BadCms);
    }
    let hash = key::Hash::of(&info.digest_alg.oid).ok_or(Fault::BadCms)?;
    if hash.digest(&signature.signed) != attributes.message_digest {
        return Err(Fault::BadSignature);
    }
    match (&attributes.certificate_hash, signature.sub_filter) {
        // PAdES binds the certificate into what is signed.
        (None, SubFilter::CAdES) => return Err(Fault::BadCms),
        (None, SubFilter::Pkcs7) => {}
        (Some(named), _) => {
            if !named.names(leaf)? {
                return Err(Fault::BadSignature);
            }
        }
    }
    key::verify(
        &leaf.tbs_certificate.subject_public_key_info,
        &info.signature_algorithm,
        Some(hash),
        &attributes.signed,
        info.signature.as_bytes(),
    )?;
    let signed_at = attributes
        .signing_time
        .or(signature.claimed_at)
        .ok_or(Fault::BadCms)?;
    if signed_at > at.saturating_add(SKEW).unwrap_or(at) {
        return Err(Fault::SignedLater);
    }
    chain::check_signer(leaf)?;
    chain::check(leaf, &pool, trust, (signed_at, at))?;
    Ok(Signer {
        role: role(leaf, trust)?,
        organization: chain::organization(leaf),
        signed_at,
    })
}

/// The signed data: detached, DER, and nothing but zeros behind it.
fn parse(contents: &[u8]) -> Result<SignedData, Fault> {
    let bad = |_quoting_the_file: der::Error| Fault::BadCms;
    let mut reader = SliceReader::new(contents).map_err(bad)?;
    let info = ContentInfo::decode(&mut reader).map_err(bad)?;
    let used = usize::try_from(reader.position()).map_err(|_large| Fault::BadCms)?;
    let padding = contents.get(used..).unwrap_or_default();
    if info.content_type != SIGNED_DATA || padding.iter().any(|byte| *byte != 0) {
        return Err(Fault::BadCms);
    }
    let signed: SignedData = info.content.decode_as().map_err(bad)?;
    let content = &signed.encap_content_info;
    if content.econtent_type != DATA || content.econtent.is_some() {
        return Err(Fault::BadCms);
    }
    Ok(signed)
}

fn certificates(signed: &SignedData) -> Result<Vec<Certificate>, Fault> {
    let set = signed.certificates.as_ref().ok_or(Fault::BadCms)?;
    if set.0.len() > CERTIFICATES_MAX {
        return Err(Fault::BadCms);
    }
    Ok(set
        .0
        .iter()
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
            CertificateChoices::Other(_) => None,
        })
        .collect())
}

fn signer_certificate<'c>(
    info: &SignerInfo,
    pool: &'c [Certificate],
) -> Result<&'c Certificate, Fault> {
    let SignerIdentifier::IssuerAndSerialNumber(sid) = &info.sid else {
        return Err(Fault::BadCms);
    };
    let mut named = pool.iter().filter(|certificate| {
        let own = &certificate.tbs_certificate;
        own.issuer == sid.issuer && own.serial_number == sid.serial_number
    });
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Fault::BadCms),
    }
}

/// By exactly one of the two configured policies.
fn role(leaf: &Certificate, trust: &Trust) -> Result<Role, Fault> {
    let policies = trust.policies.ok_or(Fault::UnknownAuthority)?;
    let under = |policy| chain::has_policy(leaf, policy);
    match (under(policies.payer)?, under(policies.bank)?) {
        (true, false) => Ok(Role::Payer),
        (false, true) => Ok(Role::Bank),
        (true, true) | (false, false) => Err(Fault::Roles),
    }
}

/// A value as DER.
fn der(value: &impl Encode) -> Result<Vec<u8>, Fault> {
    value.to_der().map_err(|_too_long| Fault::BadCms)
}
