//! The settings that both rails have in common, with their checks.

use epay_money::RailId;
use epay_rail::{Fee, FeePaid, OpenError, PaidOver, Profile, RailAccountCodes, Settlement};
use jiff::civil::{Time, time};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The most that an amount of 10 digits before the point carries.
const AMOUNT_CENTS_LIMIT: i64 = 999_999_999_999;
/// The longest validity of what a payer is shown: a fortnight.
const TTL_SECS_LIMIT: u32 = 14 * 24 * 60 * 60;

/// What every table may hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Common {
    /// Least amount of one payment, in cents.
    amount_min_cents: i64,
    /// Greatest amount of one payment, in cents.
    amount_max_cents: i64,
    /// Money sent later in the day counts for the next business day. 19:00 (PPS, questions and answers).
    receipt_cutoff: Time,
    /// How long what the payer is shown is valid, in seconds.
    presentation_ttl_secs: Option<u32>,
    /// What one item costs, in cents.
    fee_per_item_cents: i64,
    /// How money on its way is expected at the bank; the rail knows unless given.
    settlement: Option<PaidBy>,
    /// Ledger account of money on its way from PPS.
    clearing_account: String,
    /// Ledger account of fees as an expense; `5010.` and the rail's id unless given.
    fee_expense_account: Option<String>,
    /// Ledger account of fees owed; `2310.` and the rail's id unless given.
    fee_accrued_account: Option<String>,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            amount_min_cents: 1,
            amount_max_cents: 100_000_000,
            receipt_cutoff: time(19, 0, 0, 0),
            presentation_ttl_secs: None,
            fee_per_item_cents: 250,
            settlement: None,
            clearing_account: "1130".to_owned(),
            fee_expense_account: None,
            fee_accrued_account: None,
        }
    }
}

/// How what was collected reaches the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaidBy {
    /// A settlement report says what each merchant is credited with (`docs/pps-settlement-report.md`).
    Report,
    /// There is none: all collections with one settlement date come together.
    Day,
}

/// Reads a table.
pub(crate) fn read<T: DeserializeOwned>(table: &str) -> Result<T, OpenError> {
    toml::from_str(table).map_err(|fault| OpenError::Settings(Box::new(fault)))
}

/// Reads a table that was parsed before.
pub(crate) fn read_value<T: DeserializeOwned>(table: toml::Table) -> Result<T, OpenError> {
    T::deserialize(table).map_err(|fault| OpenError::Settings(Box::new(fault)))
}

impl Common {
    /// The profile that these settings describe; the rail adds its methods, orders and notices.
    pub(crate) fn profile(
        &self,
        rail: &RailId,
        name: &'static str,
        ttl_secs: u32,
        paid_by: PaidBy,
    ) -> Result<Profile, OpenError> {
        let ttl_secs = self.presentation_ttl_secs.unwrap_or(ttl_secs);
        let rules = [
            (
                self.amount_min_cents >= 1,
                "amount_min_cents",
                "it must be at least 1",
            ),
            (
                (self.amount_min_cents..=AMOUNT_CENTS_LIMIT).contains(&self.amount_max_cents),
                "amount_max_cents",
                "it must lie between amount_min_cents and 999999999999",
            ),
            (
                (1..=TTL_SECS_LIMIT).contains(&ttl_secs),
                "presentation_ttl_secs",
                "it must lie between 1 and 1209600",
            ),
            (
                self.fee_per_item_cents >= 0,
                "fee_per_item_cents",
                "it must not be negative",
            ),
        ];
        if let Some((_, setting, problem)) = rules.into_iter().find(|(holds, ..)| !holds) {
            return Err(OpenError::bad_setting(setting, problem));
        }
        Ok(Profile {
            amount_min: self.amount_min_cents,
            amount_max: self.amount_max_cents,
            receipt_cutoff: self.receipt_cutoff,
            presentation_ttl_secs: ttl_secs,
            fee: Fee {
                per_item_minor: self.fee_per_item_cents,
                basis_points: 0,
                paid: FeePaid::ByInvoice,
            },
            settlement: Settlement {
                business_days: 1,
                paid: match self.settlement.unwrap_or(paid_by) {
                    PaidBy::Report => PaidOver::Reported,
                    PaidBy::Day => PaidOver::Day,
                },
            },
            ..Profile::new(rail.clone(), name, self.accounts(rail)?)
        })
    }

    fn accounts(&self, rail: &RailId) -> Result<RailAccountCodes, OpenError> {
        let code = |name: &'static str, given: &Option<String>, parent: &str| {
            let code = given
                .clone()
                .unwrap_or_else(|| format!("{parent}.{}", rail.as_str()));
            if code.trim().is_empty() {
                return Err(OpenError::bad_setting(name, "an account code is needed"));
            }
            Ok(code)
        };
        let clearing = Some(self.clearing_account.clone());
        Ok(RailAccountCodes {
            clearing: code("clearing_account", &clearing, "")?,
            fee_expense: code("fee_expense_account", &self.fee_expense_account, "5010")?,
            fee_accrued: code("fee_accrued_account", &self.fee_accrued_account, "2310")?,
        })
    }
}
