//! What may be asked of a payment, and when it is refused.

use epay_money::{Money, PaymentId, RailId, hong_kong_date};
use jiff::Timestamp;

use super::{Payment, PaymentEvent, PaymentPart, PaymentState};
use crate::bill::{Bill, BillState};
use crate::{BillType, Refusal};

/// A payment that a payer wants to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Its id, made by the caller.
    pub id: PaymentId,
    /// The rail.
    pub rail: RailId,
    /// The method on it.
    pub method: String,
    /// What to pay; all that is outstanding when unset.
    pub amount: Option<Money>,
    /// When it is asked for.
    pub asked_at: Timestamp,
    /// When the code stops being shown.
    pub expires_at: Timestamp,
}

/// Most bills that one payment pays.
pub const BILLS_MAX: usize = 20;

/// What may be asked of a started payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentAsk {
    /// Give it up where nobody else must agree.
    Cancel,
    /// Give it up at a rail that must agree.
    Close,
    /// Let go of what was authorised.
    Void,
    /// Take what was authorised.
    Capture {
        /// Minor units.
        minor: i64,
    },
    /// Send on what the payer handed over.
    Submit,
}

impl PaymentAsk {
    /// Every request, for tables and tests.
    pub const ALL: [Self; 5] = [
        Self::Cancel,
        Self::Close,
        Self::Void,
        Self::Capture { minor: 1 },
        Self::Submit,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Close => "close",
            Self::Void => "void",
            Self::Capture { .. } => "capture",
            Self::Submit => "submit",
        }
    }
}

/// What a new payment of this bill would be for.
///
/// # Errors
/// A paid or withdrawn bill, one that is paid here later or no longer, an amount that its kind does not allow, a rail that does not carry it.
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
    if let Some((opens, closes)) = bill.window(&bill_type.terms)
        && !(opens..=closes).contains(&hong_kong_date(new.asked_at))
    {
        return Err(Refusal::OutsideWindow { opens, closes });
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
    let part = amount.minor() < due.minor() && !bill.ends_an_instalment(amount.minor());
    if part && (bill_type.policy.exact_only || !bill_type.policy.part_allowed) {
        return Err(Refusal::PartNotAllowed { due });
    }
    Ok(amount)
}

/// What a new payment of these bills would be for: the sum, and each bill's share where there are several. Several
/// bills are paid in full, so that nobody has to guess which of them a part was meant for.
///
/// # Errors
/// As [`create`] for any of them; too many; bills that differ in department, kind or currency, or come twice.
pub fn create_for(
    bills: &[&Bill],
    bill_type: &BillType,
    new: &NewPayment,
) -> Result<(Money, Vec<PaymentPart>), Refusal> {
    let count = Refusal::BillCount { max: BILLS_MAX };
    match bills {
        [] => return Err(count),
        [alone] => return Ok((create(alone, bill_type, new)?, vec![])),
        several if several.len() > BILLS_MAX => return Err(count),
        _several => {}
    }
    let mut parts: Vec<PaymentPart> = Vec::with_capacity(bills.len());
    let mut sum = 0_i64;
    let mut currency = None;
    for bill in bills {
        let whole = NewPayment {
            amount: None,
            ..new.clone()
        };
        let share = create(bill, bill_type, &whole)?;
        let known = *currency.get_or_insert(share.currency());
        let twice = parts.iter().any(|part| part.bill == bill.id);
        if bill.bill_type != bill_type.code || known != share.currency() || twice {
            return Err(Refusal::BillsDiffer);
        }
        sum = sum.checked_add(share.minor()).ok_or(Refusal::BillsDiffer)?;
        parts.push(PaymentPart {
            bill: bill.id,
            minor: share.minor(),
        });
    }
    let due = Money::new(sum, currency.ok_or(count)?);
    match new.amount {
        Some(amount) if amount != due => Err(Refusal::PartOfSeveral { due }),
        Some(_) | None => Ok((due, parts)),
    }
}

/// Answers a request about a started payment.
///
/// # Errors
/// A payment can be given up only while the money is certainly still with the payer, or the rail can confirm that it
/// is; captured only while it is authorised; handed something only while it waits for it.
pub fn asked(payment: &Payment, ask: PaymentAsk) -> Result<Vec<PaymentEvent>, Refusal> {
    use PaymentState as S;
    match (payment.state, ask) {
        (S::Created | S::AwaitingPayer, PaymentAsk::Cancel) => Ok(vec![PaymentEvent::Cancelled]),
        (S::AwaitingPayer, PaymentAsk::Close) => Ok(vec![PaymentEvent::CloseAsked]),
        (S::Accepted, PaymentAsk::Void) => Ok(vec![PaymentEvent::VoidAsked]),
        (S::Accepted, PaymentAsk::Capture { minor }) => {
            Ok(vec![PaymentEvent::CaptureAsked { minor }])
        }
        (S::AwaitingPayer, PaymentAsk::Submit) => Ok(vec![PaymentEvent::Submitted]),
        // Asked twice: no news.
        (S::Cancelled | S::Closing, PaymentAsk::Cancel | PaymentAsk::Close | PaymentAsk::Void) => {
            Ok(vec![])
        }
        (_, PaymentAsk::Cancel | PaymentAsk::Close | PaymentAsk::Void) => {
            Err(Refusal::NotCancellable)
        }
        (_, PaymentAsk::Capture { .. }) => Err(Refusal::NotCapturable),
        (_, PaymentAsk::Submit) => Err(Refusal::NothingToHandOver),
    }
}
