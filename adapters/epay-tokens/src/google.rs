//! Google Pay payment tokens, versions `ECv1`, `ECv2` and `ECv2SigningOnly`.
//!
//! Steps, in this order (Google, *Payment data cryptography for merchants*): shape · a live root key of the token's version ·
//! for both forms of version 2, the intermediate key's signature by any live root, and its expiry · the message's signature,
//! which names the recipient · where a private key is configured, the key agreement, the MAC and only then the decryption ·
//! the message's expiry.
//!
//! What is signed is the *text* of `signedKey` and `signedMessage`, escapes and all: they are never parsed and written again.
//! The recipient is part of what is signed, so a token for another merchant has, seen from here, no good signature; it
//! is called `wrong-recipient` when it fits another recipient of the same house.

mod keys;
mod message;
mod open;
mod roots;
mod shape;
mod signed;

pub use keys::GoogleKey;
pub use roots::{GoogleRoots, RootKey};
pub use shape::{GoogleToken, GoogleVersion};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::{Payment, Refusal, SetupError};

/// Whom to believe, and who we are.
#[derive(Debug)]
pub struct GooglePay {
    roots: GoogleRoots,
    recipients: Vec<String>,
    keys: Vec<GoogleKey>,
}

/// What the signature of a token vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleVerified {
    /// The kind of token.
    pub version: GoogleVersion,
    /// For whom it was made: `merchant:<id>` or `gateway:<name>`.
    pub recipient: String,
    /// SHA-256 of the signed message in hexadecimal: the same for the same message, whatever is put around it.
    pub message_digest: String,
    /// Google's id of the message, where it could be read: it was not encrypted, or we opened it.
    pub message_id: Option<String>,
    /// When the message expires, where it could be read.
    pub expires_at: Option<Timestamp>,
}

impl GoogleVerified {
    /// What the caller must remember and never take again. The digest rather than the message id: it is there also when the
    /// message stays closed, and one message has one of each.
    #[must_use]
    pub fn replay_key(&self) -> String {
        format!("google:{}", self.message_digest)
    }
}

impl GooglePay {
    /// A verifier that believes these roots, receives as these recipients, and opens with these keys (none to pass on).
    ///
    /// # Errors
    /// [`SetupError::Missing`] without a recipient.
    pub fn new(
        roots: GoogleRoots,
        recipients: Vec<String>,
        keys: Vec<GoogleKey>,
    ) -> Result<Self, SetupError> {
        if recipients.is_empty() || recipients.iter().any(String::is_empty) {
            return Err(SetupError::Missing("no Google Pay recipient is configured"));
        }
        Ok(Self {
            roots,
            recipients,
            keys,
        })
    }

    /// Judges a token without opening it, for an acquirer that holds the key. The message of an `ECv2SigningOnly` token is
    /// open anyway, and is judged too.
    ///
    /// # Errors
    /// [`Refusal`] for the first step that fails.
    pub fn verify(
        &self,
        token: &[u8],
        recipient: &str,
        at: Timestamp,
    ) -> Result<GoogleVerified, Refusal> {
        let token = GoogleToken::parse(token)?;
        let verified = self.signature(&token, recipient, at)?;
        if token.version().is_encrypted() {
            return Ok(verified);
        }
        let (verified, _payment) = message::read(token.signed_message().as_bytes(), verified, at)?;
        Ok(verified)
    }

    /// Judges a token and opens it.
    ///
    /// # Errors
    /// [`Refusal`] for the first step that fails; [`Refusal::CannotDecrypt`] if none of our keys opens it.
    pub fn open(
        &self,
        token: &[u8],
        recipient: &str,
        at: Timestamp,
    ) -> Result<(GoogleVerified, Payment), Refusal> {
        let token = GoogleToken::parse(token)?;
        let verified = self.signature(&token, recipient, at)?;
        let plain = self.plaintext(&token)?;
        message::read(&plain, verified, at)
    }

    /// Whether whom we believe made the token for this recipient.
    pub(crate) fn signature(
        &self,
        token: &GoogleToken,
        recipient: &str,
        at: Timestamp,
    ) -> Result<GoogleVerified, Refusal> {
        if !self.recipients.iter().any(|own| own == recipient) {
            return Err(Refusal::WrongRecipient);
        }
        let signers = signed::signers(token, &self.roots, at)?;
        let fits = |recipient: &str| signed::message_fits(token, recipient, &signers);
        if !fits(recipient) {
            let another = self.recipients.iter().any(|own| fits(own));
            return Err(if another {
                Refusal::WrongRecipient
            } else {
                Refusal::BadSignature
            });
        }
        Ok(GoogleVerified {
            version: token.version(),
            recipient: recipient.to_owned(),
            message_digest: hex::encode(crate::encoding::sha256(token.signed_message().as_bytes())),
            message_id: None,
            expires_at: None,
        })
    }

    /// What a token holds. Call it only for a token whose signature was found good.
    pub(crate) fn plaintext(&self, token: &GoogleToken) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        if !token.version().is_encrypted() {
            return Ok(Zeroizing::new(token.signed_message().as_bytes().to_vec()));
        }
        let sealed = open::Sealed::parse(token.signed_message())?;
        (self.keys.iter())
            .find_map(|key| sealed.open(token.version(), key))
            .ok_or(Refusal::CannotDecrypt)
    }
}
