//! Whether a message is genuine: asked before it is stored, and before a byte of it is decoded.
//!
//! A rail with a signature of its own answers here. A rail that speaks over our bank channel (`docs/bank-channel.md`)
//! needs nothing: the transport verifies that channel, and the default refuses everything else.

use core::fmt;

use jiff::Timestamp;

use crate::Order;

/// A message as it came in, before anybody believes it.
#[derive(Clone, Copy)]
pub struct Unverified<'a> {
    /// By which door.
    pub door: Door<'a>,
    /// Headers; names in lower case. A header that came twice is here twice.
    pub headers: &'a [(String, String)],
    /// The bytes of the body, untouched.
    pub body: &'a [u8],
    /// When it came in.
    pub received_at: Timestamp,
}

/// The two ways in.
#[derive(Debug, Clone, Copy)]
pub enum Door<'a> {
    /// Somebody posted it to our address for this rail's notices.
    Notice {
        /// The request's target as sent: path and query.
        target: &'a str,
    },
    /// It is the answer to one of our calls.
    Reply {
        /// The order that was answered.
        order: &'a Order,
        /// The HTTP status.
        status: u16,
    },
}

impl Unverified<'_> {
    /// The one value of a header; nothing when it is missing or there twice, so that there is one reading of it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(given, _value)| given == name)
            .map(|(_name, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("door", &self.door)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// A message is from whom it says, and nobody changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genuine {
    /// The sender's name for the message: the same on a repeat, 1 to 128 visible ASCII characters. A rail whose sender
    /// gives none takes the digest of what is signed.
    pub message_id: String,
    /// Which key proved it, for the record.
    pub key_id: String,
    /// What the sender must be answered, word for word, to count it as delivered.
    pub acknowledgement: Acknowledgement,
}

/// The answer that a rail expects to its notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body; empty when there is no body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

impl Acknowledgement {
    /// `204 No Content`.
    pub const NO_CONTENT: Self = Self {
        status: 204,
        content_type: "",
        body: "",
    };
}

/// Why a message is not believed. Nothing of it is stored; the sender may try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    /// This rail has no such door of its own.
    #[error("this rail takes no such message")]
    NoDoor,
    /// A header or field that the proof needs is missing, or there twice.
    #[error("{name} is missing or ambiguous")]
    Missing {
        /// The header or field.
        name: &'static str,
    },
    /// A header or field has not the shape that the proof needs.
    #[error("{name} is malformed")]
    Malformed {
        /// The header or field.
        name: &'static str,
    },
    /// It names a key that is not configured.
    #[error("the key that signed it is not known")]
    UnknownKey,
    /// It was signed too long ago, or in the future.
    #[error("it was not signed just now")]
    Stale,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    BadSignature,
}

impl NotGenuine {
    /// A stable word for logs, counters and answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoDoor => "no_door",
            Self::Missing { .. } => "missing",
            Self::Malformed { .. } => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Stale => "stale",
            Self::BadSignature => "bad_signature",
        }
    }
}
