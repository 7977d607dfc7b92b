//! What is handed back to us with every later order about a collection: [`epay_rail::Header::kept`].

use serde::{Deserialize, Serialize};

/// Longest kept text that is read.
const KEPT_CHARS_MAX: usize = 512;

/// What a collection must remember.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    /// What the payer's browser brings back when the hosted page ended well. The return is a hint; this tells whether it
    /// is the page's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) indicator: Option<String>,
    /// The transaction id of the authorisation, which the hosted page chose: a void must name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authorisation: Option<String>,
}

impl Kept {
    /// Reads what was kept; what cannot be read is as good as nothing.
    pub(crate) fn read(text: Option<&str>) -> Self {
        text.filter(|text| text.len() <= KEPT_CHARS_MAX)
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// The text to keep; nothing when there is nothing to say.
    pub(crate) fn write(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }
}
