//! What iAM Smart tells a service by itself: the frame brings its own content key, sealed for the service, so that whichever machine takes
//! it can open it.

use secrecy::SecretString;
use serde::Deserialize;

use crate::{AnswerFault, BODY_BYTES_MAX, Code, Sealed};

/// A callback of iAM Smart.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// How it went; [`Callback::outcome`] reads it.
    pub code: String,
    /// The content key, sealed with the service's public key; Base64.
    pub secret_key: SecretString,
    /// What is told, sealed with the content key.
    #[serde(flatten)]
    pub sealed: Sealed,
}

impl Callback {
    /// Reads a callback whose sender is proved.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn read(body: &[u8]) -> Result<Self, AnswerFault> {
        if body.len() > BODY_BYTES_MAX {
            return Err(AnswerFault::Long);
        }
        // What it quotes of the body could be a person's.
        serde_json::from_slice(body)
            .map_err(|_fault| AnswerFault::Form("it has not the frame of a callback".to_owned()))
    }

    /// What its code means.
    #[must_use]
    pub fn outcome(&self) -> Code {
        Code::of(&self.code)
    }
}
