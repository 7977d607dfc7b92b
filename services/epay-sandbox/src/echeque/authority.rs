//! Certificates: a root from outside, and under it one for the bank and one for each payer.
//!
//! The root comes as two secrets, `echeque-root` (certificate, PEM) and `echeque-root-key` (key, PEM), because whoever is
//! paid must know it beforehand. Without both the sandbox makes one that nobody recognises. Everything under it is made
//! here, anew at every start.

use der::Encode;
use der::asn1::ObjectIdentifier;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use secrecy::ExposeSecret;

use super::{MakeError, Settings};
use crate::frame::{OpenError, Secrets};

const ROOT: &str = "echeque-root";
const ROOT_KEY: &str = "echeque-root-key";

/// `certificatePolicies`.
const POLICIES: [u64; 4] = [2, 5, 29, 32];

/// The years in which certificates are valid: a sandbox's clock may run far ahead.
const YEARS: (i32, i32) = (2025, 2045);

/// Who can sign.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    payer_policy: Vec<u8>,
    /// The paying bank.
    pub(super) bank: Identity,
}

/// A certificate with its key.
pub(super) struct Identity {
    /// DER.
    pub(super) certificate: Vec<u8>,
    pub(super) key: KeyPair,
}

impl Authority {
    /// Reads the root and makes the bank's certificate.
    pub(super) fn open(secrets: &Secrets, settings: &Settings) -> Result<Self, OpenError> {
        let issuer = match (secrets.read(ROOT), secrets.read(ROOT_KEY)) {
            (Some(root), Some(key)) => given(root.expose_secret(), key.expose_secret())?,
            (None, None) => made()?,
            (Some(_), None) => return Err(missing(ROOT_KEY)),
            (None, Some(_)) => return Err(missing(ROOT)),
        };
        let payer_policy = policies(&settings.payer_policy)?;
        let bank_policy = policies(&settings.bank_policy)?;
        let name = format!("{} e-Cheque", settings.bank_name);
        let bank = identity(&issuer, &name, &settings.bank_name, bank_policy)?;
        Ok(Self {
            issuer,
            payer_policy,
            bank,
        })
    }

    /// A certificate for a payer.
    pub(super) fn payer(&self, name: &str) -> Result<Identity, MakeError> {
        identity(&self.issuer, name, "TEST Payers", self.payer_policy.clone())
    }
}

fn missing(name: &str) -> OpenError {
    OpenError::Secret {
        name: name.to_owned(),
        problem: "is not there, and the other half is",
    }
}

fn given(root: &str, key: &str) -> Result<Issuer<'static, KeyPair>, OpenError> {
    let bad = |name: &str| OpenError::Secret {
        name: name.to_owned(),
        problem: "is no PEM of a certificate or key",
    };
    let key = KeyPair::from_pem(key).map_err(|_secret| bad(ROOT_KEY))?;
    Issuer::from_ca_cert_pem(root, key).map_err(|_unreadable| bad(ROOT))
}

/// A root that nobody knows.
fn made() -> Result<Issuer<'static, KeyPair>, MakeError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(Issuer::new(params, key))
}

fn identity(
    issuer: &Issuer<'static, KeyPair>,
    common: &str,
    organization: &str,
    policies: Vec<u8>,
) -> Result<Identity, MakeError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "HK");
    name.push(DnType::OrganizationName, organization);
    name.push(DnType::CommonName, common);
    params.distinguished_name = name;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::ContentCommitment,
    ];
    params.not_before = date_time_ymd(YEARS.0, 1, 1);
    params.not_after = date_time_ymd(YEARS.1, 12, 31);
    params.custom_extensions = vec![CustomExtension::from_oid_content(&POLICIES, policies)];
    let certificate = params.signed_by(&key, issuer)?;
    Ok(Identity {
        certificate: certificate.der().to_vec(),
        key,
    })
}

/// `CertificatePolicies` with one policy: a sequence of sequences of an object identifier.
fn policies(policy: &str) -> Result<Vec<u8>, OpenError> {
    let wrong = |_not_one: der::Error| {
        OpenError::Other(format!("{policy} is no object identifier of a policy"))
    };
    let policy = ObjectIdentifier::new(policy)
        .map_err(|_not_one| OpenError::Other(format!("{policy} is no object identifier")))?;
    vec![vec![policy]].to_der().map_err(wrong)
}
