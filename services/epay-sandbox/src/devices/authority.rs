//! Those who vouch for a device: Apple's root, intermediate and leaf, Google's root key, and the acquirer who opens tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::der::{
    OCTETS, SET, bits, named_bits, oid, sequence, small, tagged, text, tlv, utc, yes,
};
use super::keys::{Key, sha256};

const ECDSA_SHA256: &str = "2a8648ce3d040302";
const COMMON_NAME: &str = "550403";
const BASIC_CONSTRAINTS: &str = "551d13";
const KEY_USAGE: &str = "551d0f";
/// Apple's marks: on leaves that sign tokens, on intermediates that issue those, and on merchants' certificates.
const LEAF_MARK: &str = "2a864886f76364061d";
const INTERMEDIATE_MARK: &str = "2a864886f7636406020e";
const MERCHANT_MARK: &str = "2a864886f763640620";
/// Sign certificates and lists of revoked ones; sign; agree on keys.
const SIGNS_CERTIFICATES: u8 = 0x06;
const SIGNS: u8 = 0x80;
const AGREES: u8 = 0x08;
const VALID_FROM: &str = "260101000000Z";
const VALID_UNTIL: &str = "460101000000Z";
/// The end of Google's root key: the year 2046, in milliseconds.
const ROOT_KEY_ENDS: &str = "2398377600000";
/// Before the point of a P-256 key in its usual shell.
const P256_SHELL: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
/// The acquirer's names with the two wallets.
const MERCHANT_ID: &str = "merchant.sandbox.acquirer";
/// For whom Google's tokens are made.
pub(super) const RECIPIENT: &str = "gateway:mpgs";

/// Somebody with a name and a key.
pub(super) struct Party {
    name: &'static str,
    serial: u8,
    pub(super) key: Key,
}

impl Party {
    fn new(name: &'static str, serial: u8) -> Self {
        let key = Key::of(name);
        Self { name, serial, key }
    }

    pub(super) fn root() -> Self {
        Self::new("Sandbox Device Root", 1)
    }

    pub(super) fn intermediate() -> Self {
        Self::new("Sandbox Device Intermediate", 2)
    }

    pub(super) fn leaf() -> Self {
        Self::new("Sandbox Device Leaf", 3)
    }

    pub(super) fn acquirer() -> Self {
        Self::new("Sandbox Acquirer", 4)
    }

    pub(super) fn google_root() -> Self {
        Self::new("Sandbox Google Root", 5)
    }

    pub(super) fn spki(&self) -> Vec<u8> {
        spki(&self.key)
    }

    fn distinguished_name(&self) -> Vec<u8> {
        let attribute = sequence(&[&oid(COMMON_NAME), &text(self.name)]);
        sequence(&[&tlv(SET, &[&attribute])])
    }

    /// How a signature names its signer: by issuer and serial number.
    pub(super) fn issuer_and_serial(&self, issuer: &Self) -> Vec<u8> {
        sequence(&[&issuer.distinguished_name(), &small(self.serial)])
    }

    /// A certificate by `issuer`: whether it may issue others, what its key is for, and a mark.
    fn certificate(&self, issuer: &Self, usage: u8, mark: Option<(&str, &[u8])>) -> Vec<u8> {
        let algorithm = algorithm();
        let authority = usage == SIGNS_CERTIFICATES;
        let is_authority = if authority { yes() } else { Vec::new() };
        let constraints = sequence(&[&is_authority]);
        let mut extensions = vec![
            critical(BASIC_CONSTRAINTS, &constraints),
            critical(KEY_USAGE, &named_bits(usage)),
        ];
        if let Some((name, value)) = mark {
            extensions.push(sequence(&[&oid(name), &tlv(OCTETS, &[value])]));
        }
        let body = sequence(&[
            &tagged(0, &[&small(2)]),
            &small(self.serial),
            &algorithm,
            &issuer.distinguished_name(),
            &sequence(&[&utc(VALID_FROM), &utc(VALID_UNTIL)]),
            &self.distinguished_name(),
            &self.spki(),
            &tagged(3, &[&sequence(&[&extensions.concat()])]),
        ]);
        let signature = issuer.key.sign(&body);
        sequence(&[&body, &algorithm, &bits(&signature)])
    }
}

pub(super) fn algorithm() -> Vec<u8> {
    sequence(&[&oid(ECDSA_SHA256)])
}

fn critical(name: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(name), &yes(), &tlv(OCTETS, &[value])])
}

/// A key in its usual shell.
pub(super) fn spki(key: &Key) -> Vec<u8> {
    let mut out = hex::decode(P256_SHELL).unwrap_or_default();
    out.extend(key.point());
    out
}

/// DER `NULL`, which is all that Apple's marks hold.
const NOTHING: [u8; 2] = [5, 0];

pub(super) fn leaf_certificate() -> Vec<u8> {
    Party::leaf().certificate(&Party::intermediate(), SIGNS, Some((LEAF_MARK, &NOTHING)))
}

pub(super) fn intermediate_certificate() -> Vec<u8> {
    let mark = Some((INTERMEDIATE_MARK, NOTHING.as_slice()));
    Party::intermediate().certificate(&Party::root(), SIGNS_CERTIFICATES, mark)
}

/// The hash of the acquirer's merchant id, which goes into every key that is agreed on.
pub(super) fn merchant_hash() -> [u8; 32] {
    sha256(MERCHANT_ID.as_bytes())
}

fn merchant_certificate() -> Vec<u8> {
    let hash = text(&hex::encode_upper(merchant_hash()));
    Party::acquirer().certificate(&Party::intermediate(), AGREES, Some((MERCHANT_MARK, &hash)))
}

fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<String> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// What a merchant puts into its configuration to take this device's tokens, as TOML: whom to believe, and whose tokens are
/// its own. Two tables, `apple_pay` and `google_pay`.
#[must_use]
pub fn merchant_settings() -> String {
    let root = Party::root().certificate(&Party::root(), SIGNS_CERTIFICATES, None);
    let key = STANDARD.encode(Party::google_root().spki());
    let keys: Vec<_> = ["ECv2", "ECv2SigningOnly"]
        .iter()
        .map(|version| {
            json!({"keyValue": key, "protocolVersion": version, "keyExpiration": ROOT_KEY_ENDS})
        })
        .collect();
    let (root, certificate) = (pem(&root), pem(&merchant_certificate()));
    let root_keys = json!({ "keys": keys });
    format!(
        "[apple_pay]\nroots = \"\"\"\n{root}\"\"\"\ncertificates = [\"\"\"\n{certificate}\"\"\"]\n\n\
         [google_pay]\nrecipient = \"{RECIPIENT}\"\nroot_keys = '{root_keys}'\n"
    )
}
