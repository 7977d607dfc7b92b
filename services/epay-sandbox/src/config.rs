//! What the sandbox is told at start: a TOML file, then flags or `EPAY_SANDBOX_*` variables on top, and one secret.
//!
//! The channel secret comes from the environment alone, so that it stands in no file and in no process list.

mod check;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;

use crate::faults::{FaultDefault, Faults};

/// The shortest channel secret, in bytes: as long as the digest that it keys.
const SECRET_BYTES_MIN: usize = 32;

/// The file, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// A tokio-postgres connection string, such as `host=/run/pg user=sandbox dbname=sandbox`.
    #[serde(default)]
    pub database_url: String,
    /// Where notices go: scheme, host and port of the gateway.
    #[serde(default)]
    pub gateway_url: String,
    /// Who the bank says it is.
    pub channel: ChannelConfig,
    /// URL prefixes from which the bank app may fetch an image. Nothing else is ever fetched.
    #[serde(default)]
    pub scan_origins: Vec<String>,
    /// The accounts that can be paid.
    pub payees: Vec<Payee>,
    /// The people who can pay.
    pub payers: Vec<Payer>,
    /// Faults of every payment that names none of its own.
    #[serde(default)]
    pub fault_defaults: Faults,
    /// Faults of every payment of a rail that names none of its own, from that rail's menu.
    #[serde(default)]
    pub faults: Vec<FaultDefault>,
    /// The counterparties beside the bank, each with settings of its own; one without a table is not there.
    #[serde(default)]
    pub counterparties: BTreeMap<String, toml::Value>,
}

/// The bank channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Sent as `epay-channel-key`.
    pub key_id: String,
}

/// An account that can be paid, as the FPS directory knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    /// The FPS identifier: 7 to 9 digits.
    pub fps_id: String,
    /// The account number at the payee's bank.
    pub account: String,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// The name that the payer's app shows.
    pub registered_name: String,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    /// The account holder.
    pub name: String,
    /// Three-digit clearing code of the payer's bank.
    pub bank_code: String,
    /// The account number.
    pub account: String,
    /// What is in it when the books are first opened, in HKD cents.
    pub opening_balance_cents: i64,
}

/// What flags and variables may replace.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Replaces `listen`.
    pub listen: Option<SocketAddr>,
    /// Replaces `database_url`.
    pub database_url: Option<String>,
    /// Replaces `gateway_url`.
    pub gateway_url: Option<String>,
    /// Replaces `channel.key_id`.
    pub channel_key_id: Option<String>,
    /// Replaces `scan_origins` when not empty.
    pub scan_origins: Vec<String>,
    /// Replaces `counterparties.statements.folder`.
    pub statements_folder: Option<String>,
    /// Replaces `counterparties.arrivals.smtp_listen`.
    pub smtp_listen: Option<SocketAddr>,
}

/// Why the sandbox cannot start as configured.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Not TOML, or not these fields.
    #[error("the configuration is not readable")]
    Unreadable(#[from] toml::de::Error),
    /// A setting breaks its rule.
    #[error("{setting} {rule}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// The rule, ready to follow the name.
        rule: &'static str,
    },
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

impl Config {
    /// Reads the file's text, puts the overrides on top and checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`] names the first setting that will not do.
    pub fn read(text: &str, overrides: Overrides) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text)?;
        config.listen = overrides.listen.unwrap_or(config.listen);
        config.database_url = overrides.database_url.unwrap_or(config.database_url);
        config.gateway_url = overrides.gateway_url.unwrap_or(config.gateway_url);
        config.channel.key_id = overrides.channel_key_id.unwrap_or(config.channel.key_id);
        if !overrides.scan_origins.is_empty() {
            config.scan_origins = overrides.scan_origins;
        }
        let theirs = [
            ("statements", "folder", overrides.statements_folder),
            (
                "arrivals",
                "smtp_listen",
                overrides.smtp_listen.map(|address| address.to_string()),
            ),
        ];
        for (counterparty, setting, value) in theirs {
            let table = config.counterparties.get_mut(counterparty);
            if let (Some(toml::Value::Table(table)), Some(value)) = (table, value) {
                table.insert(setting.to_owned(), toml::Value::String(value));
            }
        }
        check::config(&config)?;
        Ok(config)
    }
}

/// Whether a text may stand in a channel header and in the signed text: 1 to 64 of `A-Z a-z 0-9 -`.
pub(crate) fn is_channel_token(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Checks the channel secret that the environment gave.
///
/// # Errors
/// When it is absent or too short to be a key.
pub fn channel_secret(value: Option<String>) -> Result<SecretString, ConfigError> {
    let rule = "is not set to at least 32 bytes";
    match value {
        Some(value) if value.len() >= SECRET_BYTES_MIN => Ok(SecretString::from(value)),
        Some(_) | None => Err(ConfigError::Setting {
            setting: "EPAY_SANDBOX_CHANNEL_SECRET",
            rule,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../deploy/demo/sandbox.toml");

    fn overrides() -> Overrides {
        Overrides {
            database_url: Some("host=/x".into()),
            gateway_url: Some("http://127.0.0.1:1".into()),
            ..Overrides::default()
        }
    }

    #[test]
    fn the_demo_file_is_accepted_and_names_the_seven_payees() {
        let config = Config::read(DEMO, overrides()).unwrap();
        let ids: Vec<&str> = config
            .payees
            .iter()
            .map(|payee| payee.fps_id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "999900101",
                "999900102",
                "999900201",
                "999900301",
                "999900401",
                "999900501",
                "999900601"
            ]
        );
        assert!(
            config
                .payees
                .iter()
                .all(|payee| payee.registered_name.starts_with("TEST "))
        );
    }

    #[test]
    fn settings_that_will_not_do_are_named() {
        let rows: [(&str, &str, &str); 7] = [
            ("999900101", "99990010x", "payees need an fps_id"),
            (
                "999900102",
                "999900101",
                "payees and payers use one number twice",
            ),
            ("\"HKD\"", "\"USD\"", "payees need a currency"),
            (
                "bank_code = \"",
                "bank_code = \"x",
                "payers need a bank_code",
            ),
            ("key_id = \"", "key_id = \"!", "channel.key_id is not"),
            ("[[payers]]", "[[people]]", "not readable"),
            (
                "scan_origins = [",
                "scan_origins = [\"::\"",
                "scan_origins holds",
            ),
        ];
        for (from, to, expected) in rows {
            assert!(DEMO.contains(from), "{from}");
            let error = Config::read(&DEMO.replace(from, to), overrides())
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
        let bare = Config::read(
            DEMO,
            Overrides {
                database_url: None,
                ..overrides()
            },
        );
        assert!(bare.is_err() || !bare.unwrap().database_url.is_empty());
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(channel_secret(None).is_err());
        assert!(channel_secret(Some("short".into())).is_err());
        assert!(channel_secret(Some("0123456789abcdef0123456789abcdef".into())).is_ok());
    }
}
