//! Why a token is not taken, and why a verifier cannot be set up.

/// Why a token is not taken. The code is stable; the words are for people and never quote the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// More bytes than [`TOKEN_BYTES_MAX`](crate::TOKEN_BYTES_MAX).
    #[error("the token is larger than any real one")]
    TooLarge,
    /// Not the shape of a token: no strict JSON, a member missing, doubled, unknown or of the wrong kind.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// A version that is not in the tables.
    #[error("the token has a version that is not known")]
    UnknownVersion,
    /// It was made for somebody else.
    #[error("the token was made for another recipient")]
    WrongRecipient,
    /// The signature does not fit what it signs, or is none.
    #[error("the token's signature does not fit")]
    BadSignature,
    /// The signer's certificates do not lead to a configured root, or may not sign tokens.
    #[error("the token's certificates are not those of the wallet: {0}")]
    BadChain(&'static str),
    /// No root key of the token's version is configured.
    #[error("no root key is configured for this version of token")]
    NoRootKey,
    /// Every root key of the token's version has expired.
    #[error("the root keys for this version of token have expired")]
    RootKeyExpired,
    /// No configured root key signed the intermediate key.
    #[error("the token's intermediate key is not signed by a root key")]
    BadIntermediateSignature,
    /// The intermediate key has expired.
    #[error("the token's intermediate key has expired")]
    IntermediateKeyExpired,
    /// It was signed too long ago, or in the future.
    #[error("the token was not made just now")]
    Stale,
    /// The message inside has expired.
    #[error("the token's message has expired")]
    MessageExpired,
    /// No configured key opens it, or what it holds was altered.
    #[error("the token does not open with the configured keys")]
    CannotDecrypt,
    /// What is inside is not a payment of the documented shape.
    #[error("the token holds no payment that can be read: {0}")]
    BadPayment(&'static str),
    /// It was approved for another amount.
    #[error("the token was approved for another amount")]
    WrongAmount,
    /// It was approved for another currency.
    #[error("the token was approved for another currency")]
    WrongCurrency,
    /// It was made for another order.
    #[error("the token was made for another order")]
    WrongApplicationData,
}

impl Refusal {
    /// A stable word for logs, counters and answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Malformed(_) => "malformed",
            Self::UnknownVersion => "unknown-version",
            Self::WrongRecipient => "wrong-recipient",
            Self::BadSignature => "bad-signature",
            Self::BadChain(_) => "bad-chain",
            Self::NoRootKey => "no-root-key",
            Self::RootKeyExpired => "root-key-expired",
            Self::BadIntermediateSignature => "bad-intermediate-signature",
            Self::IntermediateKeyExpired => "intermediate-key-expired",
            Self::Stale => "stale",
            Self::MessageExpired => "message-expired",
            Self::CannotDecrypt => "cannot-decrypt",
            Self::BadPayment(_) => "bad-payment",
            Self::WrongAmount => "wrong-amount",
            Self::WrongCurrency => "wrong-currency",
            Self::WrongApplicationData => "wrong-application-data",
        }
    }
}

/// Why a verifier cannot be set up with what it was given. It names no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A certificate cannot be read.
    #[error("the certificate cannot be read: {0}")]
    BadCertificate(&'static str),
    /// A private key cannot be read, or is of a kind that no token is made for.
    #[error("the private key cannot be read: {0}")]
    BadPrivateKey(&'static str),
    /// A certificate and a private key are not a pair.
    #[error("the private key does not belong to the certificate")]
    NotAPair,
    /// A public key or its list cannot be read.
    #[error("the root keys cannot be read: {0}")]
    BadRootKey(&'static str),
    /// Nothing to trust, or nobody to receive.
    #[error("{0}")]
    Missing(&'static str),
}
