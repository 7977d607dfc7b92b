//! Amounts, currencies, typed identifiers and business dates: the words every other crate speaks.
//!
//! Nothing here does IO, reads a clock or draws a random number. An amount is a whole number of minor
//! units (cents) with its currency; arithmetic is checked and a sum that does not fit is an error, never
//! a wrap; a division names its rounding. Decimal text appears only at the edges.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod calendar;
mod currency;
mod hong_kong;
mod ids;
mod money;
mod rounding;
mod typed;
mod written;

pub use calendar::{BusinessCalendar, CalendarError, HOLIDAYS_TEXT_MAX, HolidayTableError};
pub use currency::{Currency, UnknownCurrency};
pub use hong_kong::{
    FiscalYear, HONG_KONG, NotFiscalYear, fiscal_year, hong_kong_date, hong_kong_time,
    hong_kong_zone, is_on_time,
};
pub use ids::{
    BillId, BillTypeCode, BillerId, BreakId, IdError, JournalId, MessageId, PaymentId,
    PayoutAccountId, PersonId, ProposalId, RailId, RecallId, ReceiptId, RefundId,
    SettlementBatchId, StatementId, WebhookEndpointId,
};
pub use money::{Money, MoneyError};
pub use rounding::Rounding;
pub use typed::narrow;
pub use written::Language;
