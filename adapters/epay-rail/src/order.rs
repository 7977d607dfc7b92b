//! What we ask of a rail, and what the rail makes of it.
//!
//! [`Order`] and [`Outbound`] are closed: a new ability is a new variant, and the compiler then lists every
//! rail and caller that must have an opinion about it. Optional abilities are data
//! ([`Profile::orders`](crate::Profile::orders)), so that no rail ever answers "not implemented".

use epay_money::Money;
use jiff::Timestamp;

/// Something that we ask of a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Ask a payer for money.
    Collect(Collect),
}

/// The kinds of order, for [`Profile::orders`](crate::Profile::orders).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// [`Order::Collect`].
    Collect,
}

impl OrderKind {
    /// The word for logs and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
        }
    }
}

impl Order {
    /// Which kind of order it is.
    #[must_use]
    pub const fn kind(&self) -> OrderKind {
        match self {
            Self::Collect(_) => OrderKind::Collect,
        }
    }
}

/// A request for a payer's money, made for one attempt to pay one bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collect {
    /// The biller's identifier on this rail.
    pub payee: String,
    /// What the payer is asked for.
    pub amount: Money,
    /// Whether the payer may change the amount (bill types that allow part-payment).
    pub amount_editable: bool,
    /// Our reference of this attempt, as [`is_reference`](crate::is_reference) describes it. At most 25
    /// characters `A-Z0-9`, which is the shortest field it must fit on any rail (EMV QR 62/05).
    pub reference: String,
    /// The department's bill number, for rails that can show or carry it beside our reference.
    pub bill_number: String,
    /// When the attempt was asked for. Rails have no clock, so the moment arrives with the order.
    pub asked_at: Timestamp,
    /// When the presentation stops being valid. Always after `asked_at`.
    pub expires_at: Timestamp,
}

/// What an order became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outbound {
    /// Nothing leaves for the rail: the payer is shown something and acts on it.
    Present(Presentation),
}

/// What the payer is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presentation {
    /// A QR code.
    Qr {
        /// The text inside the symbol, exactly; the caller draws it.
        payload: String,
    },
}
