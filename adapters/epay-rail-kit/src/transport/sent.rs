//! What is known of a call after it was sent, or not.

use core::fmt;

/// How a call ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Sent {
    /// The rail answered.
    Replied {
        /// HTTP status.
        status: u16,
        /// Headers in order; names in lower case; values that are not visible ASCII are left out.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Certainly nothing of it reached the rail: another attempt or another rail is safe.
    NotSent(NotSent),
    /// The rail may have acted on it. Only evidence may settle what became of it.
    Unknown(Unknown),
}

/// Only the sizes: headers and body may hold secrets and names.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replied { status, body, .. } => f
                .debug_struct("Replied")
                .field("status", status)
                .field("body_bytes", &body.len())
                .finish_non_exhaustive(),
            Self::NotSent(why) => f.debug_tuple("NotSent").field(why).finish(),
            Self::Unknown(why) => f.debug_tuple("Unknown").field(why).finish(),
        }
    }
}

/// Why a call was certainly not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// As many calls to this rail are under way as it allows.
    #[error("the rail has as many calls under way as it allows")]
    LaneFull,
    /// The rail failed so often of late that it is left alone for a while.
    #[error("the rail is left alone for a while because its calls kept failing")]
    BreakerOpen,
    /// No connection could be made.
    #[error("no connection to the rail could be made: {problem}")]
    NoConnection {
        /// What the network said.
        problem: String,
    },
    /// The call cannot be put on the wire at all: a fault in configuration.
    #[error("the call cannot be sent: {problem}")]
    Unsendable {
        /// What is wrong with it.
        problem: String,
    },
}

/// Why it is not known whether the rail acted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No answer in time.
    #[error("the rail did not answer in time")]
    TimedOut,
    /// The connection broke, or the answer was cut off.
    #[error("the connection broke before the whole answer was here: {problem}")]
    Broken {
        /// What the network said.
        problem: String,
    },
    /// The answer is larger than anything that the rail should say.
    #[error("the answer is larger than {} bytes", super::REPLY_BYTES_MAX)]
    TooLarge,
}

impl NotSent {
    /// A stable word for storage, logs and counters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LaneFull => "lane_full",
            Self::BreakerOpen => "breaker_open",
            Self::NoConnection { .. } => "no_connection",
            Self::Unsendable { .. } => "unsendable",
        }
    }
}

impl Unknown {
    /// A stable word for storage, logs and counters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::Broken { .. } => "broken",
            Self::TooLarge => "too_large",
        }
    }
}
