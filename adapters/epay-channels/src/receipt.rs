//! What a provider tells of a message later: verified first, then decoded. No IO, no clock.
//!
//! A receipt may come twice, late, in disorder, and of a message that nobody here knows: what it changes is for
//! `epay_domain::notification::told` to say, and it is acknowledged in any case.

use core::fmt;

use epay_domain::notification::{Failure, NoticeFact};
use epay_iamsmart::{Credentials, SignatureFault, Signed};
use epay_rail_kit::channel::{ChannelError, KeyRing, Request, TOLERANCE_SECONDS, verify};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::sms::is_reference;

/// Most bytes of a receipt.
pub const RECEIPT_BYTES_MAX: usize = 16_384;

/// How far the time of a receipt of iAM Smart may lie from ours, as on the bank channel.
const PUSH_TOLERANCE_MILLISECONDS: u64 = 300_000;

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person has it.
    Delivered,
    /// The person does not.
    Failed(Failure),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its name.
    pub message: Uuid,
    /// The provider's name for it.
    pub provider_reference: String,
    /// How it ended.
    pub outcome: Outcome,
    /// When, by the provider's clock.
    pub at: Timestamp,
}

/// Why a receipt is not taken. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is too long.
    #[error("a receipt has {RECEIPT_BYTES_MAX} bytes at most")]
    Long,
    /// Who sent it is not proved.
    #[error("the receipt is not signed by the provider")]
    Signature(#[from] ChannelError),
    /// Whether iAM Smart sent it is not proved.
    #[error("the receipt is not signed by iAM Smart")]
    PushSignature(#[from] SignatureFault),
    /// It is none.
    #[error("this is not a receipt: {0} is wrong")]
    Form(&'static str),
}

impl Outcome {
    /// The fact that it is.
    #[must_use]
    pub const fn fact(self) -> NoticeFact {
        match self {
            Self::Delivered => NoticeFact::Delivered,
            Self::Failed(failure) => NoticeFact::Failed { failure },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::Failed(Failure::Temporary) => "temporary-failure",
            Self::Failed(Failure::Permanent) => "permanent-failure",
            Self::Failed(Failure::Technical) => "technical-failure",
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SmsReceipt {
    client_reference: String,
    provider_reference: String,
    status: String,
    completed_at: String,
}

/// A receipt of the SMS gateway: its four signature headers by their lower-case names, and the request as it came.
///
/// # Errors
/// [`ReceiptError`]. One that is not signed is refused, and not read.
pub fn sms<'h>(
    keys: &KeyRing,
    header: impl Fn(&str) -> Option<&'h str>,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<Receipt, ReceiptError> {
    if request.body.len() > RECEIPT_BYTES_MAX {
        return Err(ReceiptError::Long);
    }
    verify(keys, header, request, now, TOLERANCE_SECONDS)?;
    decode_sms(request.body)
}

/// Decodes a receipt whose sender is proved.
///
/// # Errors
/// [`ReceiptError::Long`], [`ReceiptError::Form`].
pub fn decode_sms(body: &[u8]) -> Result<Receipt, ReceiptError> {
    if body.len() > RECEIPT_BYTES_MAX {
        return Err(ReceiptError::Long);
    }
    let receipt: SmsReceipt =
        serde_json::from_slice(body).map_err(|_fault| ReceiptError::Form("the body"))?;
    let name = receipt.client_reference.parse();
    let at = receipt.completed_at.parse();
    if !is_reference(&receipt.provider_reference) {
        return Err(ReceiptError::Form("providerReference"));
    }
    Ok(Receipt {
        message: name.map_err(|_fault| ReceiptError::Form("clientReference"))?,
        provider_reference: receipt.provider_reference,
        outcome: outcome(&receipt.status).ok_or(ReceiptError::Form("status"))?,
        at: at.map_err(|_fault| ReceiptError::Form("completedAt"))?,
    })
}

#[derive(Deserialize)]
struct PushReceipt {
    #[serde(rename = "businessID")]
    name: String,
    #[serde(rename = "messageID")]
    message: String,
    status: String,
    #[serde(rename = "completedAt")]
    completed_at: String,
}

/// A receipt of iAM Smart: its five signature headers by their lower-case names, and the body as it came.
///
/// # Errors
/// [`ReceiptError`]. One that is not signed is refused, and not read.
pub fn push<'h>(
    credentials: &Credentials,
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    now: Timestamp,
) -> Result<Receipt, ReceiptError> {
    if body.len() > RECEIPT_BYTES_MAX {
        return Err(ReceiptError::Long);
    }
    let text = core::str::from_utf8(body).map_err(|_fault| SignatureFault::Signature)?;
    let within = (now.as_millisecond(), PUSH_TOLERANCE_MILLISECONDS);
    credentials.verify(&Signed::read(header)?, text, within)?;
    decode_push(body)
}

/// Decodes a receipt of iAM Smart whose sender is proved.
///
/// # Errors
/// [`ReceiptError::Long`], [`ReceiptError::Form`].
pub fn decode_push(body: &[u8]) -> Result<Receipt, ReceiptError> {
    if body.len() > RECEIPT_BYTES_MAX {
        return Err(ReceiptError::Long);
    }
    let receipt: PushReceipt =
        serde_json::from_slice(body).map_err(|_fault| ReceiptError::Form("the body"))?;
    let name = receipt.name.parse();
    let at = receipt.completed_at.parse();
    if !is_reference(&receipt.message) {
        return Err(ReceiptError::Form("messageID"));
    }
    Ok(Receipt {
        message: name.map_err(|_fault| ReceiptError::Form("businessID"))?,
        provider_reference: receipt.message,
        outcome: outcome(&receipt.status).ok_or(ReceiptError::Form("status"))?,
        at: at.map_err(|_fault| ReceiptError::Form("completedAt"))?,
    })
}

fn outcome(word: &str) -> Option<Outcome> {
    Some(match word {
        "delivered" => Outcome::Delivered,
        "temporary-failure" => Outcome::Failed(Failure::Temporary),
        "permanent-failure" => Outcome::Failed(Failure::Permanent),
        "technical-failure" => Outcome::Failed(Failure::Technical),
        _ => return None,
    })
}
