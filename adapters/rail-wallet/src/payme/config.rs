//! The table `[rails.payme]`.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{OpenError, Profile, Resend};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::keys::Secrets;
use crate::reading::is_name;
use crate::terms::{Terms, Usual};

const USUAL: Usual = Usual {
    name: "PayMe",
    methods: &["payme"],
    amount_min: 1,
    amount_max: 3_000_000,
    ttl_secs: 10 * 60,
    refund_days: 90,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Scheme and host of the interface, without a path.
    #[serde(default = "host")]
    url: String,
    /// Sent as `Api-Version`.
    #[serde(default = "version")]
    api_version: String,
    /// Who we are, for access tokens.
    #[serde(default)]
    client_id: String,
    /// What proves it.
    #[serde(default = "nothing")]
    client_secret: SecretString,
    /// Signing keys in base 64, by id; they live a year, so two may be good at once.
    #[serde(default)]
    signing_keys: BTreeMap<String, SecretString>,
    /// Which of them signs.
    #[serde(default)]
    signing_key_id: String,
    /// Where notices come: our address for this rail.
    #[serde(default)]
    notify_url: String,
    #[serde(default)]
    terms: Terms,
}

fn host() -> String {
    "https://api.payme.hsbc.com.hk".to_owned()
}

fn version() -> String {
    "0.12".to_owned()
}

fn nothing() -> SecretString {
    SecretString::from("")
}

/// Who we are at PayMe.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) api_version: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) keys: Secrets,
    pub(crate) key_id: String,
    pub(crate) notify_url: String,
}

pub(crate) fn open(rail: &RailId, table: &str) -> Result<(Profile, Account), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    for (name, value) in [
        ("url", settings.url.as_str()),
        ("api_version", &settings.api_version),
        ("client_id", &settings.client_id),
        ("client_secret", settings.client_secret.expose_secret()),
        ("signing_key_id", &settings.signing_key_id),
    ] {
        if !is_name(value) || value.contains('"') {
            return Err(OpenError::bad_setting(
                name,
                "1 to 64 visible characters are needed",
            ));
        }
    }
    if !settings.notify_url.starts_with("http") {
        return Err(OpenError::bad_setting("notify_url", "an address is needed"));
    }
    let keys = Secrets::open("signing_keys", &settings.signing_keys)?;
    if !keys.has(&settings.signing_key_id) {
        return Err(OpenError::bad_setting(
            "signing_key_id",
            "it names none of signing_keys",
        ));
    }
    let profile = Profile {
        resend: Resend::QueryFirst,
        ..settings.terms.profile(rail, USUAL)?
    };
    let account = Account {
        url: settings.url.trim_end_matches('/').to_owned(),
        api_version: settings.api_version,
        client_id: settings.client_id,
        client_secret: settings.client_secret,
        keys,
        key_id: settings.signing_key_id,
        notify_url: settings.notify_url,
    };
    Ok((profile, account))
}
