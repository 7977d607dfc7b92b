//! Apple Pay payment tokens, versions `EC_v1` and `RSA_v1`.
//!
//! Steps, in this order (Apple, *Payment token format reference*): shape · a certificate of ours that the token names by
//! the hash of its public key · the detached CMS signature over the documented bytes, by a leaf and an intermediate
//! that carry Apple's marks and lead to a configured root, all judged **at signing time** · the age of that signing
//! time · decryption · what is inside against the order.
//!
//! The certificates are judged at signing time because a leaf lives two years and a phone does not know that it ended:
//! judged at the moment of payment, every payment would fail on the day of a changeover. How old a signing time may be
//! is a rule of its own ([`Freshness`]).
//!
//! Apple's root is not compiled in: whoever runs the gateway decides whom it believes. Revocation is not asked, since that
//! needs a network; roots and freshness bound what a stolen signing key could do.

mod ber;
mod chain;
mod cms;
mod key;
mod open;
mod payment;
mod shape;

pub use chain::AppleRoots;
pub use key::AppleKey;
pub use payment::Expected;
pub use shape::{AppleToken, AppleVersion};

use jiff::{SignedDuration, Timestamp};

use crate::{Payment, Refusal, SetupError};

/// How far a token's signing time may be from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Oldest: a token that waited longer is taken for a replay.
    pub max_age: SignedDuration,
    /// Furthest ahead of our clock.
    pub max_ahead: SignedDuration,
}

impl Default for Freshness {
    /// Five minutes old, one minute ahead. Apple says "a few minutes" and gives no number.
    fn default() -> Self {
        Self {
            max_age: SignedDuration::from_mins(5),
            max_ahead: SignedDuration::from_mins(1),
        }
    }
}

impl Freshness {
    fn judge(self, signed_at: Timestamp, at: Timestamp) -> Result<(), Refusal> {
        let age = at.duration_since(signed_at);
        let ahead = signed_at.duration_since(at);
        if age > self.max_age || ahead > self.max_ahead {
            return Err(Refusal::Stale);
        }
        Ok(())
    }
}

/// Whom to believe, and who we are.
#[derive(Debug)]
pub struct ApplePay {
    pub(crate) roots: AppleRoots,
    pub(crate) keys: Vec<AppleKey>,
    pub(crate) freshness: Freshness,
}

/// What the signature of a token vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppleVerified {
    /// The kind of token.
    pub version: AppleVersion,
    /// Apple's name for the transaction, in small hexadecimal. It may be used once, ever.
    pub transaction_id: String,
    /// When the device's token was signed.
    pub signed_at: Timestamp,
    /// SHA-256 of the application data of the merchant's request, where it had any.
    pub application_data: Option<[u8; 32]>,
    /// SHA-256 of the public key that the token was made for: one of ours.
    pub public_key_hash: [u8; 32],
}

impl AppleVerified {
    /// What the caller must remember and never take again.
    #[must_use]
    pub fn replay_key(&self) -> String {
        format!("apple:{}", self.transaction_id)
    }
}

impl ApplePay {
    /// A verifier that believes these roots and receives for these keys, a certificate each.
    ///
    /// # Errors
    /// [`SetupError::Missing`] without a key.
    pub fn new(
        roots: AppleRoots,
        keys: Vec<AppleKey>,
        freshness: Freshness,
    ) -> Result<Self, SetupError> {
        if keys.is_empty() {
            return Err(SetupError::Missing(
                "no payment processing certificate is configured",
            ));
        }
        Ok(Self {
            roots,
            keys,
            freshness,
        })
    }

    /// Judges a token (its `paymentData` as JSON) without opening it, for an acquirer that holds the key.
    ///
    /// # Errors
    /// [`Refusal`] for the first step that fails; [`Refusal::WrongRecipient`] if it was made for none of our certificates.
    pub fn verify(&self, token: &[u8], at: Timestamp) -> Result<AppleVerified, Refusal> {
        let token = AppleToken::parse(token)?;
        if !self.keys.iter().any(|key| key.is_named_by(&token)) {
            return Err(Refusal::WrongRecipient);
        }
        self.judge(&token, at)
    }

    /// Judges a token, opens it, and compares what the payer approved with what is asked for.
    ///
    /// # Errors
    /// [`Refusal`] for the first step that fails; [`Refusal::CannotDecrypt`] if none of our private keys is for it.
    pub fn open(
        &self,
        token: &[u8],
        expected: &Expected,
        at: Timestamp,
    ) -> Result<(AppleVerified, Payment), Refusal> {
        let token = AppleToken::parse(token)?;
        let key = (self.keys.iter())
            .find(|key| key.is_named_by(&token) && key.can_open())
            .ok_or(Refusal::CannotDecrypt)?;
        let verified = self.judge(&token, at)?;
        let plain = key.open(&token)?;
        let payment = payment::read(&plain, &verified, expected)?;
        Ok((verified, payment))
    }

    /// Signature, chain and age.
    pub(crate) fn judge(
        &self,
        token: &AppleToken,
        at: Timestamp,
    ) -> Result<AppleVerified, Refusal> {
        let signed_at = self.signature(token)?;
        self.freshness.judge(signed_at, at)?;
        Ok(AppleVerified {
            version: token.version(),
            transaction_id: token.transaction_id().to_owned(),
            signed_at,
            application_data: token.application_data(),
            public_key_hash: *token.public_key_hash(),
        })
    }

    /// When the token was signed, if it was signed by whom we believe.
    fn signature(&self, token: &AppleToken) -> Result<Timestamp, Refusal> {
        let signature = token.signature().ok_or(Refusal::BadSignature)?;
        let signed = cms::Signed::parse(&signature, self.roots.certificates())?;
        let signed_at = signed.signed_at()?;
        chain::judge(&signed.leaf, &signed.others, &self.roots, signed_at)?;
        signed.verify(&token.signed_bytes())?;
        Ok(signed_at)
    }
}
