//! Why one entry of a notice cannot be read. Its neighbours are unharmed.

use epay_money::MoneyError;

/// What is wrong with an entry. No variant quotes what stands in the message: it may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    /// The account of the notification has no identification.
    #[error("the account that was credited is not named")]
    NoAccount,
    /// No reference of the account servicer: the same movement told twice could not be recognised.
    #[error(
        "the bank's own reference is missing, so a repeat could not be told from a second payment"
    )]
    NoReference,
    /// A field that the rules need is missing.
    #[error("this field is missing")]
    Missing,
    /// A field that may occur once occurs again.
    #[error("this field may occur only once")]
    Repeated,
    /// A field is longer than its schema type.
    #[error("this field is longer than {0} characters")]
    TooLong(usize),
    /// Another currency than HKD or CNY.
    #[error("the currency is neither HKD nor CNY")]
    Currency,
    /// Details in another currency than their entry.
    #[error("the currency differs from the entry's")]
    OtherCurrency,
    /// An entry in another currency than its statement.
    #[error("the currency differs from the statement's")]
    StatementCurrency,
    /// A text with bytes that are no text, or longer than any field.
    #[error("this text is too long, or holds bytes that are no text")]
    Text,
    /// Not an amount of whole cents.
    #[error("this is not an amount")]
    Amount(#[source] MoneyError),
    /// Nothing, where something must have moved.
    #[error("the amount is not more than nothing")]
    NotPositive,
    /// More than any payment can be.
    #[error("the amount is larger than any payment can be")]
    Implausible,
    /// Neither `CRDT` nor `DBIT`.
    #[error("the direction is neither CRDT nor DBIT")]
    Direction,
    /// Not a date or time of ISO 8601 in this century.
    #[error("this is not a date or time of this century")]
    Date,
    /// The details do not add up to their entry.
    #[error("the details do not add up to the entry")]
    Sum,
}

impl Wrong {
    /// A stable word for counters and the quarantine list.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoAccount => "missing_account",
            Self::NoReference => "missing_reference",
            Self::Missing => "missing_field",
            Self::Repeated => "repeated_field",
            Self::TooLong(_) => "field_too_long",
            Self::Currency => "wrong_currency",
            Self::OtherCurrency => "mixed_currency",
            Self::StatementCurrency => "mixed_currency",
            Self::Text => "bad_text",
            Self::Amount(_) => "bad_amount",
            Self::NotPositive => "amount_not_positive",
            Self::Implausible => "amount_implausible",
            Self::Direction => "bad_direction",
            Self::Date => "bad_date",
            Self::Sum => "sum_differs",
        }
    }
}

/// A fault and the place below the entry where it is, for instance `NtryDtls/TxDtls[2]/Amt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryFault {
    /// Path below the entry; empty for the entry itself.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) wrong: Wrong,
}

impl EntryFault {
    /// A fault at a place.
    pub(crate) fn at(place: impl Into<String>, wrong: Wrong) -> Self {
        Self {
            place: place.into(),
            wrong,
        }
    }
}
