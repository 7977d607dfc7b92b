//! What can go wrong, and what is known then. Nothing here quotes a person.

use epay_iamsmart::Code;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The private key.
    #[error("the private key is not an RSA key in PKCS #8, PEM")]
    PrivateKey,
    /// The HTTP client.
    #[error("the HTTP client could not be made")]
    Http(#[from] reqwest::Error),
    /// The address.
    #[error("the address of iAM Smart is no base for others")]
    Address,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// Not a byte of the request was sent. It may be made again.
    #[error("iAM Smart could not be reached: {0}")]
    NotSent(&'static str),
    /// Nobody knows whether it was done.
    #[error("iAM Smart gave no answer: {0}")]
    Unknown(&'static str),
    /// iAM Smart did not do it.
    #[error("iAM Smart refused with {word}")]
    Refused {
        /// What the code means.
        code: Code,
        /// The code as it came, where it is one.
        word: String,
    },
    /// It did not answer as iAM Smart does: too busy, broken, or something in between answered. What is known is for the status to say.
    #[error("iAM Smart answered with HTTP {0}")]
    Status(u16),
    /// The answer says nothing that can be read.
    #[error("the answer of iAM Smart cannot be read: {0}")]
    Unreadable(&'static str),
}
