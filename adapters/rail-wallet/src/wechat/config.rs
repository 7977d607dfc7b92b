//! The table `[rails.wechat]`.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{OpenError, Profile, Resend};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::keys::{Signer, Verifiers};
use crate::reading::is_name;
use crate::terms::{Terms, Usual};

const USUAL: Usual = Usual {
    name: "WeChat Pay HK",
    methods: &["wechat_pay"],
    amount_min: 1,
    amount_max: 5_000_000,
    ttl_secs: 15 * 60,
    // Orders older than a year cannot be refunded (WeChat Pay, Submit Refund).
    refund_days: 365,
};
/// An order can be closed five minutes after it was made, not before (WeChat Pay, Close Order).
const CLOSE_AFTER_SECS: u32 = 300;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Scheme and host of the interface, without a path.
    #[serde(default = "host")]
    url: String,
    /// The institution's application id.
    #[serde(default)]
    sp_appid: String,
    /// The institution's merchant id. A department's own is the payee of each collection.
    #[serde(default)]
    sp_mchid: String,
    /// Serial number of our certificate.
    #[serde(default)]
    serial_no: String,
    /// Our private key: PKCS#8 in PEM.
    #[serde(default = "nothing")]
    private_key: SecretString,
    /// The key of notices: 32 characters.
    #[serde(default = "nothing")]
    api_v3_key: SecretString,
    /// WeChat Pay's public keys in PEM, by serial number or key id.
    #[serde(default)]
    platform_keys: BTreeMap<String, String>,
    /// Where notices come: our address for this rail.
    #[serde(default)]
    notify_url: String,
    /// The merchants' category code.
    #[serde(default = "category")]
    merchant_category_code: String,
    /// What stands before a code's text, percent-encoded, in a link that opens the app on the same phone.
    #[serde(default)]
    app_link_prefix: Option<String>,
    #[serde(default)]
    terms: Terms,
}

fn host() -> String {
    "https://apihk.mch.weixin.qq.com".to_owned()
}

fn nothing() -> SecretString {
    SecretString::from("")
}

/// Government services (ISO 18245).
fn category() -> String {
    "9399".to_owned()
}

/// Who we are at WeChat Pay.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) sp_appid: String,
    pub(crate) sp_mchid: String,
    pub(crate) serial_no: String,
    pub(crate) signer: Signer,
    pub(crate) api_v3_key: SecretString,
    pub(crate) platform: Verifiers,
    pub(crate) notify_url: String,
    pub(crate) merchant_category_code: String,
    pub(crate) app_link_prefix: Option<String>,
}

pub(crate) fn open(rail: &RailId, table: &str) -> Result<(Profile, Account), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    for (name, value) in [
        ("url", &settings.url),
        ("sp_appid", &settings.sp_appid),
        ("sp_mchid", &settings.sp_mchid),
        ("serial_no", &settings.serial_no),
    ] {
        // All of them stand between quotation marks in a header or in an address.
        if !is_name(value) || value.contains(['"', '\\']) {
            return Err(OpenError::bad_setting(
                name,
                "1 to 64 visible characters are needed",
            ));
        }
    }
    if !settings.notify_url.starts_with("http") {
        return Err(OpenError::bad_setting("notify_url", "an address is needed"));
    }
    if settings.api_v3_key.expose_secret().len() != 32 {
        return Err(OpenError::bad_setting("api_v3_key", "it has 32 characters"));
    }
    let profile = Profile {
        close_after_secs: CLOSE_AFTER_SECS,
        // The same order number with the same words makes the same order, the same refund number the same refund.
        resend: Resend::SafeWithKey,
        ..settings.terms.profile(rail, USUAL)?
    };
    let account = Account {
        signer: Signer::open("private_key", &settings.private_key)?,
        platform: Verifiers::open("platform_keys", &settings.platform_keys)?,
        url: settings.url.trim_end_matches('/').to_owned(),
        sp_appid: settings.sp_appid,
        sp_mchid: settings.sp_mchid,
        serial_no: settings.serial_no,
        api_v3_key: settings.api_v3_key,
        notify_url: settings.notify_url,
        merchant_category_code: settings.merchant_category_code,
        app_link_prefix: settings.app_link_prefix,
    };
    Ok((profile, account))
}
