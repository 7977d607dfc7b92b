//! The table `[rails.alipay]`.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{OpenError, Profile, Resend};
use secrecy::SecretString;
use serde::Deserialize;

use crate::keys::{Signer, Verifiers};
use crate::reading::is_name;
use crate::terms::{Terms, Usual};

const USUAL: Usual = Usual {
    name: "AlipayHK",
    methods: &["alipay_hk"],
    amount_min: 1,
    // HK$50,000.00 a payment (one acquirer's limit).
    amount_max: 5_000_000,
    ttl_secs: 14 * 60,
    refund_days: 365,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Scheme and host of the interface, without a path.
    #[serde(default = "host")]
    url: String,
    /// What stands before `/pay`, `/inquiryPayment` and the others.
    #[serde(default = "prefix")]
    path_prefix: String,
    /// Who we are.
    #[serde(default)]
    client_id: String,
    /// Which of our keys signs.
    #[serde(default = "one")]
    key_version: String,
    /// Our private key: PKCS#8 in PEM.
    #[serde(default = "nothing")]
    private_key: SecretString,
    /// AlipayHK's public keys in PEM, by `keyVersion`.
    #[serde(default)]
    alipay_keys: BTreeMap<String, String>,
    /// Where notices come: our address for this rail.
    #[serde(default)]
    notify_url: String,
    #[serde(default)]
    terms: Terms,
}

fn host() -> String {
    "https://open-sea-global.alipay.com".to_owned()
}

fn prefix() -> String {
    "/ams/api/v1/payments".to_owned()
}

fn one() -> String {
    "1".to_owned()
}

fn nothing() -> SecretString {
    SecretString::from("")
}

/// Who we are at AlipayHK.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) path_prefix: String,
    pub(crate) client_id: String,
    pub(crate) key_version: String,
    pub(crate) signer: Signer,
    pub(crate) alipay: Verifiers,
    pub(crate) notify_url: String,
}

pub(crate) fn open(rail: &RailId, table: &str) -> Result<(Profile, Account), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    for (name, value) in [
        ("url", &settings.url),
        ("path_prefix", &settings.path_prefix),
        ("client_id", &settings.client_id),
        ("key_version", &settings.key_version),
    ] {
        if !is_name(value) || value.contains([',', '=']) {
            return Err(OpenError::bad_setting(
                name,
                "1 to 64 visible characters are needed",
            ));
        }
    }
    if !settings.notify_url.starts_with("http") {
        return Err(OpenError::bad_setting("notify_url", "an address is needed"));
    }
    let profile = Profile {
        // "U" means: ask, and never begin again under another name.
        resend: Resend::QueryFirst,
        ..settings.terms.profile(rail, USUAL)?
    };
    let account = Account {
        signer: Signer::open("private_key", &settings.private_key)?,
        alipay: Verifiers::open("alipay_keys", &settings.alipay_keys)?,
        url: settings.url.trim_end_matches('/').to_owned(),
        path_prefix: settings.path_prefix,
        client_id: settings.client_id,
        key_version: settings.key_version,
        notify_url: settings.notify_url,
    };
    Ok((profile, account))
}
