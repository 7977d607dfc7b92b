//! Why a journal cannot be made.

use epay_money::Currency;

use crate::account::AccountCode;
use crate::draft::POSTINGS_MAX;
use crate::journal::SOURCE_LENGTH_MAX;

/// A refusal to draft or name a journal. Each is a fault of the caller or of configuration, never of a payer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// One posting, or none.
    #[error("a journal needs at least two postings and this one has {count}")]
    TooFewPostings {
        /// How many there were.
        count: usize,
    },
    /// More postings than a journal may carry.
    #[error("a journal carries at most {POSTINGS_MAX} postings and this one has {count}")]
    TooManyPostings {
        /// How many there were.
        count: usize,
    },
    /// A posting of nothing or of less than nothing.
    #[error("a posting must be of more than zero, and the one on {account} is of {minor} cents")]
    NotPositive {
        /// Where it would have been posted.
        account: AccountCode,
        /// The amount.
        minor: i64,
    },
    /// Debits and credits differ.
    #[error(
        "debits of {debit_minor} and credits of {credit_minor} {currency} cents do not balance"
    )]
    Unbalanced {
        /// Currency of the journal.
        currency: Currency,
        /// Sum of the debits, in minor units.
        debit_minor: i64,
        /// Sum of the credits, in minor units.
        credit_minor: i64,
    },
    /// An account whose four digits the chart does not have.
    #[error("account {account} is not in the chart of accounts")]
    UnknownAccount {
        /// The account.
        account: AccountCode,
    },
    /// An account that exists and may not stand where it was put.
    #[error("account {account} cannot be used as {role}")]
    WrongAccount {
        /// The account.
        account: AccountCode,
        /// What it was to serve as.
        role: &'static str,
    },
    /// A sum that does not fit in 64 bits of minor units.
    #[error("the sum of the postings is larger than the ledger can hold")]
    Overflow,
    /// A source that is empty or too long.
    #[error(
        "the source of a journal is 1 to {SOURCE_LENGTH_MAX} characters, and {length} were given"
    )]
    SourceLength {
        /// Its length in characters.
        length: usize,
    },
}
