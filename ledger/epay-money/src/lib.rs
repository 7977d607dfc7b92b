//! Amounts, currencies, typed identifiers and business dates: the words every other crate speaks.
//!
//! Nothing here does IO, reads a clock or draws a random number. An amount is a whole number of minor
//! units (cents) with its currency; arithmetic is checked and a sum that does not fit is an error, never
//! a wrap; a division names its rounding. Decimal text appears only at the edges.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod calendar;
mod currency;
mod ids;
mod money;

pub use calendar::{BusinessCalendar, CalendarError, hong_kong_date, is_on_time};
pub use currency::{Currency, UnknownCurrency};
pub use ids::{
    BillId, BillTypeCode, BillerId, IdError, JournalId, MessageId, PaymentId, RailId, ReceiptId,
};
pub use money::{Money, MoneyError};
