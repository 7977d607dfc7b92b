//! Webhooks: what opens the receivers' keys, and whom a worker may call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_webhook::{Guard, VAULT_KEY_BYTES, Vault};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::token::write_secret;

/// The name of a development set-up's key.
const DEV_KEY_ID: &str = "dev-1";

/// How webhooks are set up. Without it nobody registers a receiver and nothing is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSettings {
    /// Keys of the vault: name, and a file with 32 bytes in base64. The last one by name seals, every one opens.
    pub(crate) vault_keys: BTreeMap<String, PathBuf>,
    /// Ports that receivers may have besides 443.
    #[serde(default)]
    pub(crate) more_ports: Vec<u16>,
    /// For development: receivers on this machine, on any port, without TLS.
    #[serde(default)]
    pub(crate) allow_loopback: bool,
    /// Days for which events and deliveries that ended are kept.
    #[serde(default = "keep_days")]
    pub(crate) keep_days: u16,
}

/// How long news is kept unless somebody says otherwise, also where no webhooks are configured.
pub(crate) const KEEP_DAYS: u16 = 30;

const fn keep_days() -> u16 {
    KEEP_DAYS
}

/// A number of days.
pub(crate) fn days(days: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days).saturating_mul(24))
}

impl WebhookSettings {
    /// What opens and seals.
    pub(crate) fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        let mut keys = Vec::new();
        for (id, path) in &self.vault_keys {
            let what = || format!("webhooks.vault_keys.{id}: {}", path.display());
            let text = std::fs::read_to_string(path).with_context(what)?;
            let key = STANDARD.decode(text.trim_end()).with_context(what)?;
            keys.push((id.clone(), Zeroizing::new(key)));
        }
        let keys = keys.iter().map(|(id, key)| (id.clone(), key.as_slice()));
        let vault = Vault::new(keys).context("webhooks.vault_keys")?;
        Ok(Arc::new(vault))
    }

    /// How long events and deliveries that ended are kept.
    pub(crate) fn keep(&self) -> anyhow::Result<SignedDuration> {
        ensure!(
            self.keep_days > 0,
            "webhooks.keep_days must be more than nothing"
        );
        Ok(days(self.keep_days))
    }

    /// Whom a worker may call.
    pub(crate) fn guard(&self) -> Guard {
        Guard {
            more_ports: self.more_ports.clone(),
            loopback: self.allow_loopback,
        }
    }
}

/// The settings of a development set-up; its key is made unless it is there.
pub(crate) fn dev_settings(folder: &Path) -> anyhow::Result<WebhookSettings> {
    let path = folder.join("webhook-vault.key");
    if !path.is_file() {
        let key: Zeroizing<[u8; VAULT_KEY_BYTES]> = Zeroizing::new(rand::random());
        write_secret(&path, STANDARD.encode(key.as_slice()).as_bytes())?;
    }
    Ok(WebhookSettings {
        vault_keys: BTreeMap::from([(DEV_KEY_ID.to_owned(), path)]),
        more_ports: vec![],
        allow_loopback: true,
        keep_days: KEEP_DAYS,
    })
}
