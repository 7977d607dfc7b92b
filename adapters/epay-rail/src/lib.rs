//! The contract every payment rail fulfils: orders, reports, findings, profile; no IO.
//!
//! A rail is a codec with a profile. [`Rail::encode`] turns one of our [`Order`]s into what leaves the
//! house; [`Rail::decode`] turns what arrives into [`Report`]s; [`Rail::profile`] says, as data, what the
//! rail can do and within which limits. A rail has no clock, randomness, connection or state, so that the
//! same bytes always give the same reports: they can be fuzzed, replayed after a fix, and read by an auditor.
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

mod inbound;
mod open;
mod order;
mod profile;
mod reference;
mod refusal;
mod report;

pub use inbound::{Decoded, Inbound, Unreadable, UnreadableEntry, UnreadableKind};
pub use open::OpenError;
pub use order::{Collect, Order, OrderKind, Outbound, Presentation};
pub use profile::{Profile, RailAccountCodes, Resend};
pub use reference::{REFERENCE_LENGTH, REFERENCE_PREFIX, find_reference, is_reference};
pub use refusal::Refusal;
pub use report::{Finding, Report};

/// A payment rail: a pure codec with a profile.
///
/// All three methods are deterministic: the same argument gives the same answer, on any day.
pub trait Rail: Send + Sync + core::fmt::Debug + 'static {
    /// What this rail can do, and within which limits.
    fn profile(&self) -> &Profile;

    /// An order in the rail's own words.
    ///
    /// # Errors
    /// A [`Refusal`] when the rail cannot carry the order. It means that certainly nothing was sent.
    fn encode(&self, order: &Order) -> Result<Outbound, Refusal>;

    /// What the rail told us: a notice, a reply, a callback or a statement.
    ///
    /// # Errors
    /// [`Unreadable`] when nothing in the message can be read: it is kept and quarantined whole. A message
    /// with some readable entries is `Ok`; its bad entries are in [`Decoded::unreadable`].
    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable>;
}
