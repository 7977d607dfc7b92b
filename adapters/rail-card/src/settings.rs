//! The rail's own settings: its table of the configuration, every value optional.
//!
//! The defaults are conventions of this project, except where the comment names a source. Secrets stand in the table
//! itself, because a rail reads no files; they are hidden from every `Debug`.

use std::collections::BTreeMap;

use epay_money::RailId;
use epay_rail::{
    Capture, Fee, FeePaid, OpenError, OrderKind, PaidOver, Patience, Profile, RailAccountCodes,
    Resend, Settlement,
};
use jiff::civil::{Time, time};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::devices::{AppleSettings, Devices, GoogleSettings};

/// The method of the hosted page.
pub(crate) const HOSTED: &str = "card";
/// The methods of payers' devices.
pub(crate) const APPLE_PAY: &str = "apple_pay";
pub(crate) const GOOGLE_PAY: &str = "google_pay";

/// Longest life of a hosted page, in seconds: the gateway's own bound is an hour and a half.
const TTL_SECS_LIMIT: u32 = 5_400;
/// The most that fits an amount of the gateway, 14 characters with two decimals.
const AMOUNT_CENTS_LIMIT: i64 = 9_999_999_999_999;
/// Fewest bytes of a shared secret.
const SECRET_BYTES_MIN: usize = 16;
/// Most shared secrets: each is compared with every notification.
const SECRETS_MAX: usize = 32;
/// Longest merchant name that the page shows.
const NAME_CHARS_MAX: usize = 40;
/// Longest merchant id.
const MERCHANT_CHARS_MAX: usize = 40;

/// Who we are at the acquirer, and where it is.
#[derive(Debug)]
pub(crate) struct Acquirer {
    /// Scheme, authority and path, without a slash at the end.
    pub(crate) base_url: String,
    /// Version of the gateway's interface, part of every address.
    pub(crate) api_version: u16,
    /// What the page and the payer's device show.
    pub(crate) merchant_name: String,
    /// Where notifications come to; absent when none are wanted.
    pub(crate) notification_url: Option<String>,
    /// Merchant ids with their passwords.
    pub(crate) merchants: BTreeMap<String, SecretString>,
    /// Secrets that a notification may carry.
    pub(crate) notification_secrets: Vec<SecretString>,
    /// Wallets of payers' devices that are offered.
    pub(crate) devices: Devices,
}

/// `[rails.card]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Where the gateway is.
    base_url: String,
    /// Version of its interface.
    api_version: u16,
    /// What the payer reads on the page.
    merchant_name: String,
    /// Where notifications come to.
    notification_url: Option<String>,
    /// What notifications may carry; two while a secret is changed.
    notification_secrets: Vec<SecretString>,
    /// Merchant ids with their passwords.
    merchants: BTreeMap<String, SecretString>,
    /// Apple Pay: offered where this is set.
    apple_pay: Option<AppleSettings>,
    /// Google Pay: offered where this is set.
    google_pay: Option<GoogleSettings>,
    /// Least amount of one payment, in cents.
    amount_min_cents: i64,
    /// Greatest amount of one payment, in cents.
    amount_max_cents: i64,
    /// Money sent later in the day counts for the next business day.
    receipt_cutoff: Time,
    /// How long the page is open, in seconds.
    presentation_ttl_secs: u32,
    /// How long after that a payer may still be in the middle of a challenge, in seconds.
    grace_secs: u32,
    /// What the acquirer keeps, in hundredths of a percent. 0.90 %, the rate of the worked example J02.
    discount_basis_points: u32,
    /// Days in which the acquirer gives money back.
    refund_days: u32,
    /// Milliseconds that an answer is waited for.
    call_millis: u32,
    /// Calls under way at once.
    calls_at_once: u32,
    /// Ledger account of money on its way from the acquirer.
    clearing_account: String,
    /// Ledger account of fees as an expense.
    fee_expense_account: String,
    /// Ledger account of fees owed.
    fee_accrued_account: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "https://ap-gateway.mastercard.com".to_owned(),
            api_version: 100,
            merchant_name: "Government bill payment".to_owned(),
            notification_url: None,
            notification_secrets: Vec::new(),
            merchants: BTreeMap::new(),
            apple_pay: None,
            google_pay: None,
            amount_min_cents: 1,
            amount_max_cents: 10_000_000,
            receipt_cutoff: time(17, 0, 0, 0),
            presentation_ttl_secs: 15 * 60,
            grace_secs: 10 * 60,
            discount_basis_points: 90,
            refund_days: 180,
            call_millis: 20_000,
            calls_at_once: 32,
            clearing_account: "1120".to_owned(),
            fee_expense_account: "5010.card".to_owned(),
            fee_accrued_account: "2310.card".to_owned(),
        }
    }
}

