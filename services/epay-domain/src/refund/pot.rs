//! What may still be refunded of one part of a receipt, and what becomes of that when the payer's bank takes money back.
//!
//! Money leaves a part in two ways: refunds take it, and the payer's bank takes it back (a dispute, a promise that was
//! returned after it counted). Neither may give the same cent twice. A refund that asks for too much is refused; what a bank
//! took back is a fact, so where refunds had taken the money before, the part is short by that much: nothing of the
//! payment is refunded while it lasts. A bank speaks of a payment, not of a part, so [`reclaim`] and [`restore`] work on all
//! parts of all its receipts; for them `left = received - taken - reclaimed`, and never less than nothing, always holds.

use epay_money::{BillerId, Currency, Money, ReceiptId};

use super::Source;
use crate::{Receipt, Refusal};

/// One part of a receipt, and how much of it is gone. `taken + reclaimed <= received` and `short <= taken`, always; the
/// database holds the same rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pot {
    /// The department.
    pub biller: BillerId,
    /// The receipt.
    pub receipt: ReceiptId,
    /// Which part of it.
    pub source: Source,
    /// Its currency.
    pub currency: Currency,
    /// Minor units that came in.
    pub received_minor: i64,
    /// Minor units that refunds have taken, whether paid yet or not.
    pub taken_minor: i64,
    /// Minor units that the payer's bank took back while they were here.
    pub reclaimed_minor: i64,
    /// Minor units that the payer's bank took back although refunds had taken them.
    pub short_minor: i64,
    /// Counts changes: a writer names the version that it saw.
    pub version: i32,
}

/// The parts of a receipt that hold money, before any refund.
#[must_use]
pub fn pots(receipt: &Receipt) -> Vec<Pot> {
    Source::ALL
        .into_iter()
        .map(|source| {
            let received_minor = match source {
                Source::Unapplied => receipt.unapplied_minor,
                Source::Overpaid => receipt.overpaid_minor,
                Source::Duplicate => receipt.duplicate_minor,
                Source::Applied => receipt.applied_minor,
            };
            Pot {
                biller: receipt.biller.clone(),
                receipt: receipt.id,
                source,
                currency: receipt.amount.currency(),
                received_minor,
                taken_minor: 0,
                reclaimed_minor: 0,
                short_minor: 0,
                version: 0,
            }
        })
        .filter(|pot| pot.received_minor > 0)
        .collect()
}

impl Pot {
    /// What is left.
    #[must_use]
    pub const fn left(&self) -> Money {
        Money::new(self.left_minor(), self.currency)
    }

    const fn left_minor(&self) -> i64 {
        self.received_minor
            .saturating_sub(self.taken_minor)
            .saturating_sub(self.reclaimed_minor)
    }

    /// The pot after a refund took from it.
    ///
    /// # Errors
    /// [`Refusal::AmountNotPositive`], [`Refusal::WrongCurrency`], and [`Refusal::NotRefundable`] with what is left.
    pub fn take(mut self, amount: Money) -> Result<Self, Refusal> {
        let left = self.left();
        if amount.currency() != self.currency {
            return Err(Refusal::WrongCurrency);
        }
        if !amount.is_positive() {
            return Err(Refusal::AmountNotPositive);
        }
        if amount.minor() > left.minor() {
            return Err(Refusal::NotRefundable { left });
        }
        self.taken_minor = self.taken_minor.saturating_add(amount.minor());
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// The pot after a refund that was refused gave its share back. What the pot was short by is mended first.
    #[must_use]
    pub fn give_back(mut self, amount: Money) -> Self {
        self.taken_minor = self.taken_minor.saturating_sub(amount.minor()).max(0);
        let mended = self.short_minor.min(self.left_minor());
        self.short_minor = self.short_minor.saturating_sub(mended);
        self.reclaimed_minor = self.reclaimed_minor.saturating_add(mended);
        self.version = self.version.saturating_add(1);
        self
    }
}

/// What the payer's bank took back and the parts could not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unheld {
    /// Minor units that refunds had taken: they went out twice.
    pub short_minor: i64,
    /// Minor units that no part ever held: carried forward to the department, or never received.
    pub beyond_minor: i64,
}

/// The payer's bank took money of a payment back: each part gives what it has left, in order; only then are parts short
/// by what refunds had taken of them.
pub fn reclaim(pots: &mut [Pot], minor: i64) -> Unheld {
    let after_left = each(pots, minor, Pot::left_minor, |pot, part| {
        pot.reclaimed_minor = pot.reclaimed_minor.saturating_add(part);
    });
    let not_short_yet = |pot: &Pot| pot.taken_minor.saturating_sub(pot.short_minor);
    let beyond_minor = each(pots, after_left, not_short_yet, |pot, part| {
        pot.short_minor = pot.short_minor.saturating_add(part);
    });
    Unheld {
        short_minor: after_left.saturating_sub(beyond_minor),
        beyond_minor,
    }
}

/// The payer's bank brought money of a payment again, of which it had `away_minor` before: what no part gave comes back
/// first, then what parts are short by is mended, and only then has each part its own back.
pub fn restore(pots: &mut [Pot], away_minor: i64, minor: i64) {
    let gone = pots.iter().fold(0_i64, |sum, pot| {
        sum.saturating_add(pot.reclaimed_minor)
            .saturating_add(pot.short_minor)
    });
    let beyond = away_minor.saturating_sub(gone).max(0);
    let after_short = each(
        pots,
        minor.saturating_sub(beyond),
        |pot| pot.short_minor,
        |pot, part| pot.short_minor = pot.short_minor.saturating_sub(part),
    );
    each(
        pots,
        after_short,
        |pot| pot.reclaimed_minor,
        |pot, part| pot.reclaimed_minor = pot.reclaimed_minor.saturating_sub(part),
    );
}

/// Mends what some parts of a payment are short by with what others have left: nothing is refunded of one while another
/// is short.
pub fn even_out(pots: &mut [Pot]) {
    let (short, left) = pots.iter().fold((0_i64, 0_i64), |(short, left), pot| {
        let (own_short, own_left) = (pot.short_minor, pot.left_minor());
        (
            short.saturating_add(own_short),
            left.saturating_add(own_left),
        )
    });
    let moved = short.min(left);
    each(
        pots,
        moved,
        |pot| pot.short_minor,
        |pot, part| pot.short_minor = pot.short_minor.saturating_sub(part),
    );
    each(pots, moved, Pot::left_minor, |pot, part| {
        pot.reclaimed_minor = pot.reclaimed_minor.saturating_add(part);
    });
}

/// Whether refunds took money of a payment that its bank took back as well.
#[must_use]
pub fn is_short(pots: &[Pot]) -> bool {
    pots.iter().any(|pot| pot.short_minor > 0)
}

/// Spreads `minor` over the pots in order, each as much as it has room for. Answers what found no room.
fn each(
    pots: &mut [Pot],
    minor: i64,
    room: impl Fn(&Pot) -> i64,
    change: impl Fn(&mut Pot, i64),
) -> i64 {
    let mut rest = minor.max(0);
    for pot in pots {
        let part = rest.min(room(pot)).max(0);
        if part > 0 {
            change(pot, part);
            pot.version = pot.version.saturating_add(1);
            rest = rest.saturating_sub(part);
        }
    }
    rest
}
