//! From a signer's certificate to a recognised authority, at the moment of signing.
//!
//! Each certificate up to and including the root must have been valid then; each above the signer's must be an authority
//! that may sign certificates, with no more below it than it allows; no certificate may have a critical extension that is not
//! judged here. The roots come from configuration and from nowhere else.

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, CertificatePolicies, KeyUsage};

use super::{der, key, revocation};
use crate::config::Trust;
use crate::fault::Fault;

/// Authorities between a signer and its root, the root included.
const DEPTH_MAX: u8 = 4;

/// `organizationName`.
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// Extensions that may be critical: basic constraints, key usage, policies, and the purpose.
const JUDGED: [&str; 4] = ["2.5.29.19", "2.5.29.15", "2.5.29.32", "2.5.29.37"];

/// The signer's own certificate: no authority, and for signing.
pub(super) fn check_signer(leaf: &Certificate) -> Result<(), Fault> {
    let constraints = extension::<BasicConstraints>(leaf)?;
    let is_authority = constraints.is_some_and(|constraints| constraints.ca);
    let signs = extension::<KeyUsage>(leaf)?
        .is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
    if is_authority || !signs {
        return Err(Fault::NotForSigning);
    }
    Ok(())
}

/// Climbs from a certificate to a root: `at` is the moment of signing, `now` that of judging.
///
/// # Errors
/// [`Fault::UnknownAuthority`], [`Fault::NotValidThen`] where only the moment is wrong, and those of revocation.
pub(super) fn check(
    leaf: &Certificate,
    pool: &[Certificate],
    trust: &Trust,
    (at, now): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    let mut current = leaf;
    for below in 0..DEPTH_MAX {
        check_extensions(current)?;
        check_validity(current, at)?;
        if let Some(root) = issuer_among(current, &trust.roots, below)? {
            revocation::check(current, root, &trust.revocations, now)?;
            return check_validity(root, at);
        }
        let issuer = issuer_among(current, pool, below)?.ok_or(Fault::UnknownAuthority)?;
        revocation::check(current, issuer, &trust.revocations, now)?;
        current = issuer;
    }
    Err(Fault::UnknownAuthority)
}

/// The authority that signed a certificate with `below` authorities under it, among some.
fn issuer_among<'c>(
    certificate: &Certificate,
    among: &'c [Certificate],
    below: u8,
) -> Result<Option<&'c Certificate>, Fault> {
    for candidate in among {
        let named = candidate.tbs_certificate.subject == certificate.tbs_certificate.issuer;
        if named && is_authority(candidate, below)? && has_signed(candidate, certificate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn is_authority(certificate: &Certificate, below: u8) -> Result<bool, Fault> {
    let allowed = extension::<BasicConstraints>(certificate)?.is_some_and(|constraints| {
        let room = constraints.path_len_constraint;
        constraints.ca && room.is_none_or(|room| below <= room)
    });
    let signs = extension::<KeyUsage>(certificate)?.is_none_or(|usage| usage.key_cert_sign());
    Ok(allowed && signs)
}

fn has_signed(issuer: &Certificate, certificate: &Certificate) -> Result<bool, Fault> {
    let own = &certificate.tbs_certificate;
    if own.signature != certificate.signature_algorithm {
        return Ok(false);
    }
    let signature = certificate.signature.as_bytes().ok_or(Fault::BadCms)?;
    let key = &issuer.tbs_certificate.subject_public_key_info;
    let verified = key::verify(
        key,
        &certificate.signature_algorithm,
        None,
        &der(own)?,
        signature,
    );
    Ok(verified.is_ok())
}

fn check_validity(certificate: &Certificate, at: Timestamp) -> Result<(), Fault> {
    let validity = &certificate.tbs_certificate.validity;
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    let valid =
        (seconds(validity.not_before)..=seconds(validity.not_after)).contains(&at.as_second());
    if valid {
        Ok(())
    } else {
        Err(Fault::NotValidThen)
    }
}

fn check_extensions(certificate: &Certificate) -> Result<(), Fault> {
    let extensions = certificate.tbs_certificate.extensions.as_deref();
    let unknown = extensions.unwrap_or_default().iter().any(|extension| {
        extension.critical && !JUDGED.contains(&extension.extn_id.to_string().as_str())
    });
    if unknown {
        Err(Fault::UnknownAuthority)
    } else {
        Ok(())
    }
}

/// Whether a certificate was issued under a policy.
pub(super) fn has_policy(
    certificate: &Certificate,
    policy: ObjectIdentifier,
) -> Result<bool, Fault> {
    let policies = extension::<CertificatePolicies>(certificate)?;
    Ok(policies.is_some_and(|policies| {
        policies
            .0
            .iter()
            .any(|information| information.policy_identifier == policy)
    }))
}

/// The organisation of a certificate's subject; nothing when there is none, or several.
pub(super) fn organization(certificate: &Certificate) -> Option<String> {
    let subject = &certificate.tbs_certificate.subject;
    let mut names = subject
        .0
        .iter()
        .flat_map(|part| part.0.iter())
        .filter(|attribute| attribute.oid == ORGANIZATION);
    match (names.next(), names.next()) {
        (Some(one), None) => core::str::from_utf8(one.value.value())
            .ok()
            .map(str::to_owned),
        _ => None,
    }
}

/// An extension, once.
pub(super) fn extension<'c, T>(certificate: &'c Certificate) -> Result<Option<T>, Fault>
where
    T: der::Decode<'c> + AssociatedOid,
{
    let found = certificate.tbs_certificate.get::<T>();
    let found = found.map_err(|_repeated_or_broken| Fault::BadCms)?;
    Ok(found.map(|(_critical, value)| value))
}
