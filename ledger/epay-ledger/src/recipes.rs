//! The recipes: every way money can move, one file each.
//!
//! A recipe takes configured accounts and decided amounts and returns a [`Draft`](crate::Draft); it decides nothing itself.
//! Amounts are minor units of the given currency. An account that cannot stand in the place it is given for
//! is refused ([`LedgerError::WrongAccount`](crate::LedgerError::WrongAccount)), so that a wrong configuration never posts.
//!
//! | file | debit | credit |
//! | --- | --- | --- |
//! | `receipt` | clearing | 2010 lines, 2120, 2130, 2110 |
//! | `fee_accrual` | 5010 | 2310 |
//! | `sweep` | 1010 | clearing |
//! | `remittance` | 2010 lines | 1010 |
//! | `fee_invoice` | 2310 | 1010 |
//! | `match_unapplied` | 2110 | 2010 lines |
//! | `credit_forward` | 2120 | 2010 line |
//! | `refund_approved` | 2110, 2120 or 2130 | 2140 |
//! | `refund_of_applied` | 1230 | 2140 |
//! | `refund_sent` | 2140 | 2150 |
//! | `refund_debited` | 2150 | 1010 |
//! | `refund_netted` | 2150 | clearing |
//! | `refund_rejected` | 2150 | 2140 |
//! | `refund_came_back` | 1010 or clearing | 2140 |
//! | `clawback` | 2010 lines | 1230 |
//! | `authorisation` | 9010 | 9020 |
//! | `conditional` | 1150 | 2160 |
//! | `receipt` (of a promise that was honoured) | 2160 | 2010 lines, 2120, 2130, 2110 |
//! | `returned_unpaid` | 1230, 2120, 2130, 2110 | 1010 |
//! | `payout` | 1010, 5010 | clearing |
//! | `chargeback` | 1210, 5020 | clearing; the other way round when it is won |
//! | `reversal` | the mirror of an earlier journal | |

mod authorisation;
mod chargeback;
mod clawback;
mod conditional;
mod credit_forward;
mod fee_accrual;
mod fee_invoice;
mod match_unapplied;
mod parts;
mod payout;
mod receipt;
mod refund_approved;
mod refund_came_back;
mod refund_debited;
mod refund_netted;
mod refund_of_applied;
mod refund_rejected;
mod refund_sent;
mod remittance;
mod returned_unpaid;
pub(crate) mod reversal;
mod sweep;

pub use authorisation::authorisation;
pub use chargeback::{chargeback, chargeback_reversed};
pub use clawback::clawback;
pub use conditional::conditional;
pub use credit_forward::credit_forward;
pub use fee_accrual::fee_accrual;
pub use fee_invoice::fee_invoice;
pub use match_unapplied::match_unapplied;
pub use parts::{Line, RailAccounts};
pub use payout::payout;
pub use receipt::{ReceiptParts, conditional_receipt, receipt};
pub use refund_approved::refund_approved;
pub use refund_came_back::refund_came_back;
pub use refund_debited::refund_debited;
pub use refund_netted::refund_netted;
pub use refund_of_applied::refund_of_applied;
pub use refund_rejected::refund_rejected;
pub use refund_sent::refund_sent;
pub use remittance::remittance;
pub use returned_unpaid::{ReturnedParts, returned_unpaid};
pub use reversal::reversal;
pub use sweep::sweep;
