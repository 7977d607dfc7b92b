//! Reads a bank's debit and credit notices (ISO 20022 `camt.054.001.xx`) into [`Movement`]s, and what it says of
//! payment orders (`pain.002.001.xx`) into [`OrderStatus`]es, requests to have payments back (`camt.056.001.xx`) into
//! [`RecallRequest`]s and the answers to them (`camt.029.001.xx`) into a [`Resolution`].
//! payment orders (`pain.002.001.xx`) into [`OrderStatus`]es. Statements and account reports of any size (`camt.053`,
//! `camt.052`, and `camt.054` again) are read piece by piece by [`statement::StatementReader`].
//!
//! Bytes come in and movements of money come out; what a movement means for anybody's payments is the caller's
//! business, and no type of a payment gateway occurs here. The reading has no IO, clock or state: the same bytes always
//! give the same answer. Bytes are untrusted: sizes, depth, entries and texts are bounded, document types and entities
//! are refused, and no entry can spoil its neighbours.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod dates;
mod fault;
mod limits;
mod movement;
mod notice;
mod recall;
mod remittance;
mod resolution;
pub mod statement;
mod status;
mod stream;
mod unreadable;
mod xml;

pub use movement::{Direction, Movement};
pub use notice::{Notice, read_notice};
pub use recall::{RecallRequest, RecallRequests, read_recall};
pub use remittance::Remittance;
pub use resolution::{Resolution, read_resolution};
pub use status::{OrderStatus, StatusReport, read_status_report};
pub use unreadable::{BadEntry, Unreadable, UnreadableKind};
