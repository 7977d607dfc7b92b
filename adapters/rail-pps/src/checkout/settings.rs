//! The settings of checkout. Secrets stand in the table itself, because a rail reads no files; `Debug` hides them.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{OpenError, OrderKind, Patience, Profile};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::hash::Digest;
use crate::settings::{Common, PaidBy, read as read_table, read_value};

/// Where a payer can pay and is sent back from, in seconds.
const TTL_SECS: u32 = 15 * 60;
/// A payer who is on the page when it ends may still finish.
const GRACE_SECS: u32 = 15 * 60;
/// Fewest bytes of a shared secret: what the gateway gives out is 32.
const SECRET_BYTES_MIN: usize = 16;
/// Most secrets over all merchants: each is tried with every hash of a data feed.
const SECRETS_MAX: usize = 32;

/// Where the gateway is, and who we are there.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) page_url: String,
    pub(crate) api_url: String,
    pub(crate) digest: Digest,
    pub(crate) pay_method: String,
    pub(crate) merchants: BTreeMap<String, Merchant>,
}

/// One merchant account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Merchant {
    /// Shared secrets; the first signs, all verify.
    pub(crate) secrets: Vec<SecretString>,
    /// User of the query interface.
    pub(crate) login: String,
    /// Its password.
    pub(crate) password: SecretString,
}

/// `[rails.pps-checkout]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// The payment page that the payer's browser posts to.
    page_url: String,
    /// The address of queries.
    api_url: String,
    /// The digest of the secure hash.
    hash: Digest,
    /// The gateway's word for PPS. Not public for every contract, so it can be set.
    pay_method: String,
    /// Merchant accounts by id.
    merchants: BTreeMap<String, Merchant>,
}

/// The settings that only this rail has; the rest of its table is [`Common`].
const OWN: [&str; 5] = ["page_url", "api_url", "hash", "pay_method", "merchants"];

impl Default for Settings {
    fn default() -> Self {
        let base = "https://www.paydollar.com/b2c2/eng";
        Self {
            page_url: format!("{base}/payment/payForm.jsp"),
            api_url: format!("{base}/merchant/api/orderApi.jsp"),
            hash: Digest::Sha1,
            pay_method: "PPS".to_owned(),
            merchants: BTreeMap::new(),
        }
    }
}

/// The profile and the desk that a table describes.
pub(crate) fn read(rail: &RailId, table: &str) -> Result<(Profile, Desk), OpenError> {
    let whole: toml::Table = read_table(table)?;
    let (own, rest): (toml::Table, toml::Table) = whole
        .into_iter()
        .partition(|(name, _value)| OWN.contains(&name.as_str()));
    let settings: Settings = read_value(own)?;
    let common: Common = read_value(rest)?;
    for (name, url) in [
        ("page_url", &settings.page_url),
        ("api_url", &settings.api_url),
    ] {
        let web = ["https://", "http://"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if !web || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OpenError::bad_setting(name, "it must be a web address"));
        }
    }
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if settings.pay_method.is_empty() || !word(&settings.pay_method) {
        return Err(OpenError::bad_setting("pay_method", "it must be one word"));
    }
    let mut secrets = 0_usize;
    for (id, merchant) in &settings.merchants {
        let bad = |problem: &str| Err(OpenError::bad_setting("merchants", problem));
        if id.is_empty() || id.len() > 15 || !word(id) {
            return bad("an id is 1 to 15 letters and digits");
        }
        let short = |secret: &SecretString| secret.expose_secret().len() < SECRET_BYTES_MIN;
        if merchant.secrets.is_empty() || merchant.secrets.iter().any(short) {
            return bad("each needs secrets of at least 16 bytes");
        }
        if merchant.login.is_empty() || merchant.password.expose_secret().is_empty() {
            return bad("each needs a login and a password");
        }
        secrets = secrets.saturating_add(merchant.secrets.len());
    }
    if secrets > SECRETS_MAX {
        return Err(OpenError::bad_setting(
            "merchants",
            format!("they have more than {SECRETS_MAX} secrets"),
        ));
    }
    let profile = Profile {
        methods: &["pps_checkout"],
        orders: &[OrderKind::Collect, OrderKind::Query],
        notice_types: &["application/x-www-form-urlencoded"],
        grace_secs: GRACE_SECS,
        patience: Patience {
            call_millis: 10_000,
            first_probe_secs: 5,
            longest_pause_secs: 3_600,
            probes_before_person: 8,
        },
        ..common.profile(rail, "PPS checkout", TTL_SECS, PaidBy::Day)?
    };
    let desk = Desk {
        page_url: settings.page_url,
        api_url: settings.api_url,
        digest: settings.hash,
        pay_method: settings.pay_method,
        merchants: settings.merchants,
    };
    Ok((profile, desk))
}