/// The profile and the acquirer that a table describes.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, or a value that no payment could be made with.
pub(crate) fn read(rail: &RailId, table: &str) -> Result<(Profile, Acquirer), OpenError> {
    let settings: Settings =
        toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))?;
    check_numbers(&settings)?;
    check_acquirer(&settings)?;
    let profile = profile(rail, &settings);
    let apple = settings.apple_pay.as_ref().map(AppleSettings::open);
    let google = settings.google_pay.as_ref().map(GoogleSettings::open);
    let acquirer = Acquirer {
        base_url: settings.base_url.trim_end_matches('/').to_owned(),
        api_version: settings.api_version,
        merchant_name: settings.merchant_name,
        notification_url: settings.notification_url,
        merchants: settings.merchants,
        notification_secrets: settings.notification_secrets,
        devices: Devices {
            apple: apple.transpose()?,
            google: google.transpose()?,
        },
    };
    Ok((profile, acquirer))
}

fn profile(rail: &RailId, settings: &Settings) -> Profile {
    let accounts = RailAccountCodes {
        clearing: settings.clearing_account.clone(),
        fee_expense: settings.fee_expense_account.clone(),
        fee_accrued: settings.fee_accrued_account.clone(),
    };
    let (methods, orders): (&'static [&'static str], &'static [OrderKind]) =
        match (&settings.apple_pay, &settings.google_pay) {
            (None, None) => (&[HOSTED], &HOSTED_ORDERS),
            (Some(_), None) => (&[HOSTED, APPLE_PAY], &ALL_ORDERS),
            (None, Some(_)) => (&[HOSTED, GOOGLE_PAY], &ALL_ORDERS),
            (Some(_), Some(_)) => (&[HOSTED, APPLE_PAY, GOOGLE_PAY], &ALL_ORDERS),
        };
    Profile {
        methods,
        orders,
        amount_min: settings.amount_min_cents,
        amount_max: settings.amount_max_cents,
        receipt_cutoff: settings.receipt_cutoff,
        presentation_ttl_secs: settings.presentation_ttl_secs,
        grace_secs: settings.grace_secs,
        capture: Capture::Apart,
        fee: Fee {
            per_item_minor: 0,
            basis_points: settings.discount_basis_points,
            paid: FeePaid::FromPayout,
        },
        settlement: Settlement {
            business_days: 2,
            paid: PaidOver::Reported,
        },
        // A transaction that was sent twice under one id is done once; what became of the first is asked nevertheless.
        resend: Resend::QueryFirst,
        patience: Patience {
            call_millis: settings.call_millis,
            first_probe_secs: 5,
            longest_pause_secs: 3_600,
            probes_before_person: 8,
        },
        calls_at_once: settings.calls_at_once,
        notice_types: &["application/json", "text/csv"],
        refund_days: Some(settings.refund_days),
        ..Profile::new(rail.clone(), "Card", accounts)
    }
}

const HOSTED_ORDERS: [OrderKind; 5] = [
    OrderKind::Collect,
    OrderKind::Query,
    OrderKind::Capture,
    OrderKind::Void,
    OrderKind::Refund,
];
const ALL_ORDERS: [OrderKind; 6] = [
    OrderKind::Collect,
    OrderKind::Tender,
    OrderKind::Query,
    OrderKind::Capture,
    OrderKind::Void,
    OrderKind::Refund,
];

