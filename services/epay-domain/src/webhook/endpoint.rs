//! Receivers that departments register.

use epay_money::{BillerId, WebhookEndpointId};
use epay_webhook::Lane;
use jiff::{SignedDuration, Timestamp};

use super::EventType;

/// Most receivers of a department.
pub const ENDPOINTS_MAX: i64 = 20;
/// Most keys of a receiver that sign at once: the newest and those that are still believed beside it.
pub const KEYS_MAX: usize = 3;
/// Longest time that an old key goes on signing beside the new one.
pub const KEY_OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most events that one replay sends again.
pub const REPLAY_MAX: i64 = 1_000;

/// Whether a receiver gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointState {
    /// It does.
    Enabled,
    /// Its department switched it off.
    Disabled,
    /// It is gone; kept for the log of what was sent to it.
    Deleted,
}

impl EndpointState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Disabled, Self::Deleted];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }
}

/// A receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// The department.
    pub biller: BillerId,
    /// Where it is.
    pub url: String,
    /// The department's words about it.
    pub description: String,
    /// What it wants to hear; everything when empty.
    pub event_types: Vec<EventType>,
    /// Whether it gets anything.
    pub state: EndpointState,
    /// How it is doing.
    pub lane: Lane,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its department last changed it.
    pub changed_at: Timestamp,
    /// Counts the changes of its department, keys included.
    pub version: i32,
}

/// What a department wants different; unset stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// Where it is.
    pub url: Option<String>,
    /// Words.
    pub description: Option<String>,
    /// What it wants to hear.
    pub event_types: Option<Vec<EventType>>,
    /// Off or on.
    pub disabled: Option<bool>,
}

impl Endpoint {
    /// Whether it wants to hear of something.
    #[must_use]
    pub fn wants(&self, event: EventType) -> bool {
        !event.is_chosen() || self.event_types.is_empty() || self.event_types.contains(&event)
    }

    /// The receiver after a change. Whoever moves or switches on a receiver says that it is well: it begins anew.
    #[must_use]
    pub fn changed(mut self, change: EndpointChange, now: Timestamp) -> Self {
        let mends = change.url.as_ref().is_some_and(|url| *url != self.url)
            || change.disabled == Some(false);
        if let Some(url) = change.url {
            self.url = url;
        }
        if let Some(description) = change.description {
            self.description = description;
        }
        if let Some(event_types) = change.event_types {
            self.event_types = event_types;
        }
        match change.disabled {
            Some(true) => self.state = EndpointState::Disabled,
            Some(false) => self.state = EndpointState::Enabled,
            None => {}
        }
        if mends {
            self.lane = Lane::default();
        }
        self.changed_at = now;
        self.version = self.version.saturating_add(1);
        self
    }

    /// The receiver, gone.
    #[must_use]
    pub fn deleted(mut self, now: Timestamp) -> Self {
        self.state = EndpointState::Deleted;
        self.changed_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}
