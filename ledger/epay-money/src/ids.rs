//! Typed identifiers: a payment's id can never be passed where a bill's is meant.
//!
//! Ids of things that are born here are UUIDs of version 7 (RFC 9562), so that an index grows at its end;
//! the caller makes them, because randomness and time arrive as arguments. Ids of configured things
//! (billers, bill types, rails) are short validated words.

use core::fmt;
use core::str::FromStr;

use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a UUID.
    #[error("{what} must be a UUID")]
    NotUuid {
        /// Which kind of id was expected.
        what: &'static str,
    },
    /// Not a short word.
    #[error("{what} must be 1 to 32 characters a-z, 0-9 or '-', beginning with a letter")]
    NotWord {
        /// Which kind of id was expected.
        what: &'static str,
    },
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the caller made.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($what, " {}"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_not_a_uuid| IdError::NotUuid { what: $what })
            }
        }
    )+};
}

uuid_id! {
    /// A bill: one demand that a department issued.
    BillId, "bill id";
    /// A payment: one attempt of a payer to pay a bill.
    PaymentId, "payment id";
    /// A receipt: one credit that a rail told us of.
    ReceiptId, "receipt id";
    /// A journal: one balanced set of ledger entries.
    JournalId, "journal id";
    /// A rail message as it arrived.
    MessageId, "message id";
    /// A refund: money of one receipt that is to be given back.
    RefundId, "refund id";
    /// A proposal: something that one person wants and another must agree to.
    ProposalId, "proposal id";
    /// An account that refunds may be paid to.
    PayoutAccountId, "payout account id";
    /// A recall: a request to have a payment back after it was made.
    RecallId, "recall id";
    /// A bank statement.
    StatementId, "statement id";
    /// A batch that a rail pays over.
    SettlementBatchId, "settlement batch id";
    /// A difference between two books of record.
    BreakId, "break id";
    /// A receiver of webhooks.
    WebhookEndpointId, "webhook endpoint id";
    /// A person who agreed to be told of bills.
    PersonId, "person id";
}

macro_rules! word_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Takes a word of 1 to 32 characters `a-z`, `0-9`, `-` that begins with a letter.
            ///
            /// # Errors
            /// [`IdError::NotWord`] for anything else.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if is_word(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError::NotWord { what: $what })
                }
            }

            /// The word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }
    )+};
}

word_id! {
    /// A department that issues bills, for instance `rvd`.
    BillerId, "biller";
    /// A kind of bill of a department, for instance `rvd-rates`.
    BillTypeCode, "bill type";
    /// A payment rail.
    RailId, "rail";
}

fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 32
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}
