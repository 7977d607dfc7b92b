//! A message to the gateway that is told until it is acknowledged, whoever signs it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::faults::{Chosen, menu};

/// The group of a held notice that names none.
pub(crate) const HOLD_GROUP_DEFAULT: &str = "default";

/// The group of notices that are never sent unless somebody releases them by name.
pub(crate) const NEVER_GROUP: &str = "never";

/// A header of a request: name in lower case, value.
pub type Header = (String, String);

/// When a notice may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At this instant of the sandbox's clock, which may be now.
    At(Timestamp),
    /// When its group is released; a reversed group leaves last first.
    Held {
        /// The name to release it by.
        group: String,
        /// Whether the group leaves in reverse order.
        reversed: bool,
    },
}

impl Start {
    /// When a notice that would leave `at` leaves under the faults `late`, `never` and `out-of-order`. The fault `twice`
    /// is the caller's to play, because a second notice has a number of its own.
    #[must_use]
    pub fn with(faults: &Chosen, at: Timestamp) -> Self {
        let held = |group: &str, reversed| Self::Held {
            group: group.to_owned(),
            reversed,
        };
        if faults.on(&menu::NEVER).is_some() {
            return held(NEVER_GROUP, false);
        }
        if let Some(fault) = faults.on(&menu::OUT_OF_ORDER) {
            let group = fault.value.as_deref().unwrap_or(HOLD_GROUP_DEFAULT);
            return held(group, true);
        }
        let late = faults.on(&menu::LATE).map_or(0, |fault| fault.number());
        Self::At(
            at.saturating_add(SignedDuration::from_secs(late))
                .unwrap_or(at),
        )
    }
}

/// A notice to be put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice<'a> {
    /// Its id, unique in the sandbox; sent by the channel as `epay-channel-message-id`.
    pub message_id: &'a str,
    /// The path on the gateway, such as `/rails/pps/notices`.
    pub path: &'a str,
    /// The media type of the body.
    pub content_type: &'a str,
    /// The body as it is sent.
    pub body: &'a str,
    /// What it is about in the counterparty's own numbers.
    pub subject: Option<&'a str>,
    /// What the counterparty wants to know again when it signs.
    pub extra: Value,
    /// When it may leave.
    pub start: Start,
}

/// One attempt to deliver a notice.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The notice's id.
    pub message_id: &'a str,
    /// The path on the gateway.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// What the counterparty gave with the notice.
    pub extra: &'a Value,
    /// The machine's time, which receivers compare with theirs.
    pub machine_now: Timestamp,
}
