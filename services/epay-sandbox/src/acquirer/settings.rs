//! `[counterparties.acquirer]`: merchants, prices and times.

use jiff::civil::{Time, time};
use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What the acquirer keeps of a capture, in hundredths of a percent.
    #[serde(default = "discount")]
    pub(super) discount_basis_points: i64,
    /// What a chargeback costs beside its amount.
    #[serde(default = "dispute_fee")]
    pub(super) dispute_fee_cents: i64,
    /// Calendar days from capture to settlement: the sandbox's bank books every day of the week.
    #[serde(default = "settle_days")]
    pub(super) settle_days: i64,
    /// When it settles, on Hong Kong's clocks.
    #[serde(default = "settle_at")]
    pub(super) settle_at: Time,
    /// Where settlement files go, and notifications of orders that name no address.
    #[serde(default = "notices_path")]
    pub(super) notices_path: String,
    /// Who is paid.
    pub(super) merchants: Vec<Merchant>,
}

/// A merchant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merchant {
    /// The merchant id, part of every address.
    pub(super) id: String,
    /// The name, for the books.
    pub(super) name: String,
    /// The account at the bank that settlements are paid to.
    pub(super) account: String,
}

fn discount() -> i64 {
    90
}

fn dispute_fee() -> i64 {
    10_000
}

fn settle_days() -> i64 {
    2
}

fn settle_at() -> Time {
    time(9, 0, 0, 0)
}

fn notices_path() -> String {
    "/rails/card/notices".to_owned()
}

impl Settings {
    /// The rules of the settings.
    pub(super) fn check(&self) -> Result<(), String> {
        let plain = |id: &str| {
            (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let rules = [
            (
                (0..=10_000).contains(&self.discount_basis_points),
                "discount_basis_points is 0 to 10000",
            ),
            (
                self.dispute_fee_cents >= 0,
                "dispute_fee_cents is not negative",
            ),
            (
                (0..=60).contains(&self.settle_days),
                "settle_days is 0 to 60",
            ),
            (
                self.notices_path.starts_with('/'),
                "notices_path begins with a slash",
            ),
            (
                self.merchants.iter().all(|merchant| plain(&merchant.id)),
                "a merchant's id is 1 to 40 letters and digits",
            ),
        ];
        match rules.iter().find(|(holds, _words)| !holds) {
            Some((_broken, words)) => Err(format!("[counterparties.acquirer]: {words}")),
            None => Ok(()),
        }
    }

    /// The merchant of an id.
    pub(super) fn merchant(&self, id: &str) -> Option<&Merchant> {
        self.merchants.iter().find(|merchant| merchant.id == id)
    }

    /// What is kept of a capture: a share, rounded half up.
    pub(super) fn discount(&self, cents: i64) -> i64 {
        let share = i128::from(cents) * i128::from(self.discount_basis_points);
        i64::try_from((share + 5_000) / 10_000).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn the_discount_is_rounded_half_up() {
        let settings: Settings = toml::from_str("merchants = []").unwrap();
        for (cents, expected) in [(507_400, 4_567), (1, 0), (55, 0), (56, 1), (0, 0)] {
            assert_eq!(settings.discount(cents), expected, "{cents}");
        }
    }
}
