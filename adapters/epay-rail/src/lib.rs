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
pub use recall::{Recall, RecallNews, RecallWanted};
pub use reference::{REFERENCE_LENGTH, REFERENCE_PREFIX, find_reference, is_reference};
pub use refusal::Refusal;
pub use report::{Finding, Report};

use jiff::Timestamp;

/// A payment rail: a pure codec with a profile.
///
/// All methods are deterministic: the same argument gives the same answer, on any day.
pub trait Rail: Send + Sync + core::fmt::Debug + 'static {
    /// What this rail can do, and within which limits.
    fn profile(&self) -> &Profile;

    /// An order in the rail's own words.
    ///
    /// # Errors
    /// A [`Refusal`] when the rail cannot carry the order. It means that certainly nothing was sent.
    fn encode(&self, order: &Order) -> Result<Outbound, Refusal>;

    /// The text of the code that is printed on a bill, where payers of this rail scan one from paper. It names the bill and
    /// no attempt of ours: what comes for it is matched by the bill's number.
    ///
    /// # Errors
    /// A [`Refusal`] when this bill cannot be paid by such a code.
    fn printed(&self, code: &PrintedCode) -> Result<Option<String>, Refusal> {
        let _unused = code;
        Ok(None)
    }

    /// What the rail told us: a notice, a reply, a callback or a statement.
    ///
    /// # Errors
    /// [`Unreadable`] when nothing in the message can be read: it is kept and quarantined whole. A message
    /// with some readable entries is `Ok`; its bad entries are in [`Decoded::unreadable`].
    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable>;

    /// Whether a message is genuine, by the rail's own proof. It is asked before the message is stored. Without an own
    /// proof an answer to our own call is believed, because the transport knows whom it called, and a notice is not.
    ///
    /// # Errors
    /// [`NotGenuine`]: nothing of the message is stored.
    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        match message.door {
            Door::Notice { .. } => Err(NotGenuine::NoDoor),
            Door::Reply { order, .. } => Ok(Genuine {
                message_id: order.header.key.clone(),
                key_id: "reply".to_owned(),
                acknowledgement: Acknowledgement::NO_CONTENT,
            }),
        }
    }

    /// The call that asks for an access token, where the rail works with them. The caller keeps the token until it
    /// ends, and hands it over in [`Header::bearer`].
    fn grant(&self, at: Timestamp, nonce: [u8; 16]) -> Option<Call> {
        let _unused = (at, nonce);
        None
    }

    /// The token in the answer to [`Rail::grant`], and the seconds it lives.
    ///
    /// # Errors
    /// [`Unreadable`] when there is none in it.
    fn granted(&self, status: u16, body: &[u8]) -> Result<(String, u32), Unreadable> {
        let _unused = (status, body);
        Err(Unreadable {
            kind: UnreadableKind::WrongMessage,
            path: "/".to_owned(),
            message: "this rail works without access tokens".to_owned(),
        })
    }

    /// A reader for files of this rail, where it sends any.
    fn open_file(&self, received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        let _unused = received_at;
        None
    }
}
