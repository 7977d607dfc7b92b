//! What a rail can do and costs, as data that the engine, the router, the transport and the console read.

use epay_money::{Currency, Money, RailId};
use jiff::civil::{Time, time};

use crate::{Collect, OrderKind, Refusal, is_reference};

/// A rail's abilities, limits, timing, accounts and fee.
///
/// It is made once, when the rail is opened with its own configuration table, and does not change after.
/// [`Profile::new`] gives the commonest values; a rail writes down where it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The rail's identifier in configuration, storage and the API.
    pub rail: RailId,
    /// The rail's name as people know it, in English.
    pub name: &'static str,
    /// The methods that a payer can choose and this rail carries, as stable words: `fps_qr`, `card`, `apple_pay`.
    pub methods: &'static [&'static str],
    /// The orders it takes.
    pub orders: &'static [OrderKind],
    /// The currencies it carries.
    pub currencies: &'static [Currency],
    /// The least it carries in one payment, in minor units of any of its currencies. At least 1.
    pub amount_min: i64,
    /// The most it carries in one payment, in minor units of any of its currencies.
    pub amount_max: i64,
    /// An amount must be a multiple of this many minor units. 1, except where the rail has no cents.
    pub amount_step: i64,
    /// Hong Kong wall-clock hours in which a new collection may begin; all day when unset.
    pub hours: Option<Hours>,
    /// Hong Kong wall-clock time: money that the payer sent later counts for the next business day's
    /// receipts. It does not move a due date, which the moment of instruction decides.
    pub receipt_cutoff: Time,
    /// How it is known that all of a day's receipts are in.
    pub day_report: DayReport,
    /// How long a presentation is valid, in seconds.
    pub presentation_ttl_secs: u32,
    /// How long after a presentation's end the rail may still take money for it, in seconds: nothing is concluded
    /// from silence before that.
    pub grace_secs: u32,
    /// How many seconds after it began a collection may be closed. Zero where it may be closed at once.
    pub close_after_secs: u32,
    /// Whether an authorisation must be captured by another order.
    pub capture: Capture,
    /// The ledger accounts that this rail's money passes through.
    pub accounts: RailAccountCodes,
    /// What the rail costs.
    pub fee: Fee,
    /// How what it collected reaches the bank, and by when.
    pub settlement: Settlement,
    /// Whether an order may be sent a second time when its answer is lost.
    pub resend: Resend,
    /// How long the rail is waited for, and when it is asked again.
    pub patience: Patience,
    /// Calls under way at once, over all orders of this rail. One sick rail holds no more than these.
    pub calls_at_once: u32,
    /// Media types of notices that the rail's door takes; the first is the commonest.
    pub notice_types: &'static [&'static str],
    /// Days after the money came in which it can be given back along the same way; `None` where it cannot.
    pub refund_days: Option<u32>,
}

/// Hours of a day, on Hong Kong's clocks; `from` may be later than `until`, for hours over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// First moment.
    pub from: Time,
    /// First moment after.
    pub until: Time,
}

impl Hours {
    /// Whether a wall-clock time lies in them.
    #[must_use]
    pub fn contains(self, at: Time) -> bool {
        if self.from <= self.until {
            self.from <= at && at < self.until
        } else {
            self.from <= at || at < self.until
        }
    }
}

/// Whether money is taken with the collection or by an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capture {
    /// What the payer approved is taken at once.
    AtOnce,
    /// The rail holds it ([`Finding::Accepted`](crate::Finding::Accepted)) until [`Ask::Capture`](crate::Ask::Capture).
    Apart,
}

/// How it is known that a rail has told all of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayReport {
    /// It tells of each collection as it happens: after the cut-off there is no more.
    Notices,
    /// It sends a file after the cut-off.
    File,
}

/// How what a rail collected reaches the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Business days from the day of the collection to the day by which the bank has it.
    pub business_days: u32,
    /// What one payment to the bank is for.
    pub paid: PaidOver,
}

/// What one payment of a rail to the bank is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaidOver {
    /// One collection: the bank's entry carries the collection's own reference.
    Each,
    /// All collections of one account that the rail said it would credit on one day.
    Day,
    /// A batch that the rail's settlement report describes.
    Reported,
}

/// What a rail costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// For each item, in minor units of the item's currency.
    pub per_item_minor: i64,
    /// Of the amount, in hundredths of a percent.
    pub basis_points: u32,
    /// When it is paid, and so how it is booked.
    pub paid: FeePaid,
}

