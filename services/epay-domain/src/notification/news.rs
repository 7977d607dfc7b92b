//! News of money: what came, what did not, what was sent back. Told once, at once, or not at all.

use epay_money::{Money, PaymentId};
use epay_notice::{Details, Kind, Reference, Value};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Occasion, Planned};
use crate::Receipt;
use crate::refund::Refund;

/// News that could not be told for so long are none.
pub const NEWS_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Characters of an id that stand for it where there is no other reference.
const ID_CHARACTERS: usize = 20;

/// Something that happened to money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyNews {
    /// What is told.
    pub kind: Kind,
    /// The receipt, payment or refund that it is about: of one of them a kind is told once.
    pub about: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What a text says of it.
    pub details: Details,
}

/// A payment that ended without money, as far as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedPayment {
    /// Its id.
    pub id: PaymentId,
    /// What was to be paid for the bill.
    pub amount: Money,
    /// The number that the payer keeps.
    pub reference: crate::Reference,
    /// It was an e-Cheque, and came back.
    pub dishonoured: bool,
    /// When it ended.
    pub at: Timestamp,
}

impl MoneyNews {
    /// Money came. Its payer knows the payment's number, or the one that the bank gave it.
    #[must_use]
    pub fn received(receipt: &Receipt) -> Self {
        let number = receipt.payment.map_or_else(
            || receipt.rail_reference.clone(),
            |payment| crate::Reference::of(payment).as_str().to_owned(),
        );
        let about = receipt.id.uuid();
        Self {
            kind: Kind::PaymentReceived,
            about,
            at: receipt.created_at,
            details: of_amount(receipt.amount, number, about)
                .with(Value::PaidAt(receipt.instructed_at)),
        }
    }

    /// A payment ended, and no money came or what was promised came back.
    #[must_use]
    pub fn ended(payment: &EndedPayment) -> Self {
        let about = payment.id.uuid();
        Self {
            kind: if payment.dishonoured {
                Kind::ChequeDishonoured
            } else {
                Kind::PaymentFailed
            },
            about,
            at: payment.at,
            details: of_amount(payment.amount, payment.reference.as_str().to_owned(), about),
        }
    }

    /// Money was sent back.
    #[must_use]
    pub fn refunded(refund: &Refund) -> Self {
        let about = refund.id.uuid();
        let number = refund.payment.map_or_else(String::new, |payment| {
            crate::Reference::of(payment).as_str().to_owned()
        });
        Self {
            kind: Kind::RefundSent,
            about,
            at: refund.changed_at,
            details: of_amount(refund.amount, number, about),
        }
    }

    /// When it is told; nothing at the end of all time.
    #[must_use]
    pub fn planned(&self) -> Option<Planned> {
        Some(Planned {
            kind: self.kind,
            occasion: Occasion::News { about: self.about },
            not_before: self.at,
            expires_at: self.at.checked_add(NEWS_WITHIN).ok()?,
        })
    }
}

fn of_amount(amount: Money, number: String, id: Uuid) -> Details {
    let details = Details::default().with(Value::Amount(amount));
    match Reference::try_from(number).or_else(|_fault| Reference::try_from(end_of(id))) {
        Ok(reference) => details.with(Value::Reference(reference)),
        Err(_fault) => details,
    }
}

/// The end of an id, which is the random part of it.
fn end_of(id: Uuid) -> String {
    let text = id.simple().to_string();
    let from = text.len().saturating_sub(ID_CHARACTERS);
    text.get(from..).unwrap_or_default().to_ascii_uppercase()
}
