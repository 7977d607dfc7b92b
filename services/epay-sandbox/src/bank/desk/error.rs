//! What the bank refuses, or cannot say, and whether money moved.

use thiserror::Error;

use super::INSTRUCTIONS_MAX;
use crate::bank::fetch::FetchError;
use crate::books::BooksError;
use crate::qr::{ImageError, RequestError};

/// Why a scan or a payment was not done.
#[derive(Debug, Error)]
pub enum BankError {
    /// Neither or both of image and address.
    #[error("give exactly one of image_base64 and url")]
    OneSource,
    /// The image is not base 64.
    #[error("image_base64 is not base 64")]
    Base64(#[source] base64::DecodeError),
    /// The image was not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The image holds no one code.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The image reader failed on this picture.
    #[error("the image reader stopped on this picture")]
    Reader(#[source] tokio::task::JoinError),
    /// The code cannot be paid by FPS.
    #[error("the code cannot be paid by FPS")]
    Code(#[from] RequestError),
    /// No payee has this proxy.
    #[error("no payee is registered under the identifier in the code")]
    UnknownPayee,
    /// The code or the payer's account is in another currency than the payee's.
    #[error("the payee's account is in another currency")]
    Currency,
    /// The payer's name is empty or too long.
    #[error("a payer's name is 1 to 140 characters")]
    PayerName,
    /// The payee's time-out has passed.
    #[error("the code has expired")]
    Expired,
    /// The code leaves the amount to the payer, who gave none.
    #[error("the code names no amount, so the payer must")]
    AmountMissing,
    /// The code's amount may not be changed.
    #[error("the code does not let the payer change the amount")]
    AmountFixed,
    /// Not 0.01 to 9999999999.99, before or after a fault.
    #[error("an amount is 0.01 to 9999999999.99")]
    AmountRange,
    /// A delay longer than an hour.
    #[error("a delay is at most 3600 seconds")]
    Delay,
    /// A group name that is empty or too long.
    #[error("a group's name is 1 to 64 bytes")]
    Group,
    /// An empty list, or one past the bound.
    #[error("a list holds 1 to {INSTRUCTIONS_MAX} instructions")]
    ListLength,
    /// A bill number or reference that no code could carry.
    #[error("a reference or bill number is 1 to 25 printable ASCII characters")]
    Label,
    /// The booking stopped in the middle: a bug, or the end of the process.
    #[error("the booking was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The books did not do it.
    #[error(transparent)]
    Books(#[from] BooksError),
}

/// Whether a refused or failed request moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MoneyMoved {
    /// Nothing was booked.
    No,
    /// The first request of this scan was booked; this one was not.
    Before,
    /// The answer to the commit was lost: look in the books before trying again.
    Unknown,
}

impl BankError {
    /// Whether money moved.
    #[must_use]
    pub fn money_moved(&self) -> MoneyMoved {
        match self {
            Self::Books(BooksError::CommitUnknown(_)) | Self::Interrupted(_) => MoneyMoved::Unknown,
            Self::Books(BooksError::ScanUsed) => MoneyMoved::Before,
            _ => MoneyMoved::No,
        }
    }

    /// The HTTP status and the stable code of this refusal.
    #[must_use]
    pub fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::OneSource => (400, "one-source"),
            Self::Base64(_) => (400, "base64"),
            Self::Fetch(FetchError::NotAllowed) => (403, "fetch-not-allowed"),
            Self::Fetch(FetchError::TooLarge) | Self::Image(ImageError::TooLarge) => {
                (413, "image-too-large")
            }
            Self::Fetch(FetchError::NoAnswer(_) | FetchError::Status(_)) => (502, "fetch-failed"),
            Self::Image(ImageError::Unreadable(_)) => (415, "image-unreadable"),
            Self::Image(ImageError::NoCode | ImageError::SeveralCodes(_)) | Self::Reader(_) => {
                (422, "no-single-code")
            }
            Self::Code(_) => (422, "code-not-payable"),
            Self::UnknownPayee => (422, "unknown-payee"),
            Self::Currency => (422, "currency"),
            Self::PayerName => (422, "payer-name"),
            Self::Expired => (422, "expired"),
            Self::AmountMissing => (422, "amount-missing"),
            Self::AmountFixed => (422, "amount-fixed"),
            Self::AmountRange => (422, "amount-range"),
            Self::Delay => (422, "delay"),
            Self::Group => (422, "group"),
            Self::ListLength => (422, "list-length"),
            Self::Label => (422, "label"),
            Self::Books(BooksError::TooLittle { .. }) => (422, "too-little"),
            Self::Books(BooksError::ScanUsed) => (409, "scan-used"),
            Self::Books(BooksError::CommitUnknown(_)) | Self::Interrupted(_) => {
                (503, "outcome-unknown")
            }
            Self::Books(_) => (503, "books-unavailable"),
        }
    }
}
