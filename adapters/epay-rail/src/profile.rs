//! What a rail can do and costs, as data that the engine, the router and the console read.

use epay_money::{Currency, Money, RailId};
use jiff::civil::Time;

use crate::{Collect, OrderKind, Refusal};

/// A rail's abilities, limits, timing, accounts and fee.
///
/// It is made once, when the rail is opened with its own configuration table, and does not change after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The rail's identifier in configuration, storage and the API.
    pub rail: RailId,
    /// The rail's name as people know it, in English.
    pub name: &'static str,
    /// The orders it takes.
    pub orders: &'static [OrderKind],
    /// The currencies it carries.
    pub currencies: &'static [Currency],
    /// The least it carries in one payment, in minor units of any of its currencies. At least 1.
    pub amount_min: i64,
    /// The most it carries in one payment, in minor units of any of its currencies.
    pub amount_max: i64,
    /// Hong Kong wall-clock time: money that the payer sent later counts for the next business day's
    /// receipts. It does not move a due date, which the moment of instruction decides.
    pub receipt_cutoff: Time,
    /// How long a presentation is valid, in seconds.
    pub presentation_ttl_secs: u32,
    /// The ledger accounts that this rail's money passes through.
    pub accounts: RailAccountCodes,
    /// What the collecting bank charges for each item, in minor units of the item's currency.
    pub fee_per_item_minor: i64,
    /// Whether an order may be sent a second time when its answer is lost.
    pub resend: Resend,
}

/// Account codes of the chart of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailAccountCodes {
    /// Money that the rail has reported and the bank has not yet paid over.
    pub clearing: String,
    /// Fees of this rail, as an expense.
    pub fee_expense: String,
    /// Fees of this rail, owed and not yet charged.
    pub fee_accrued: String,
}

/// What to do with an order whose answer never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// The rail recognises a repeat by its key: sending again cannot take money twice.
    SafeWithKey,
    /// Ask the rail what became of the first before anything else is sent.
    QueryFirst,
}

impl Profile {
    /// Whether the rail takes this kind of order.
    #[must_use]
    pub fn takes(&self, kind: OrderKind) -> bool {
        self.orders.contains(&kind)
    }

    /// The rules that every rail applies to a collection in the same way: the order kind, the currency, the
    /// limits and the expiry. They are checked in this order, so that the answer is the same on all rails.
    ///
    /// # Errors
    /// [`Refusal::OrderNotTaken`], [`Refusal::CurrencyNotTaken`], [`Refusal::AmountTooSmall`],
    /// [`Refusal::AmountTooLarge`] or [`Refusal::Expired`].
    pub fn check_collect(&self, collect: &Collect) -> Result<(), Refusal> {
        if !self.takes(OrderKind::Collect) {
            return Err(Refusal::OrderNotTaken {
                kind: OrderKind::Collect,
            });
        }
        let (amount, currency) = (collect.amount, collect.amount.currency());
        if !self.currencies.contains(&currency) {
            return Err(Refusal::CurrencyNotTaken { currency });
        }
        let least = Money::new(self.amount_min.max(1), currency);
        if amount.minor() < least.minor() {
            return Err(Refusal::AmountTooSmall { amount, least });
        }
        let most = Money::new(self.amount_max, currency);
        if amount.minor() > most.minor() {
            return Err(Refusal::AmountTooLarge { amount, most });
        }
        if collect.expires_at <= collect.asked_at {
            return Err(Refusal::Expired {
                expires_at: collect.expires_at,
                asked_at: collect.asked_at,
            });
        }
        Ok(())
    }
}