/// When a rail's fee is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeePaid {
    /// By invoice: booked as owed with each receipt.
    ByInvoice,
    /// Kept back from what the rail pays us: booked with its payout.
    FromPayout,
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

/// How long a rail is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// A call without an answer for so long is given up, and its outcome unknown.
    pub call_millis: u32,
    /// Seconds from an unknown outcome to the first question about it; each later pause doubles.
    pub first_probe_secs: u32,
    /// No pause between two questions is longer.
    pub longest_pause_secs: u32,
    /// After so many questions without an answer the matter is put before a person as well; questions go on.
    pub probes_before_person: u32,
}

impl Patience {
    /// The pause before the question after `asked` ones, in seconds.
    #[must_use]
    pub fn pause_secs(&self, asked: u32) -> u32 {
        let doubled = 1_u32.checked_shl(asked.min(31)).unwrap_or(u32::MAX);
        self.first_probe_secs
            .saturating_mul(doubled)
            .clamp(1, self.longest_pause_secs.max(1))
    }
}

impl Profile {
    /// A rail that shows a presentation for fifteen minutes, takes Hong Kong dollars of any amount at any hour for
    /// nothing, and is asked before anything is sent again.
    #[must_use]
    pub const fn new(rail: RailId, name: &'static str, accounts: RailAccountCodes) -> Self {
        Self {
            rail,
            name,
            methods: &[],
            orders: &[OrderKind::Collect],
            currencies: &[Currency::Hkd],
            amount_min: 1,
            amount_max: 1_000_000_000,
            amount_step: 1,
            hours: None,
            receipt_cutoff: time(17, 0, 0, 0),
            day_report: DayReport::Notices,
            presentation_ttl_secs: 900,
            grace_secs: 60,
            close_after_secs: 0,
            capture: Capture::AtOnce,
            accounts,
            fee: Fee {
                per_item_minor: 0,
                basis_points: 0,
                paid: FeePaid::ByInvoice,
            },
            settlement: Settlement {
                business_days: 0,
                paid: PaidOver::Each,
            },
            resend: Resend::QueryFirst,
            patience: Patience {
                call_millis: 10_000,
                first_probe_secs: 5,
                longest_pause_secs: 3_600,
                probes_before_person: 8,
            },
            calls_at_once: 32,
            notice_types: &["application/json"],
            refund_days: None,
        }
    }

    /// Whether the rail takes this kind of order.
    #[must_use]
    pub fn takes(&self, kind: OrderKind) -> bool {
        self.orders.contains(&kind)
    }

    /// Judges an amount by the rail's currencies and limits.
    ///
    /// # Errors
    /// [`Refusal::CurrencyNotTaken`], [`Refusal::AmountTooSmall`], [`Refusal::AmountTooLarge`] or [`Refusal::AmountStep`].
    pub fn check_amount(&self, amount: Money) -> Result<(), Refusal> {
        let currency = amount.currency();
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
        let step = self.amount_step.max(1);
        if amount.minor().checked_rem(step) != Some(0) {
            return Err(Refusal::AmountStep {
                amount,
                step: Money::new(step, currency),
            });
        }
        Ok(())
    }

    /// The rules that every rail applies to a collection in the same way: the order kind, the currency, the
    /// limits, the step, the expiry, a payee and our reference. They are checked in this order, so that the answer
    /// is the same on all rails.
    ///
    /// # Errors
    /// [`Refusal::OrderNotTaken`], [`Refusal::CurrencyNotTaken`], [`Refusal::AmountTooSmall`],
    /// [`Refusal::AmountTooLarge`], [`Refusal::AmountStep`], [`Refusal::Expired`], [`Refusal::BadPayee`] or
    /// [`Refusal::BadReference`].
    pub fn check_collect(&self, collect: &Collect) -> Result<(), Refusal> {
        if !self.takes(OrderKind::Collect) {
            return Err(Refusal::OrderNotTaken {
                kind: OrderKind::Collect,
            });
        }
        self.check_amount(collect.amount)?;
        if collect.expires_at <= collect.asked_at {
            return Err(Refusal::Expired {
                expires_at: collect.expires_at,
                asked_at: collect.asked_at,
            });
        }
        let printable = |text: &str| !text.chars().any(char::is_control);
        if collect.payee.is_empty() || !printable(&collect.payee) {
            return Err(Refusal::BadPayee {
                problem: "it must not be empty, nor hold control characters".to_owned(),
            });
        }
        if !is_reference(&collect.reference) {
            return Err(Refusal::BadReference {
                problem: "it is EP and 18 characters of Crockford's base 32".to_owned(),
            });
        }
        Ok(())
    }
}
