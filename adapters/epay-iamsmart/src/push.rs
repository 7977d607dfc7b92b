//! Push: a message to a person's telephone, and what is told of it later. No description of it is public: the shape is ours, and stands in
//! `docs/iam-smart-push.md`.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Most characters of a message's head.
pub const PUSH_TITLE_CHARACTERS_MAX: usize = 200;
/// Most characters of its body.
pub const PUSH_BODY_CHARACTERS_MAX: usize = 2_000;

/// A message to one person.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushMessage<'a> {
    /// The service's name for it. The same again is the same message.
    #[serde(rename = "businessID")]
    pub name: &'a str,
    /// The person's tokenised ID.
    #[serde(rename = "openID")]
    pub person: &'a str,
    /// Its head.
    pub title: &'a str,
    /// What it says.
    pub body: &'a str,
    /// The languages of the text, in the order in which they are said.
    pub lang: &'a str,
}

/// Its name: the rest is a person's.
impl fmt::Debug for PushMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushMessage")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The message was taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PushAnswer {
    /// iAM Smart's name for it.
    #[serde(rename = "messageID")]
    pub message: String,
}

/// Why a message was not taken, where the reason is the message's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushRefusal {
    /// Nobody has this ID at this service.
    NoSuchPerson,
    /// Another message has this name.
    NameReused,
    /// The person wants no messages of this service.
    SwitchedOff,
}

impl PushRefusal {
    /// Reads a code; nothing where it is none of push.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        match code {
            "D50001" => Some(Self::NoSuchPerson),
            "D50002" => Some(Self::NameReused),
            "D50003" => Some(Self::SwitchedOff),
            _ => None,
        }
    }
}
