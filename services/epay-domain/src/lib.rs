//! Bills, payments and receipts as pure functions: what may be asked, what is told, what follows.
//!
//! Each aggregate has two entrances. `asked` takes a request and may refuse it with a typed reason; `told`
//! takes a fact (money came, time passed) and never refuses: facts are recorded, however unwelcome. Both
//! return events; `apply` folds an event into the state; `effects` says what the world must now hear.
//! States say where the money is, events say why. Time, ids and amounts arrive as arguments.
//!
//! A credit that a rail reports touches a bill, a payment and the ledger at once: [`credit::decide`] puts
//! the three together, so that the shell only reads, calls and writes.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used
)]

pub mod bill;
mod bill_type;
pub mod credit;
pub mod day;
mod effect;
pub mod notification;
mod number;
pub mod open_data;
pub mod payment;
pub mod promise;
pub mod proposal;
pub mod recall;
mod receipt;
pub mod reconciliation;
mod reference;
pub mod refund;
mod refusal;
pub mod routing;
pub mod rules;
pub mod statement;
pub mod webhook;

pub use bill_type::{
    AccountDigits, BillType, DueDates, FACTOR_CHARACTERS_MAX, INSTALMENTS_MAX, InstalmentPolicy,
    KindFault, LateRule, LineName, LocalizedText, OverPolicy, PartPolicy, PayWindow, Payee, Policy,
    SecondFactor, SecondFactorKind, TEXT_CHARACTERS_MAX, Terms, check_kinds,
};
pub use effect::{Effect, PublicEvent, PublicEventKind};
pub use number::{CheckDigit, NumberError, NumberRule};
pub use receipt::{HoldReason, MatchedBy, Receipt};
pub use reference::Reference;
pub use refusal::Refusal;
