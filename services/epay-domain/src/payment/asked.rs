//! What may be asked of a payment, and when it is refused.

use epay_money::{Money, PaymentId, RailId};
use jiff::Timestamp;

use super::{Payment, PaymentEvent, PaymentState};
use crate::bill::{Bill, BillState};
use crate::{BillType, Refusal};

/// A payment that a payer wants to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Its id, made by the caller.
    pub id: PaymentId,
    /// The rail.
    pub rail: RailId,
    /// What to pay; all that is outstanding when unset.
    pub amount: Option<Money>,
    /// When the code stops being shown.
    pub expires_at: Timestamp,
}

/// What may be asked of a started payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentAsk {
    /// Give it up.
    Cancel,
}

impl PaymentAsk {
    /// Every request, for tables and tests.
    pub const ALL: [Self; 1] = [Self::Cancel];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
        }
    }
}

/// What a new payment of this bill would be for.
///
/// # Errors
/// A paid or withdrawn bill, an amount that its kind does not allow, a rail that does not carry it.
pub fn create(bill: &Bill, bill_type: &BillType, new: &NewPayment) -> Result<Money, Refusal> {
    match bill.state {
        BillState::Paid => {
            return Err(Refusal::BillPaid {
                paid_at: bill.paid_at.unwrap_or(bill.created_at),
            });
        }
        BillState::Withdrawn => return Err(Refusal::BillWithdrawn),
        BillState::Open | BillState::PartPaid => {}
    }
    if bill_type.payee(&new.rail).is_none() {
        return Err(Refusal::MethodNotOffered);
    }
    let due = bill.outstanding();
    let amount = new.amount.unwrap_or(due);
    if amount.currency() != due.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if !amount.is_positive() {
        return Err(Refusal::AmountNotPositive);
    }
    if amount.minor() > due.minor() {
        return Err(Refusal::AmountTooHigh { max: due });
    }
    let part = amount.minor() < due.minor();
    if part && (bill_type.policy.exact_only || !bill_type.policy.part_allowed) {
        return Err(Refusal::PartNotAllowed { due });
    }
    Ok(amount)
}

/// Answers a request about a started payment.
///
/// # Errors
/// A payment can be given up only while the money is certainly still with the payer.
pub fn asked(payment: &Payment, ask: PaymentAsk) -> Result<Vec<PaymentEvent>, Refusal> {
    match (payment.state, ask) {
        (PaymentState::Created | PaymentState::AwaitingPayer, PaymentAsk::Cancel) => {
            Ok(vec![PaymentEvent::Cancelled])
        }
        // Asked twice: no news.
        (PaymentState::Cancelled, PaymentAsk::Cancel) => Ok(vec![]),
        (
            PaymentState::Submitting
            | PaymentState::Unclear
            | PaymentState::Accepted
            | PaymentState::Settled
            | PaymentState::Failed
            | PaymentState::Expired,
            PaymentAsk::Cancel,
        ) => Err(Refusal::NotCancellable),
    }
}