/// A rule of a setting: whether it holds, whose it is, and how it reads.
type Rule = (bool, &'static str, &'static str);

fn check(rules: &[Rule]) -> Result<(), OpenError> {
    match rules.iter().find(|(holds, _name, _words)| !holds) {
        Some((_broken, name, words)) => Err(OpenError::bad_setting(name, *words)),
        None => Ok(()),
    }
}

#[rustfmt::skip]
fn check_numbers(settings: &Settings) -> Result<(), OpenError> {
    let most = settings.amount_max_cents;
    check(&[
        (settings.amount_min_cents >= 1, "amount_min_cents", "it must be at least 1"),
        ((settings.amount_min_cents..=AMOUNT_CENTS_LIMIT).contains(&most), "amount_max_cents", "it must lie between amount_min_cents and 9999999999999"),
        ((60..=TTL_SECS_LIMIT).contains(&settings.presentation_ttl_secs), "presentation_ttl_secs", "it must lie between 60 and 5400"),
        (settings.grace_secs <= 86_400, "grace_secs", "it must be at most a day"),
        (settings.discount_basis_points <= 10_000, "discount_basis_points", "it must be at most the whole amount, 10000"),
        ((100..=120_000).contains(&settings.call_millis), "call_millis", "it must lie between 100 and 120000"),
        (settings.calls_at_once > 0, "calls_at_once", "it must be at least 1"),
        ((1..=999).contains(&settings.api_version), "api_version", "it must lie between 1 and 999"),
    ])
}

#[rustfmt::skip]
fn check_acquirer(settings: &Settings) -> Result<(), OpenError> {
    let named = |text: &str| !text.trim().is_empty();
    let names = settings.merchant_name.chars().count();
    let merchant = |id: &str| {
        (1..=MERCHANT_CHARS_MAX).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let secret = |secret: &SecretString| secret.expose_secret().len() >= SECRET_BYTES_MIN;
    check(&[
        (is_base(&settings.base_url), "base_url", "it must be https:// and an authority, with a plain path if any; http:// only for this machine"),
        ((1..=NAME_CHARS_MAX).contains(&names) && !settings.merchant_name.chars().any(char::is_control), "merchant_name", "it must have 1 to 40 characters"),
        (settings.notification_url.as_deref().is_none_or(is_address), "notification_url", "it must be an address"),
        (settings.notification_secrets.len() <= SECRETS_MAX && settings.notification_secrets.iter().all(secret), "notification_secrets", "each needs at least 16 bytes, and there are at most 32"),
        (settings.merchants.iter().all(|(id, password)| merchant(id) && named(password.expose_secret())), "merchants", "each needs an id of 1 to 40 letters, digits, - or _, and a password"),
        (settings.google_pay.as_ref().is_none_or(GoogleSettings::is_recipient), "google_pay", "its recipient must be gateway:<name> or merchant:<id>"),
        (named(&settings.clearing_account), "clearing_account", "an account code is needed"),
        (named(&settings.fee_expense_account), "fee_expense_account", "an account code is needed"),
        (named(&settings.fee_accrued_account), "fee_accrued_account", "an account code is needed"),
    ])
}

fn is_address(url: &str) -> bool {
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    scheme && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Passwords travel with every request, so the way there is encrypted, or does not leave the machine.
fn is_base(url: &str) -> bool {
    let authority = |rest: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]/_".contains(&byte);
        !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(plain)
    };
    if let Some(rest) = url.strip_prefix("https://") {
        return authority(rest);
    }
    let local = ["localhost", "127.0.0.1", "[::1]"];
    url.strip_prefix("http://").is_some_and(|rest| {
        authority(rest)
            && local.iter().any(|host| {
                rest.strip_prefix(host)
                    .is_some_and(|port| port.is_empty() || port.starts_with([':', '/']))
            })
    })
}
