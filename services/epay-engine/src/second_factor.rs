//! What a payer must know beside a bill's number: kept as a keyed digest, compared without telling how near a guess was.
//!
//! A registration mark has too few possibilities to be hidden by a digest alone, so the key is not in the database: whoever
//! has only the one or the other can try nothing out. The digest is bound to the department, the kind and the number, so equal
//! marks on two bills look unlike. With several keys the first seals and every one opens, so that a key can be changed while
//! bills live; a demand that is sent again after such a change counts as other words.
//!
//! Bounds: [`FACTOR_KEYS_MAX`] keys, each of [`FACTOR_KEY_BYTES_MIN`] bytes or more.

use core::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use epay_domain::bill::SealedFactor;
use epay_domain::{BillType, Refusal};
use epay_money::BillTypeCode;
use secrecy::{ExposeSecret, SecretSlice};

use crate::{BillView, Engine, EngineError};

/// Most keys at a time.
pub const FACTOR_KEYS_MAX: usize = 4;
/// Shortest key, in bytes.
pub const FACTOR_KEY_BYTES_MIN: usize = 32;
/// Keeps these digests apart from any other use of the key.
const LABEL: &str = "epay second factor v1";

/// The keys of second factors; none by default.
#[derive(Clone, Default)]
pub struct FactorKeys {
    keys: Arc<[hmac::Key]>,
}

impl fmt::Debug for FactorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactorKeys")
            .field("keys", &self.keys.len())
            .finish()
    }
}

/// Why keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorKeyFault {
    /// Too many.
    #[error("at most {FACTOR_KEYS_MAX} keys of second factors can be used at a time")]
    TooMany,
    /// One is too short to be a secret.
    #[error("a key of second factors must have {FACTOR_KEY_BYTES_MIN} bytes or more")]
    TooShort,
}

impl FactorKeys {
    /// Keys in their order: the first seals.
    ///
    /// # Errors
    /// [`FactorKeyFault`].
    pub fn new(secrets: &[SecretSlice<u8>]) -> Result<Self, FactorKeyFault> {
        if secrets.len() > FACTOR_KEYS_MAX {
            return Err(FactorKeyFault::TooMany);
        }
        let keys = secrets.iter().map(|secret| {
            let bytes = secret.expose_secret();
            (bytes.len() >= FACTOR_KEY_BYTES_MIN)
                .then(|| hmac::Key::new(hmac::HMAC_SHA256, bytes))
                .ok_or(FactorKeyFault::TooShort)
        });
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
        })
    }

    /// Whether anything can be sealed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn seal(&self, kind: &BillType, number: &str, factor: &str) -> Option<SealedFactor> {
        let tag = hmac::sign(self.keys.first()?, &message(kind, number, factor));
        tag.as_ref().try_into().ok().map(SealedFactor)
    }

    /// Whether what was typed is what was sealed. The same work is done where there is nothing to compare with.
    fn opens(
        &self,
        kind: &BillType,
        number: &str,
        typed: &str,
        kept: Option<SealedFactor>,
    ) -> bool {
        let asked_for = kind.terms.second_factor.as_ref();
        let factor = asked_for.and_then(|factor| factor.kind.normalise(typed));
        let message = message(kind, number, factor.as_deref().unwrap_or_default());
        let tag = kept.map_or([0; 32], |sealed| sealed.0);
        // Every key is tried, so that the time does not tell which one it was.
        let fits = self.keys.iter().fold(false, |fits, key| {
            fits | hmac::verify(key, &message, &tag).is_ok()
        });
        fits && factor.is_some() && kept.is_some()
    }
}

/// What is signed: each part with its length, so that no two run into each other.
fn message(kind: &BillType, number: &str, factor: &str) -> Vec<u8> {
    let parts = [
        LABEL,
        kind.biller.as_str(),
        kind.code.as_str(),
        number,
        factor,
    ];
    let mut bytes = vec![];
    for part in parts {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

impl Engine {
    /// A second factor as a bill keeps it; nothing where nothing was typed.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown kind, [`Refusal::SecondFactor`] for a kind that has none or a factor of which
    /// nothing is left, [`Refusal::Number`], and [`Refusal::NoFactorKey`] where no key is configured.
    pub fn seal_factor(
        &self,
        code: &BillTypeCode,
        number: &str,
        typed: &str,
    ) -> Result<Option<SealedFactor>, EngineError> {
        if typed.is_empty() {
            return Ok(None);
        }
        let catalogue = self.reader().catalogue();
        let kind = catalogue.kind(code).ok_or(EngineError::NotFound {
            what: "the kind of bill",
        })?;
        let refused = |wanted| EngineError::Refused(Refusal::SecondFactor { wanted });
        let asked_for = kind.terms.second_factor.as_ref();
        let factor = asked_for.ok_or_else(|| refused(false))?.kind;
        let factor = factor.normalise(typed).ok_or_else(|| refused(true))?;
        let read = kind.number.read(number);
        let number = read.map_err(|fault| EngineError::Refused(Refusal::Number(fault)))?;
        let sealed = self.core.factor_keys.seal(kind, &number, &factor);
        sealed
            .map(Some)
            .ok_or(EngineError::Refused(Refusal::NoFactorKey))
    }

    /// Kinds of bill that ask for a second factor while no key is configured: none of their bills can be issued or found.
    #[must_use]
    pub fn kinds_without_factor_key(&self) -> Vec<BillTypeCode> {
        if !self.core.factor_keys.is_empty() {
            return vec![];
        }
        let catalogue = self.reader().catalogue();
        let kinds = catalogue.kinds().iter();
        let asking = kinds.filter(|kind| kind.terms.second_factor.is_some());
        asking.map(|kind| kind.code.clone()).collect()
    }

    /// The bill that a payer holds, for someone who must prove to hold it: by its number as typed, and by the second factor
    /// where its kind asks for one. A wrong factor and a bill that is not there are one answer, after the same work.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or the number's fault as [`Refusal::Number`].
    pub async fn look_up_bill(
        &self,
        code: &BillTypeCode,
        typed: &str,
        second_factor: &str,
    ) -> Result<BillView, EngineError> {
        let found = self.reader().find_bill(code, typed).await;
        let catalogue = self.reader().catalogue();
        let Some(kind) = catalogue
            .kind(code)
            .filter(|kind| kind.terms.second_factor.is_some())
        else {
            return found;
        };
        let (number, kept) = match &found {
            Ok(view) => (view.bill.number.as_str(), view.bill.second_factor),
            Err(EngineError::NotFound { .. }) => (typed, None),
            Err(_other) => return found,
        };
        if self
            .core
            .factor_keys
            .opens(kind, number, second_factor, kept)
        {
            found
        } else {
            Err(EngineError::NotFound { what: "the bill" })
        }
    }
}
