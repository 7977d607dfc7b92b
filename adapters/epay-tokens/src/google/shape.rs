//! The shape of a token: its version, its texts that are signed, and the signatures. Nothing is decoded that is signed.

use core::fmt;

use crate::json::{self, Object, Value};
use crate::{Refusal, TOKEN_BYTES_MAX};

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GoogleVersion {
    /// `ECv1`: signed by a root key, AES-128-CTR with HMAC-SHA256.
    EcV1,
    /// `ECv2`: signed by an intermediate key, AES-256-CTR with HMAC-SHA256.
    EcV2,
    /// `ECv2SigningOnly`: signed by an intermediate key, not encrypted.
    EcV2SigningOnly,
}

impl GoogleVersion {
    /// Every version, for tables and tests.
    pub const ALL: [Self; 3] = [Self::EcV1, Self::EcV2, Self::EcV2SigningOnly];

    /// As it travels, and as it is signed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcV1 => "ECv1",
            Self::EcV2 => "ECv2",
            Self::EcV2SigningOnly => "ECv2SigningOnly",
        }
    }

    /// The version of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == word)
    }

    pub(super) const fn has_intermediate(self) -> bool {
        !matches!(self, Self::EcV1)
    }

    pub(super) const fn is_encrypted(self) -> bool {
        !matches!(self, Self::EcV2SigningOnly)
    }
}

/// Signatures that an intermediate key may carry: one for each root key in use, of which there are two at a change.
const SIGNATURES_MAX: usize = 8;

/// A token that has the right shape. Nothing of it is believed yet.
#[derive(Clone)]
pub struct GoogleToken {
    version: GoogleVersion,
    signature: String,
    signed_message: String,
    intermediate: Option<Intermediate>,
}

/// An intermediate key as a text, and who signed that text.
#[derive(Clone)]
pub(super) struct Intermediate {
    pub(super) signed_key: String,
    pub(super) signatures: Vec<String>,
}

impl fmt::Debug for GoogleToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleToken")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl GoogleToken {
    /// Reads a token as the browser hands it over.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::Malformed`] or [`Refusal::UnknownVersion`].
    pub fn parse(token: &[u8]) -> Result<Self, Refusal> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let token = json::object(token).ok_or(Refusal::Malformed("it is no strict JSON object"))?;
        let version = token
            .text("protocolVersion")
            .ok_or(Refusal::Malformed("it has a protocol version"))?;
        let version = GoogleVersion::from_word(version).ok_or(Refusal::UnknownVersion)?;
        let mut names = vec!["protocolVersion", "signature", "signedMessage"];
        if version.has_intermediate() {
            names.push("intermediateSigningKey");
        }
        if !token.has_only(&names) {
            return Err(Refusal::Malformed(
                "it has a member that its version has not",
            ));
        }
        let text = |name: &str, what: &'static str| {
            let text = token.text(name).ok_or(Refusal::Malformed(what))?;
            Ok(text.to_owned())
        };
        Ok(Self {
            version,
            signature: text("signature", "it has a signature")?,
            signed_message: text("signedMessage", "it has a signed message")?,
            intermediate: if version.has_intermediate() {
                Some(intermediate(&token)?)
            } else {
                None
            },
        })
    }

    /// The kind of token.
    #[must_use]
    pub const fn version(&self) -> GoogleVersion {
        self.version
    }

    pub(super) fn signature(&self) -> &str {
        &self.signature
    }

    pub(super) fn signed_message(&self) -> &str {
        &self.signed_message
    }

    pub(super) const fn intermediate(&self) -> Option<&Intermediate> {
        self.intermediate.as_ref()
    }
}

fn intermediate(token: &Object) -> Result<Intermediate, Refusal> {
    const WHAT: Refusal =
        Refusal::Malformed("the intermediate key has a signed key and its signatures");
    let key = token
        .get("intermediateSigningKey")
        .and_then(Value::object)
        .filter(|key| key.has_only(&["signedKey", "signatures"]))
        .ok_or(WHAT)?;
    let signatures = key.get("signatures").and_then(Value::list).ok_or(WHAT)?;
    if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
        return Err(WHAT);
    }
    let signatures: Option<Vec<String>> = signatures
        .iter()
        .map(|value| value.text().map(str::to_owned))
        .collect();
    Ok(Intermediate {
        signed_key: key.text("signedKey").ok_or(WHAT)?.to_owned(),
        signatures: signatures.ok_or(WHAT)?,
    })
}
