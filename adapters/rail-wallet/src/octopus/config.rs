//! The table `[rails.octopus]`.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{OpenError, Profile, Resend};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::keys::Secrets;
use crate::reading::is_name;
use crate::terms::{Terms, Usual};

/// The smallest step of an amount, in cents.
pub(super) const STEP: i64 = 10;

const USUAL: Usual = Usual {
    name: "Octopus",
    methods: &["octopus"],
    amount_min: STEP,
    // HK$30,000.00, the largest of the acquirers' limits.
    amount_max: 3_000_000,
    ttl_secs: 10 * 60,
    // 90 or 180 days, by acquirer: the shorter.
    refund_days: 90,
};

/// What becomes of cents that are no multiple of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cents {
    /// The order is refused.
    Refuse,
    /// The payer is asked for up to nine cents more.
    RoundUp,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the interface, before `/payments`.
    #[serde(default)]
    url: String,
    /// What proves who we are.
    #[serde(default = "nothing")]
    api_key: SecretString,
    /// Secrets of notices in base 64, by a name of ours; each notice may be signed with any of them.
    #[serde(default)]
    webhook_secrets: BTreeMap<String, SecretString>,
    /// Where notices come: our address for this rail.
    #[serde(default)]
    notify_url: String,
    /// `refuse` or `round_up`.
    #[serde(default = "refuse")]
    cents: Cents,
    #[serde(default)]
    terms: Terms,
}

fn nothing() -> SecretString {
    SecretString::from("")
}

const fn refuse() -> Cents {
    Cents::Refuse
}

/// Who we are there.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) url: String,
    pub(super) api_key: SecretString,
    pub(super) secrets: Secrets,
    pub(super) notify_url: String,
    pub(super) cents: Cents,
}

pub(super) fn open(rail: &RailId, table: &str) -> Result<(Profile, Account), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    for (name, value) in [
        ("url", settings.url.as_str()),
        ("notify_url", &settings.notify_url),
    ] {
        if !value.starts_with("http") || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OpenError::bad_setting(name, "an address is needed"));
        }
    }
    if !is_name(settings.api_key.expose_secret()) {
        return Err(OpenError::bad_setting(
            "api_key",
            "1 to 64 visible characters are needed",
        ));
    }
    let usual = settings.terms.profile(rail, USUAL)?;
    let on_step = |cents: i64| cents.checked_rem(STEP) == Some(0);
    if !on_step(usual.amount_min) || !on_step(usual.amount_max) {
        return Err(OpenError::bad_setting(
            "terms",
            "limits must be multiples of 10 cents",
        ));
    }
    let profile = Profile {
        amount_step: match settings.cents {
            Cents::Refuse => STEP,
            Cents::RoundUp => 1,
        },
        // Every request carries its key, and a repeat gets the first answer.
        resend: Resend::SafeWithKey,
        ..usual
    };
    let account = Account {
        url: settings.url.trim_end_matches('/').to_owned(),
        api_key: settings.api_key,
        secrets: Secrets::open("webhook_secrets", &settings.webhook_secrets)?,
        notify_url: settings.notify_url,
        cents: settings.cents,
    };
    Ok((profile, account))
}
