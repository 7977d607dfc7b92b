//! What may still be refunded of one part of a receipt.

use epay_money::{BillerId, Currency, Money, ReceiptId};

use super::Source;
use crate::{Receipt, Refusal};

/// One part of a receipt, and how much of it refunds have taken. `0 <= taken <= received`, always; the database
/// holds the same rule.
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
        Money::new(
            self.received_minor.saturating_sub(self.taken_minor),
            self.currency,
        )
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

    /// The pot after a refund that was refused gave its share back.
    #[must_use]
    pub fn give_back(mut self, amount: Money) -> Self {
        self.taken_minor = self.taken_minor.saturating_sub(amount.minor()).max(0);
        self.version = self.version.saturating_add(1);
        self
    }
}
