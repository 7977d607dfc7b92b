//! The demo's rails, each against its counterparty in the sandbox: one function a rail.
//!
//! What both sides must know is a file of its own in the folder that the sandbox is given; the configuration names the file.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};
use toml::{Table, Value};

use crate::token::write_secret;

/// What rails share with the sandbox, each a file of random text of this name.
pub(super) const SHARED_SECRETS: [&str; 6] = [
    "card-password",
    "card-notification",
    "card-notification-next",
    "pps-checkout",
    "pps-checkout-password",
    "sms-gateway",
];
/// The accounts of `deploy/demo` at the checkout, one for each kind of bill.
const CHECKOUTS: [&str; 5] = ["99010101", "99010201", "99020101", "99030101", "99040101"];
/// The merchants of `deploy/demo`, one for each kind of bill.
const MERCHANTS: [&str; 5] = ["TESTIRDSAL", "TESTIRDPRO", "TESTRVD", "TESTWSD", "TESTTD"];

/// Whom the demo believes for Apple Pay and Google Pay: the sandbox's device.
const WALLETS: &str = include_str!("../../../../deploy/demo/device-wallets.toml");

/// Where the two sides are.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The gateway's address, without a slash at its end.
    pub(super) gateway: String,
    /// The sandbox's.
    pub(super) sandbox: String,
    /// The folder with the shared secrets.
    pub(super) shared: &'a Path,
    /// The folder with what is ours alone.
    pub(super) keys: &'a Path,
}

/// Every rail of the demo with its table.
pub(super) fn tables(places: &Places<'_>) -> Vec<(&'static str, Table)> {
    let mut all = vec![
        ("fps", bank(places)),
        ("card", card(places)),
        ("echeque", echeque(places)),
        ("pps", Table::new()),
        ("pps-checkout", checkout(places)),
    ];
    all.extend(super::wallets::tables(places));
    all
}

/// The bank of the sandbox, which pays refunds out and takes what is said of recalls.
fn bank(places: &Places<'_>) -> Table {
    let door = format!("{}/payouts", places.sandbox);
    table([
        ("payout_url", format!("{door}/orders").into()),
        ("recall_url", format!("{door}/investigations").into()),
        ("payout_initiator", "TEST Government e-Payment".into()),
    ])
}

/// The acquirer of the sandbox.
fn card(places: &Places<'_>) -> Table {
    let secret = |name: &str| file(&places.shared.join(name));
    let merchants: Table = MERCHANTS
        .iter()
        .map(|id| ((*id).to_owned(), secret("card-password")))
        .collect();
    let (gateway, sandbox) = (&places.gateway, &places.sandbox);
    let mut card = table([
        ("base_url", format!("{sandbox}/acquirer").into()),
        ("merchant_name", "TEST Government e-Payment".into()),
        (
            "notification_url",
            format!("{gateway}/rails/card/notices").into(),
        ),
        (
            "notification_secrets",
            vec![secret("card-notification")].into(),
        ),
        ("merchants", merchants.into()),
    ]);
    card.extend(wallets());
    card
}

/// The tables of the wallets. The file is part of the program, and a test reads it.
fn wallets() -> Table {
    WALLETS.parse().unwrap_or_default()
}

/// The checkout page of the sandbox; bills that a payer registered at PPS come by file and need no table.
fn checkout(places: &Places<'_>) -> Table {
    let secret = |name: &str| file(&places.shared.join(name));
    let merchant = || {
        table([
            ("secrets", vec![secret("pps-checkout")].into()),
            ("login", "epay-demo".into()),
            ("password", secret("pps-checkout-password")),
        ])
    };
    let merchants: Table = CHECKOUTS
        .iter()
        .map(|id| ((*id).to_owned(), merchant().into()))
        .collect();
    let base = format!("{}/pps/b2c", places.sandbox);
    table([
        ("page_url", format!("{base}/payForm.jsp").into()),
        ("api_url", format!("{base}/orderApi.jsp").into()),
        ("merchants", merchants.into()),
    ])
}

/// The issuer, the drop box and the clearing of the sandbox; its bank is the one of `deploy/demo/sandbox.toml`.
fn echeque(places: &Places<'_>) -> Table {
    let banks = table([("998", "TEST Harbour Bank".into())]);
    table([
        (
            "dropbox_url",
            format!("{}/echeque/drop-box", places.sandbox).into(),
        ),
        (
            "roots",
            vec![file(&places.shared.join(ECHEQUE_ROOT))].into(),
        ),
        ("payer_policy", "1.3.6.1.4.1.99999.1.1".into()),
        ("bank_policy", "1.3.6.1.4.1.99999.1.2".into()),
        ("banks", banks.into()),
    ])
}

/// The certificate under which the sandbox signs e-Cheques, and its key.
const ECHEQUE_ROOT: &str = "echeque-root";
const ECHEQUE_ROOT_KEY: &str = "echeque-root-key";

/// Makes the root of e-Cheques that both sides know, unless it is there.
pub(super) fn make_root(shared: &Path) -> anyhow::Result<()> {
    let (root, key_file) = (shared.join(ECHEQUE_ROOT), shared.join(ECHEQUE_ROOT_KEY));
    if root.is_file() && key_file.is_file() {
        return Ok(());
    }
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(Vec::new())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "TEST e-Cheque root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let certificate = params.self_signed(&key)?;
    write_secret(&key_file, key.serialize_pem().as_bytes())?;
    write_secret(&root, certificate.pem().as_bytes())
}

pub(super) fn table<const N: usize>(rows: [(&str, Value); N]) -> Table {
    rows.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A setting that stands in a file.
pub(super) fn file(path: &Path) -> Value {
    table([("file", path.display().to_string().into())]).into()
}

#[cfg(test)]
mod tests {
    use super::wallets;

    #[test]
    fn the_demo_takes_the_tokens_of_both_wallets() {
        let names: Vec<String> = wallets().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["apple_pay", "google_pay"]);
    }
}
