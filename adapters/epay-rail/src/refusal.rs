//! Why a rail will not carry an order. Every refusal means: certainly not sent.

use epay_money::{Currency, Money};
use jiff::{Timestamp, civil::Time};

use crate::OrderKind;

/// Why an order was not encoded. Nothing left the house, so another attempt or another rail is safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The rail has no such ability; [`Profile::orders`](crate::Profile::orders) says so beforehand.
    #[error("this rail does not take {} orders", kind.as_str())]
    OrderNotTaken {
        /// The kind of order that was asked for.
        kind: OrderKind,
    },
    /// The rail does not carry the currency.
    #[error("this rail does not carry {currency}")]
    CurrencyNotTaken {
        /// The currency of the order.
        currency: Currency,
    },
    /// The amount is below the rail's limit, or not positive.
    #[error("{amount} is below this rail's least amount of {least}")]
    AmountTooSmall {
        /// What was asked for.
        amount: Money,
        /// The rail's lower limit.
        least: Money,
    },
    /// The amount is above the rail's limit.
    #[error("{amount} is above this rail's limit of {most}")]
    AmountTooLarge {
        /// What was asked for.
        amount: Money,
        /// The rail's upper limit.
        most: Money,
    },
    /// The amount is not a whole number of the rail's smallest coins, and the rail is set to carry no other.
    #[error("{amount} is not a multiple of {step}, which is the least step of this rail")]
    AmountStep {
        /// What was asked for.
        amount: Money,
        /// The rail's smallest coin.
        step: Money,
    },
    /// The rail begins no collection at this hour.
    #[error("this rail takes no new payment now; it opens at {opens}")]
    ClosedNow {
        /// When it opens again, on Hong Kong's clocks.
        opens: Time,
    },
    /// The presentation would be invalid from the start.
    #[error("the order asked for at {asked_at} would have expired at {expires_at}")]
    Expired {
        /// When it was to expire.
        expires_at: Timestamp,
        /// When it was asked for.
        asked_at: Timestamp,
    },
    /// The biller's identifier is not one that this rail knows.
    #[error("the biller's identifier on this rail is not valid: {problem}")]
    BadPayee {
        /// What an identifier must look like; never the identifier itself.
        problem: String,
    },
    /// Our reference does not have the shape that this rail carries.
    #[error("the reference is not valid: {problem}")]
    BadReference {
        /// What a reference must look like.
        problem: String,
    },
    /// What the payer handed over cannot be taken: it is not genuine, not whole, not for us or not for this amount.
    #[error("what was handed over cannot be taken ({code}): {problem}")]
    BadInstrument {
        /// A stable word for the rule that was broken, from the rail's own table.
        code: &'static str,
        /// What is wrong with it, for the payer. Never quotes it.
        problem: String,
    },
    /// Another field of the order does not fit the rail's format.
    #[error("the {field} cannot be carried by this rail: {problem}")]
    BadField {
        /// The field of the order.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Refusal {
    /// A stable word for logs, counters and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrderNotTaken { .. } => "order_not_taken",
            Self::CurrencyNotTaken { .. } => "currency_not_taken",
            Self::AmountTooSmall { .. } => "amount_too_small",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::AmountStep { .. } => "amount_step",
            Self::ClosedNow { .. } => "closed_now",
            Self::Expired { .. } => "expired",
            Self::BadPayee { .. } => "bad_payee",
            Self::BadReference { .. } => "bad_reference",
            Self::BadInstrument { .. } => "bad_instrument",
            Self::BadField { .. } => "bad_field",
        }
    }
}
