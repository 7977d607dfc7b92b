//! Certificates that their authorities took back, by configured lists (RFC 5280), each of one authority.
//!
//! A list is read when the rail opens. It is believed when the authority that issued the certificate has signed it, and it
//! speaks for the time between its two dates. A revoked certificate is refused whenever it signed, because the time of a
//! signature is the signer's own word. For an authority with a list that is out of date nothing can be told, so nothing is
//! taken; for one without any, the drop box looks.

use std::collections::BTreeSet;

use der::{Decode, Document, Encode};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::name::Name;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::{chain, key};
use crate::fault::Fault;

/// Most bytes of one list as text: tens of thousands of certificates.
const LIST_BYTES_MAX: usize = 2 * 1024 * 1024;
const LABEL: &str = "X509 CRL";

/// One authority's list.
#[derive(Debug)]
pub(crate) struct RevocationList {
    issuer: Name,
    /// What the authority signed, with which algorithm, and its signature.
    signed: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
    /// From and until when it speaks, in Unix seconds.
    from: i64,
    until: i64,
    serials: BTreeSet<Vec<u8>>,
}

impl RevocationList {
    /// Reads a list as PEM text; what is wrong with it as words for whoever configures it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > LIST_BYTES_MAX {
            return Err(format!("a list has at most {LIST_BYTES_MAX} bytes"));
        }
        let words = |fault: der::Error| fault.to_string();
        let (label, document) = Document::from_pem(text.trim()).map_err(words)?;
        if label != LABEL {
            return Err(format!("it is {label} and not {LABEL}"));
        }
        let list = CertificateList::from_der(document.as_bytes()).map_err(words)?;
        let told = &list.tbs_cert_list;
        let until = told.next_update.ok_or("it does not say until when")?;
        let revoked = told.revoked_certificates.as_deref().unwrap_or_default();
        let extensions = revoked.iter().map(|one| &one.crl_entry_extensions);
        let mut extensions = extensions.chain([&told.crl_extensions]).flatten().flatten();
        // One that must be understood makes it another thing: a part of a list, or one for several authorities.
        if extensions.any(|extension: &Extension| extension.critical) {
            return Err(
                "it has a critical extension, so it is no whole list of one authority".to_owned(),
            );
        }
        Ok(Self {
            issuer: told.issuer.clone(),
            signed: told.to_der().map_err(words)?,
            algorithm: list.signature_algorithm.clone(),
            signature: list.signature.as_bytes().unwrap_or_default().to_vec(),
            from: seconds(told.this_update),
            until: seconds(until),
            serials: revoked
                .iter()
                .map(|one| one.serial_number.as_bytes().to_vec())
                .collect(),
        })
    }

    /// Whether an authority signed it, and may sign lists.
    fn is_of(&self, authority: &Certificate) -> Result<bool, Fault> {
        let usage = chain::extension::<KeyUsage>(authority)?;
        if !usage.is_none_or(|usage| usage.crl_sign()) {
            return Ok(false);
        }
        let key = &authority.tbs_certificate.subject_public_key_info;
        let verified = key::verify(key, &self.algorithm, None, &self.signed, &self.signature);
        Ok(verified.is_ok())
    }
}

fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

/// Judges one certificate by the lists of the authority that issued it.
///
/// # Errors
/// [`Fault::Revoked`], and [`Fault::RevocationUnknown`] where lists are configured and none of them speaks for `at`.
pub(super) fn check(
    certificate: &Certificate,
    authority: &Certificate,
    lists: &[RevocationList],
    at: Timestamp,
) -> Result<(), Fault> {
    let own = &certificate.tbs_certificate;
    let (mut asked, mut current) = (false, false);
    for list in lists.iter().filter(|list| list.issuer == own.issuer) {
        asked = true;
        if !list.is_of(authority)? {
            continue;
        }
        if list.serials.contains(own.serial_number.as_bytes()) {
            return Err(Fault::Revoked);
        }
        current |= (list.from..=list.until).contains(&at.as_second());
    }
    if asked && !current {
        return Err(Fault::RevocationUnknown);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
        DnType, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
        date_time_ymd,
    };

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn signer(authority: &CertifiedIssuer<'_, KeyPair>, serial: u64) -> Certificate {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, authority).unwrap();
        Certificate::from_der(signed.der()).unwrap()
    }

    /// A list that speaks for the year 2026.
    fn list(authority: &CertifiedIssuer<'_, KeyPair>, revoked: &[u64]) -> RevocationList {
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(2026, 12, 31),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let text = params.signed_by(authority).unwrap().pem().unwrap();
        RevocationList::read(&text).unwrap()
    }

    #[test]
    fn a_certificate_is_judged_by_the_lists_of_its_own_authority_that_speak_for_the_moment() {
        let (one, other) = (authority("TEST one"), authority("TEST other"));
        let same_name = authority("TEST one");
        let issuer = Certificate::from_der(one.der()).unwrap();
        let certificate = signer(&one, 7);
        let (then, late) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
        let rows = [
            (vec![], then, Ok(())),
            (vec![list(&one, &[])], then, Ok(())),
            (vec![list(&one, &[6, 8])], then, Ok(())),
            (vec![list(&one, &[6, 7])], then, Err(Fault::Revoked)),
            (vec![list(&one, &[7])], late, Err(Fault::Revoked)),
            (vec![list(&one, &[])], late, Err(Fault::RevocationUnknown)),
            (vec![list(&other, &[7])], then, Ok(())),
            (
                vec![list(&same_name, &[7])],
                then,
                Err(Fault::RevocationUnknown),
            ),
            (vec![list(&same_name, &[7]), list(&one, &[])], then, Ok(())),
        ];
        for (number, (lists, at, expected)) in rows.into_iter().enumerate() {
            let at = at.parse().unwrap();
            let answer = check(&certificate, &issuer, &lists, at);
            assert_eq!(answer, expected, "row {number}");
        }
    }

    #[test]
    fn what_is_no_whole_list_is_refused_when_the_rail_opens() {
        let certificate = authority("TEST one").pem();
        let texts = [
            "",
            "no PEM",
            certificate.as_str(),
            "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----",
        ];
        for text in texts {
            assert!(RevocationList::read(text).is_err(), "{text}");
        }
    }
}
