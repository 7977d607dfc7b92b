//! `[counterparties.wallets]`, and the secrets that the wallets need.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Wallets;
use super::kind::Wallet;
use crate::frame::OpenError;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Where a payer's browser finds the app: this sandbox's own address. The request's `Host` when absent.
    #[serde(default)]
    pub(super) public_url: Option<String>,
    /// What the wallets keep of each payment, in hundredths of a percent.
    #[serde(default = "sixty")]
    pub(super) fee_basis_points: i64,
    /// WeChat Pay: the institution's merchant id.
    pub(super) wechat_sp_mchid: String,
    /// WeChat Pay: names of the platform keys, the one in use and the next.
    pub(super) wechat_serials: [String; 2],
    /// AlipayHK: the client.
    pub(super) alipay_client_id: String,
    /// PayMe: the client.
    pub(super) payme_client_id: String,
    /// PayMe: names of the signing keys, the one in use and the next.
    pub(super) payme_key_ids: [String; 2],
    /// Who can be paid, and on which account of the bank.
    pub(super) merchants: Vec<Merchant>,
}

const fn sixty() -> i64 {
    60
}

/// A merchant of one wallet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merchant {
    pub(super) wallet: String,
    pub(super) merchant: String,
    /// The bank account of payouts.
    pub(super) account: String,
    pub(super) name: String,
}

/// Every secret, one file each.
const SECRETS: [&str; 13] = [
    "wechat-merchant.pub.pem",
    "wechat-platform.pem",
    "wechat-platform-next.pem",
    "wechat-api-v3-key",
    "alipay-merchant.pub.pem",
    "alipay.pem",
    "alipay-next.pem",
    "payme-client-secret",
    "payme-signing-key",
    "payme-signing-key-next",
    "octopus-api-key",
    "octopus-webhook-secret",
    "octopus-webhook-secret-next",
];

impl Wallets {
    /// That every secret is there before a door is open. `false` when none is: then nobody has dealings with the wallets.
    pub(super) fn has_secrets(&self) -> Result<bool, OpenError> {
        let none = |name: &&str| self.frame.secrets.read(name).is_none();
        if SECRETS.iter().all(none) {
            return Ok(false);
        }
        for name in SECRETS {
            if self.frame.secrets.read(name).is_none() {
                return Err(OpenError::Secret {
                    name: name.to_owned(),
                    problem: "is not there",
                });
            }
        }
        Ok(true)
    }

    /// A secret's text; empty, and so good for nothing, when it has gone since the start.
    pub(super) fn secret(&self, name: &str) -> String {
        let secret = self.frame.secrets.read(name);
        secret
            .unwrap_or_else(|| SecretString::from(""))
            .expose_secret()
            .to_owned()
    }

    pub(super) fn merchant(&self, wallet: Wallet, merchant: &str) -> Option<&Merchant> {
        let mut all = self.settings.merchants.iter();
        all.find(|known| known.wallet == wallet.word() && known.merchant == merchant)
    }
}
