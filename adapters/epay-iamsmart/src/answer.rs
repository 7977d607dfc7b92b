//! The frame of every answer, and what its codes mean.

use serde::{Deserialize, Serialize};

/// Most bytes of a body that is looked at.
pub const BODY_BYTES_MAX: usize = 262_144;

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// It is too long.
    #[error("an answer has {BODY_BYTES_MAX} bytes at most")]
    Long,
    /// It is not the frame of an answer.
    #[error("this is not an answer of iAM Smart: {0}")]
    Form(String),
}

/// An answer of iAM Smart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Its name for the call, for questions later.
    #[serde(rename = "txID", default)]
    pub transaction: String,
    /// How it went; [`Code`] reads it.
    pub code: String,
    /// For a person.
    #[serde(default)]
    pub message: String,
    /// What was asked for: sealed text, or an object as it stands.
    #[serde(default)]
    pub content: serde_json::Value,
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// It was done.
    Success,
    /// The person went away.
    Cancelled,
    /// The person said no.
    Rejected,
    /// Our signature was not believed: the secret or the clock is wrong.
    SignatureRefused,
    /// The content key has expired: fetch another and ask once more.
    ContentKeyExpired,
    /// The content could not be read there: the keys differ.
    ContentUnreadable,
    /// A code that is not known here. Nothing may be taken for granted.
    Unclear,
}

impl Code {
    /// Reads a code.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code {
            "D00000" | "M00000" => Self::Success,
            "D40000" => Self::Cancelled,
            "D40001" => Self::Rejected,
            "D20006" => Self::SignatureRefused,
            "D30002" => Self::ContentKeyExpired,
            "D30004" => Self::ContentUnreadable,
            _ => Self::Unclear,
        }
    }
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn read(body: &[u8]) -> Result<Self, AnswerFault> {
        if body.len() > BODY_BYTES_MAX {
            return Err(AnswerFault::Long);
        }
        serde_json::from_slice(body).map_err(|error| AnswerFault::Form(error.to_string()))
    }

    /// What its code means.
    #[must_use]
    pub fn outcome(&self) -> Code {
        Code::of(&self.code)
    }
}
