//! The rules that the settings obey, each named in its refusal.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::{Config, ConfigError, Payee, Payer, is_channel_token};
use crate::faults::DELAY_SECONDS_MAX;

/// Checks the whole, and stops at the first setting that will not do.
pub(super) fn config(config: &Config) -> Result<(), ConfigError> {
    let gateway = reqwest::Url::parse(&config.gateway_url);
    let is_web = gateway.is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    require(!config.database_url.is_empty(), "database_url", "is empty")?;
    require(is_web, "gateway_url", "is not an http or https URL")?;
    let rule = "is not 1 to 64 letters, digits and hyphens";
    require(
        is_channel_token(&config.channel.key_id),
        "channel.key_id",
        rule,
    )?;
    let are_urls = config
        .scan_origins
        .iter()
        .all(|origin| reqwest::Url::parse(origin).is_ok());
    require(
        are_urls,
        "scan_origins",
        "holds something that is not a URL",
    )?;
    let some = !config.payees.is_empty() && !config.payers.is_empty();
    require(some, "payees and payers", "need at least one account each")?;
    config.payees.iter().try_for_each(payee)?;
    config.payers.iter().try_for_each(payer)?;
    let payees = config
        .payees
        .iter()
        .flat_map(|payee| [&payee.account, &payee.fps_id]);
    let mut seen = HashSet::new();
    let once = payees
        .chain(config.payers.iter().map(|payer| &payer.account))
        .all(|number| seen.insert(number));
    require(once, "payees and payers", "use one number twice")?;
    let short = config.fault_defaults.delay_seconds <= DELAY_SECONDS_MAX;
    require(
        short,
        "fault_defaults.delay_seconds",
        "is more than an hour",
    )
}

fn payee(payee: &Payee) -> Result<(), ConfigError> {
    let numbers = is_digits(&payee.fps_id, 7..=9) && is_digits(&payee.account, 6..=34);
    require(
        numbers,
        "payees",
        "need an fps_id of 7 to 9 digits and an account of 6 to 34 digits",
    )?;
    let words =
        ["HKD", "CNY"].contains(&payee.currency.as_str()) && is_name(&payee.registered_name);
    require(
        words,
        "payees",
        "need a currency of HKD or CNY and a name of 1 to 140 characters",
    )
}

fn payer(payer: &Payer) -> Result<(), ConfigError> {
    let known = is_digits(&payer.bank_code, 3..=3)
        && is_digits(&payer.account, 6..=34)
        && is_name(&payer.name);
    require(
        known,
        "payers",
        "need a bank_code of 3 digits, an account of 6 to 34 digits and a name",
    )?;
    require(
        payer.opening_balance_cents >= 0,
        "payers",
        "need an opening balance of zero or more",
    )
}

fn require(holds: bool, setting: &'static str, rule: &'static str) -> Result<(), ConfigError> {
    if holds {
        Ok(())
    } else {
        Err(ConfigError::Setting { setting, rule })
    }
}

fn is_digits(text: &str, lengths: RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(name: &str) -> bool {
    (1..=140).contains(&name.chars().count())
}
