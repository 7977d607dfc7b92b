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
//! | `sweep` | 1010 | clearing, or 1180 |
//! | `match_unapplied` | 2110 | 2010 lines |
//! | `credit_forward` | 2120 | 2010 line |
//! | `refund_approved` | 2110, 2120 or 2130 | 2140 |
//! | `refund_of_applied` | 1230 | 2140 |
//! | `refund_sent` | 2140 | 2150 |
//! | `refund_debited` | 2150 | 1010, or 1190 |
//! | `refund_netted` | 2150 | clearing |
//! | `refund_rejected` | 2150 | 2140 |
//! | `refund_came_back` | 1180 or clearing | 2140 |
//! | `clawback` | 2010 lines | 1230 |
//! | `authorisation` | 9010 | 9020 |
//! | `conditional` | 1150 | 2160 |
//! | `receipt` (of a promise that was honoured) | 2160 | 2010 lines, 2120, 2130, 2110 |
//! | `promise_honoured` | 1180 | 1150 |
//! | `returned_unpaid` | 1230, 2120, 2130, 2110 | 1180 |
//! | `return_debited` | 1180 | 1010, or 1190 |
//! | `debit_short` | 2150 or 1180 | 2190 |
//! | `settlement` | 1010, 5010, and 1190 when it is short | clearing, and 2190 when it is over |
//! | `shortfall_received` | 1010 | 1190 |
//! | `surplus_returned` | 2190 | 1010 |
//! | `unidentified_credit` | 1010 | 2190 |
//! | `unexpected_debit` | 1190 | 1010 |
//! | `settlement` (of a credit that was identified later) | 2190, 5010 | clearing |
//! | `debit_identified` | 2310 or 2010 lines | 1190 |
//! | `held_to_suspense` | 2190 | 2110 |
//! | `write_off` | 5090 | clearing, 1190 or 1210; the other way round for 2190 |
//! | `department_claim` | 1230 | clearing, 1190 or 1210 |
//! | `fee_claimed` | 1190 | 5010 |
//! | `chargeback` | 1210, 5020 | clearing; the other way round when it is won; 1230 / 1210 when it is lost |
//! | `reversal` | the mirror of an earlier journal | |

mod authorisation;
mod chargeback;
mod clawback;
mod conditional;
mod credit_forward;
mod debit_identified;
mod debit_short;
mod department_claim;
mod fee_accrual;
mod fee_claimed;
mod held_to_suspense;
mod match_unapplied;
mod parts;
mod promise_honoured;
mod receipt;
mod refund_approved;
mod refund_came_back;
mod refund_debited;
mod refund_netted;
mod refund_of_applied;
mod refund_rejected;
mod refund_sent;
mod return_debited;
mod returned_unpaid;
pub(crate) mod reversal;
mod settlement;
mod shortfall_received;
mod surplus_returned;
mod sweep;
mod unexpected_debit;
mod unidentified_credit;
mod write_off;

pub use authorisation::authorisation;
pub use chargeback::{chargeback, chargeback_lost, chargeback_reversed};
pub use clawback::clawback;
pub use conditional::conditional;
pub use credit_forward::credit_forward;
pub use debit_identified::{debit_was_fee_invoice, debit_was_remittance};
pub use debit_short::debit_short;
pub use department_claim::department_claim;
pub use fee_accrual::fee_accrual;
pub use fee_claimed::fee_claimed;
pub use held_to_suspense::held_to_suspense;
pub use match_unapplied::match_unapplied;
pub use parts::{Line, RailAccounts};
pub use promise_honoured::promise_honoured;
pub use receipt::{ReceiptParts, conditional_receipt, receipt};
pub use refund_approved::refund_approved;
pub use refund_came_back::refund_came_back;
pub use refund_debited::refund_debited;
pub use refund_netted::refund_netted;
pub use refund_of_applied::refund_of_applied;
pub use refund_rejected::refund_rejected;
pub use refund_sent::refund_sent;
pub use return_debited::return_debited;
pub use returned_unpaid::{ReturnedParts, returned_unpaid};
pub use reversal::reversal;
pub use settlement::{SettlementParts, settlement};
pub use shortfall_received::shortfall_received;
pub use surplus_returned::surplus_returned;
pub use sweep::sweep;
pub use unexpected_debit::unexpected_debit;
pub use unidentified_credit::unidentified_credit;
pub use write_off::write_off;
