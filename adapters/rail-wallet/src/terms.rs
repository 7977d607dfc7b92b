//! What the contract with a wallet says: limits, validity, fee, accounts. The table `terms` of each wallet's settings,
//! every value optional; what is not set is the wallet's usual ([`Usual`]).

use epay_money::{Currency, RailId};
use epay_rail::{
    Fee, FeePaid, OpenError, OrderKind, PaidOver, Profile, RailAccountCodes, Settlement,
};
use jiff::civil::{Time, time};
use serde::Deserialize;

/// No wallet carries a million dollars: a larger setting is a slip of the finger.
const AMOUNT_CENTS_LIMIT: i64 = 100_000_000;
/// A day: a longer-lived request would outlive the bill data that it was made from.
const TTL_SECS_LIMIT: u32 = 24 * 60 * 60;
/// A tenth of the amount.
const BASIS_POINTS_LIMIT: u32 = 1_000;

/// `[rails.<wallet>.terms]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Terms {
    /// Least amount of one payment, in cents.
    amount_min_cents: Option<i64>,
    /// Greatest amount of one payment, in cents.
    amount_max_cents: Option<i64>,
    /// Money sent later in the day counts for the next business day. 17:00.
    receipt_cutoff: Option<Time>,
    /// How long a request is payable, in seconds.
    presentation_ttl_secs: Option<u32>,
    /// What the wallet keeps of each payment, in hundredths of a percent. 60.
    fee_basis_points: Option<u32>,
    /// Days after a payment in which it can be refunded.
    refund_days: Option<u32>,
    /// Ledger account of money on its way from the wallet. `1140.` and the rail's id.
    clearing_account: Option<String>,
    /// Ledger account of fees as an expense. `5010.` and the rail's id.
    fee_expense_account: Option<String>,
    /// Ledger account of fees owed. `2310.` and the rail's id.
    fee_accrued_account: Option<String>,
}

/// What a wallet usually allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    /// The wallet's name.
    pub(crate) name: &'static str,
    /// The one method that leads to it.
    pub(crate) methods: &'static [&'static str],
    /// Least amount, in cents.
    pub(crate) amount_min: i64,
    /// Greatest amount, in cents.
    pub(crate) amount_max: i64,
    /// Validity, in seconds.
    pub(crate) ttl_secs: u32,
    /// Days in which a payment can be refunded.
    pub(crate) refund_days: u32,
}

impl Terms {
    /// The profile of a wallet under these terms; what only one wallet has is put on top by it.
    ///
    /// # Errors
    /// [`OpenError`] for the first value that no payment could be made with.
    pub(crate) fn profile(&self, rail: &RailId, usual: Usual) -> Result<Profile, OpenError> {
        let amount_min = self.amount_min_cents.unwrap_or(usual.amount_min);
        let amount_max = self.amount_max_cents.unwrap_or(usual.amount_max);
        let ttl = self.presentation_ttl_secs.unwrap_or(usual.ttl_secs);
        let basis_points = self.fee_basis_points.unwrap_or(60);
        let rules = [
            (
                amount_min >= 1,
                "terms.amount_min_cents",
                "it must be at least 1",
            ),
            (
                (amount_min..=AMOUNT_CENTS_LIMIT).contains(&amount_max),
                "terms.amount_max_cents",
                "it must lie between amount_min_cents and 100000000",
            ),
            (
                (1..=TTL_SECS_LIMIT).contains(&ttl),
                "terms.presentation_ttl_secs",
                "it must lie between 1 and 86400",
            ),
            (
                basis_points <= BASIS_POINTS_LIMIT,
                "terms.fee_basis_points",
                "it must be at most 1000",
            ),
        ];
        if let Some((_, name, problem)) = rules.into_iter().find(|(holds, _, _)| !holds) {
            return Err(OpenError::bad_setting(name, problem));
        }
        let accounts = self.accounts(rail)?;
        Ok(Profile {
            methods: usual.methods,
            orders: &[
                OrderKind::Collect,
                OrderKind::Query,
                OrderKind::Close,
                OrderKind::Refund,
            ],
            currencies: &[Currency::Hkd],
            amount_min,
            amount_max,
            receipt_cutoff: self.receipt_cutoff.unwrap_or(time(17, 0, 0, 0)),
            presentation_ttl_secs: ttl,
            fee: Fee {
                per_item_minor: 0,
                basis_points,
                paid: FeePaid::FromPayout,
            },
            settlement: Settlement {
                business_days: 1,
                paid: PaidOver::Reported,
            },
            // The settlement file comes by the bank channel to the same door.
            notice_types: &["application/json", "text/csv"],
            refund_days: Some(self.refund_days.unwrap_or(usual.refund_days)),
            ..Profile::new(rail.clone(), usual.name, accounts)
        })
    }

    fn accounts(&self, rail: &RailId) -> Result<RailAccountCodes, OpenError> {
        Ok(RailAccountCodes {
            clearing: account(
                "terms.clearing_account",
                self.clearing_account.as_ref(),
                "1140",
                rail,
            )?,
            fee_expense: account(
                "terms.fee_expense_account",
                self.fee_expense_account.as_ref(),
                "5010",
                rail,
            )?,
            fee_accrued: account(
                "terms.fee_accrued_account",
                self.fee_accrued_account.as_ref(),
                "2310",
                rail,
            )?,
        })
    }
}

/// The account that is set, or the one of this class that has the rail's name.
fn account(
    name: &'static str,
    given: Option<&String>,
    class: &str,
    rail: &RailId,
) -> Result<String, OpenError> {
    match given {
        Some(code) if code.trim().is_empty() => {
            Err(OpenError::bad_setting(name, "an account code is needed"))
        }
        Some(code) => Ok(code.clone()),
        None => Ok(format!("{class}.{rail}")),
    }
}
