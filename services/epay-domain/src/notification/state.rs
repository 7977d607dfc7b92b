//! What became of a notice: the states that senders of messages to citizens use, with two of our own, `suppressed` and `expired`.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Suppression;

/// Most tries on one channel.
pub const TRIES_MAX: u32 = 8;
/// How long a channel is tried after its first try.
pub const TRY_WITHIN: SignedDuration = SignedDuration::from_hours(72);
/// The wait after the first try that failed for a while; it doubles with each.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// How a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// It waits for its moment.
    Created,
    /// A channel has it.
    Sending,
    /// The channel says that the person has it.
    Delivered,
    /// The channel could not reach the person for now.
    TemporaryFailure,
    /// The person cannot be reached there.
    PermanentFailure,
    /// It could not be handed to the channel.
    TechnicalFailure,
    /// It is never sent: the reason is told with it.
    Suppressed,
    /// It became old before it could be sent.
    Expired,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// A full box, a telephone that is off.
    Temporary,
    /// No such address.
    Permanent,
    /// Ours, or the channel's own.
    Technical,
}

/// What is told of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum NoticeFact {
    /// A channel took it.
    Taken,
    /// Nobody knows whether a channel took it: the same message is sent again.
    Unknown,
    /// The person has it.
    Delivered,
    /// A try failed.
    Failed {
        /// How.
        failure: Failure,
    },
    /// It was decided never to send it.
    Suppressed {
        /// Why.
        reason: Suppression,
    },
    /// It became old.
    Expired,
}

impl NoticeState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Sending,
        Self::Delivered,
        Self::TemporaryFailure,
        Self::PermanentFailure,
        Self::TechnicalFailure,
        Self::Suppressed,
        Self::Expired,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::TemporaryFailure => "temporary_failure",
            Self::PermanentFailure => "permanent_failure",
            Self::TechnicalFailure => "technical_failure",
            Self::Suppressed => "suppressed",
            Self::Expired => "expired",
        }
    }
}

/// The state after a fact. Total: channels tell twice, late and in disorder. A delivery is true whenever it is told; what was decided
/// not to send, or became old, is ended by nothing else; a failure that is told of a notice that was delivered says nothing.
#[must_use]
pub const fn told(state: NoticeState, fact: NoticeFact) -> NoticeState {
    match (state, fact) {
        (_, NoticeFact::Delivered) | (NoticeState::Delivered, _) => NoticeState::Delivered,
        (NoticeState::Suppressed | NoticeState::Expired, _) | (_, NoticeFact::Unknown) => state,
        (_, NoticeFact::Taken) => NoticeState::Sending,
        (_, NoticeFact::Suppressed { .. }) => NoticeState::Suppressed,
        (_, NoticeFact::Expired) => NoticeState::Expired,
        (_, NoticeFact::Failed { failure }) => match failure {
            Failure::Temporary => NoticeState::TemporaryFailure,
            Failure::Permanent => NoticeState::PermanentFailure,
            Failure::Technical => NoticeState::TechnicalFailure,
        },
    }
}

/// What follows a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The same channel again, after this wait.
    Again(SignedDuration),
    /// The next channel of the person, at once.
    NextChannel,
}

/// What follows the `tries`-th try on a channel, `since` after the first.
#[must_use]
pub fn after(failure: Failure, tries: u32, since: SignedDuration) -> Then {
    match failure {
        Failure::Permanent => Then::NextChannel,
        Failure::Temporary | Failure::Technical => {
            let doubled = 1_i32
                .checked_shl(tries.saturating_sub(1))
                .unwrap_or(i32::MAX);
            let wait = FIRST_WAIT.checked_mul(doubled).unwrap_or(TRY_WITHIN);
            let late = since.checked_add(wait).is_none_or(|then| then > TRY_WITHIN);
            if tries >= TRIES_MAX || late {
                Then::NextChannel
            } else {
                Then::Again(wait)
            }
        }
    }
}
