//! What a settlement report credits each merchant with.
//!
//! A detail whose merchant or amount cannot be read makes the whole report unreadable, because its credits could not be
//! explained; any other fault is the detail's alone, and its amount counts.

use std::collections::BTreeMap;

use epay_money::Money;
use epay_rail::{Payout, Unreadable, UnreadableKind};
use jiff::civil::Date;

use super::record::Fields;
use crate::fault::unreadable;

/// Most merchants of one report: more than there are departments.
const MERCHANTS_MAX: usize = 10_000;

/// Sums by merchant.
#[derive(Debug)]
pub(super) struct Credits {
    report: String,
    value_date: Date,
    /// Payments and cents.
    sums: BTreeMap<String, (u32, i64)>,
}

impl Credits {
    pub(super) fn of(report: &str, value_date: Date) -> Self {
        Self {
            report: report.to_owned(),
            value_date,
            sums: BTreeMap::new(),
        }
    }

    /// Adds a detail.
    pub(super) fn add(&mut self, fields: &Fields<'_>) -> Result<(), Unreadable> {
        let wrong = |message: &str| unreadable(UnreadableKind::WrongTotals, "detail", message);
        let credited = fields.credited();
        let (merchant, cents) =
            credited.ok_or_else(|| wrong("a credit has no merchant or no amount"))?;
        let (count, sum) = self.sums.entry(merchant).or_default();
        *count = count.saturating_add(1);
        *sum = sum
            .checked_add(cents)
            .ok_or_else(|| wrong("its credits are larger than any payment"))?;
        if self.sums.len() > MERCHANTS_MAX {
            let words = format!("a report credits at most {MERCHANTS_MAX} merchants");
            return Err(unreadable(UnreadableKind::TooManyEntries, "detail", words));
        }
        Ok(())
    }

    /// One payment to the bank a merchant, gross: PPS sends an invoice for its fees.
    pub(super) fn payouts(self) -> impl Iterator<Item = Payout> {
        let Self {
            report,
            value_date,
            sums,
        } = self;
        sums.into_iter()
            .map(move |(merchant, (items, cents))| Payout {
                rail_account: merchant,
                rail_reference: report.clone(),
                gross: Money::hkd(cents),
                fee: Money::hkd(0),
                net: Money::hkd(cents),
                items,
                value_date,
            })
    }
}
