//! `[counterparties.pps]`: the merchants.

use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    pub(super) merchants: Vec<Merchant>,
}

/// A department at PPS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merchant {
    /// What payers type; digits.
    pub(super) code: String,
    /// Its id on the checkout page; letters and digits.
    pub(super) checkout_id: String,
    /// What payers read.
    pub(super) name: String,
    /// Its bank account, which is paid a day later.
    pub(super) account: String,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), String> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let bad = self.merchants.iter().find(|merchant| {
            let sizes = (1..=6).contains(&merchant.code.len())
                && (1..=15).contains(&merchant.checkout_id.len());
            !(sizes && digits(&merchant.code) && word(&merchant.checkout_id))
        });
        bad.map_or(Ok(()), |merchant| {
            Err(format!(
                "the PPS merchant {} needs a code of 1 to 6 digits and a checkout_id of 1 to 15 letters and digits",
                merchant.name
            ))
        })
    }

    pub(super) fn by_code(&self, code: &str) -> Option<&Merchant> {
        self.merchants.iter().find(|merchant| merchant.code == code)
    }

    pub(super) fn by_checkout(&self, id: &str) -> Option<&Merchant> {
        self.merchants
            .iter()
            .find(|merchant| merchant.checkout_id == id)
    }
}
