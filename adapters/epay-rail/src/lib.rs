//! The contract every payment rail fulfils: orders, reports, findings, profile; no IO.
//!
//! A rail is a codec with a profile. [`Rail::encode`] turns one of our [`Order`]s into what leaves the
//! house; [`Rail::authenticate`] says whether what arrives is genuine; [`Rail::decode`] turns it into [`Report`]s;
//! [`Rail::profile`] says, as data, what the rail can do and within which limits. A rail has no clock, randomness,
//! connection or state, so that the same bytes always give the same reports: they can be fuzzed, replayed after a fix,
//! and read by an auditor.
//!
//! Three rules bind both sides:
//!
//! 1. A [`Refusal`] from `encode` means *certainly not sent*. Nothing else may be concluded from any other
//!    silence of a rail.
//! 2. `decode` takes untrusted bytes, never panics, and never lets one bad entry spoil its neighbours:
//!    what cannot be read comes back as an [`UnreadableEntry`] beside the reports.
//! 3. What a rail says in words that its code table does not list is [`Finding::Unclear`], never a guess.
//!
//! Personal data of a payer is carried for matching and refunds, and hidden from every `Debug`.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod door;
mod file;
mod inbound;
mod open;
mod order;
mod outbound;
mod printed;
mod profile;
mod rail;
mod recall;
mod reference;
mod refusal;
mod report;

pub use door::{Acknowledgement, Door, Genuine, NotGenuine, Unverified};
pub use file::{FileReader, WholeFile};
pub use inbound::{
    Decoded, Hint, Inbound, Origin, Payout, Unreadable, UnreadableEntry, UnreadableKind,
};
pub use open::OpenError;
pub use order::{
    Ask, Collect, Header, Instrument, Order, OrderKind, PayoutAccount, Question, Refund,
};
pub use outbound::{Call, HttpMethod, Outbound, Presentation, Seal};
pub use printed::PrintedCode;
pub use profile::{
    Capture, DayReport, Fee, FeePaid, Hours, PaidOver, Patience, Profile, RailAccountCodes, Resend,
    Settlement,
};
pub use rail::Rail;
pub use recall::{Recall, RecallNews, RecallWanted};
pub use reference::{REFERENCE_LENGTH, REFERENCE_PREFIX, find_reference, is_reference};
pub use refusal::Refusal;
pub use report::{Finding, Report};
