//! Payments and the credits that arrived for them.

use epay_money::{BillerId, Money, PaymentId};
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bill::biller_of;
use super::{Unreadable, amount, amount_or_zero, date, time};

/// Where the money is, in as many words as pages need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentState {
    /// The payer must act.
    AwaitingPayer,
    /// Money may have moved.
    Unclear,
    Settled,
    Failed,
    Expired,
    Cancelled,
}

/// A code to show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Code {
    pub(crate) payload: String,
    pub(crate) payee_name: Option<v1::LocalizedText>,
    pub(crate) amount_editable: bool,
}

/// A credit that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credit {
    pub(crate) rail: String,
    pub(crate) rail_reference: String,
    pub(crate) amount: Money,
    pub(crate) applied: Money,
    pub(crate) overpaid: Money,
    pub(crate) duplicate: Money,
    pub(crate) unapplied: Money,
    pub(crate) instructed_at: Timestamp,
    pub(crate) business_date: Date,
    pub(crate) on_time: bool,
}

/// One attempt to pay a bill.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payment {
    pub(crate) biller: BillerId,
    pub(crate) id: PaymentId,
    /// Resource name of the bill.
    pub(crate) bill: String,
    /// The reference that the payer keeps.
    pub(crate) reference: String,
    pub(crate) rail: String,
    pub(crate) amount: Money,
    pub(crate) state: PaymentState,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) code: Option<Code>,
    pub(crate) credits: Vec<Credit>,
    pub(crate) version: i64,
    pub(crate) is_final: bool,
    pub(crate) kind: String,
    /// Masked.
    pub(crate) bill_number: String,
}

impl Payment {
    pub(crate) fn read(payment: v1::Payment) -> Result<Self, Unreadable> {
        let field = "payment.name";
        let id = payment
            .name
            .rsplit_once("/payments/")
            .and_then(|(_, id)| id.parse().ok())
            .ok_or(Unreadable { field })?;
        let state = state(payment.state())?;
        let asked = amount("payment.amount", payment.amount)?;
        let mut credits: Vec<Credit> = payment
            .receipts
            .into_iter()
            .map(credit)
            .collect::<Result<_, _>>()?;
        // In the order in which they were paid; of two at the same time, the one that paid the bill.
        credits.sort_by_key(|credit| (credit.instructed_at, !credit.applied.is_positive()));
        let code = payment
            .next_action
            .and_then(|next| next.action)
            .map(|action| match action {
                v1::next_action::Action::ShowQr(qr) => Code {
                    payload: qr.payload,
                    payee_name: qr.payee_name,
                    amount_editable: qr.amount_editable,
                },
            });
        Ok(Self {
            biller: biller_of(field, &payment.name)?,
            id,
            bill: payment.bill,
            reference: payment.reference,
            rail: payment.rail,
            amount: asked,
            state,
            expires_at: match payment.expire_time {
                None => None,
                Some(at) => Some(time("payment.expire_time", Some(&at))?),
            },
            code,
            credits,
            version: payment.version,
            is_final: payment.r#final,
            kind: payment.bill_type,
            bill_number: payment.bill_number,
        })
    }
}

fn state(state: v1::PaymentState) -> Result<PaymentState, Unreadable> {
    match state {
        v1::PaymentState::AwaitingPayer => Ok(PaymentState::AwaitingPayer),
        v1::PaymentState::Created
        | v1::PaymentState::Submitting
        | v1::PaymentState::Unclear
        | v1::PaymentState::Accepted => Ok(PaymentState::Unclear),
        v1::PaymentState::Settled => Ok(PaymentState::Settled),
        v1::PaymentState::Failed => Ok(PaymentState::Failed),
        v1::PaymentState::Expired => Ok(PaymentState::Expired),
        v1::PaymentState::Cancelled => Ok(PaymentState::Cancelled),
        v1::PaymentState::Unspecified => Err(Unreadable {
            field: "payment.state",
        }),
    }
}

fn credit(receipt: v1::Receipt) -> Result<Credit, Unreadable> {
    let arrived = amount("receipt.amount", receipt.amount)?;
    let part = |field, given| amount_or_zero(field, given, arrived.currency());
    Ok(Credit {
        rail: receipt.rail,
        rail_reference: receipt.rail_reference,
        amount: arrived,
        applied: part("receipt.applied", receipt.applied)?,
        overpaid: part("receipt.overpaid", receipt.overpaid)?,
        duplicate: part("receipt.duplicate", receipt.duplicate)?,
        unapplied: part("receipt.unapplied", receipt.unapplied)?,
        instructed_at: time("receipt.instructed_time", receipt.instructed_time.as_ref())?,
        business_date: date(
            "receipt.receipt_business_date",
            receipt.receipt_business_date,
        )?,
        on_time: receipt.on_time,
    })
}
