//! Why the ledger in PostgreSQL did not do what was asked.

use epay_ledger::balances::AccountKey;
use epay_ledger::{AccountCodeError, LedgerError, NotPeriod, UnknownJournalKind};
use epay_money::{BillerId, IdError, JournalId, UnknownCurrency};
use epay_pg::Conflicting;

use crate::log::LogFault;
use crate::post::JOURNALS_MAX;

/// A refusal or a failure. After any of them the caller's transaction is to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum LedgerPgError {
    /// More journals than one call takes.
    #[error("{count} journals were given and one batch takes at most {JOURNALS_MAX}")]
    TooMany {
        /// How many there were.
        count: usize,
    },
    /// An account the directory has not been told of: `ensure` was not called with these journals.
    #[error("account {key} is not in the directory")]
    UnknownAccount {
        /// The account.
        key: Box<AccountKey>,
    },
    /// A journal with this id is in the book already.
    #[error("a journal of the batch has been posted before")]
    AlreadyPosted(#[source] tokio_postgres::Error),
    /// The journal that a reversal names has been reversed before.
    #[error("a journal of the batch reverses one that is reversed already")]
    AlreadyReversed(#[source] tokio_postgres::Error),
    /// A journal is dated in a period that was closed since the directory looked. The directory knows that it must look
    /// again: the batch is to be posted once more, and its late facts then go where the books are open.
    #[error("a journal of the batch is dated in a period that is closed")]
    PeriodClosed(#[source] tokio_postgres::Error),
    /// A check of the database refused the batch. Drafts are checked before, so this is a defect, not a payer's fault.
    #[error("the database refused the batch by {constraint}")]
    Refused {
        /// The name of the check.
        constraint: String,
        /// What the database said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The directory holds numbers that the database does not: it was filled in a transaction that never committed.
    #[error("accounts of the directory do not exist in the database")]
    StaleDirectory(#[source] tokio_postgres::Error),
    /// The batch's sums for one account do not fit in 64 bits of minor units.
    #[error("the batch cannot be added up")]
    Sum(#[source] LedgerError),
    /// A stored row that this program cannot read.
    #[error("journal {journal} is stored in a form that cannot be read")]
    Unreadable {
        /// The journal.
        journal: JournalId,
        /// Which rule it breaks.
        #[source]
        source: Unreadable,
    },
    /// A book whose name is not a biller's.
    #[error("a book is stored under a name that no biller can have")]
    Book(#[source] IdError),
    /// An account that is stored with a code or currency this program does not know.
    #[error("an account of book {book} is stored in a form that cannot be read")]
    Account {
        /// The book.
        book: BillerId,
        /// Which rule it breaks.
        #[source]
        source: Unreadable,
    },
    /// A period that is stored with days that are neither a month nor a fiscal year.
    #[error("the period that begins on {first} is none")]
    Period {
        /// Its first day.
        first: jiff::civil::Date,
        /// Which rule it breaks.
        #[source]
        source: NotPeriod,
    },
    /// The log cannot be read or continued.
    #[error("the log of journals cannot be used")]
    Log(#[from] LogFault),
    /// The statement failed for another reason than the content of the batch.
    #[error("the ledger's statement failed")]
    Database(#[source] tokio_postgres::Error),
}

/// What makes a stored row unreadable.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum Unreadable {
    /// Its account code.
    Code(#[from] AccountCodeError),
    /// Its currency.
    Currency(#[from] UnknownCurrency),
    /// Its kind.
    Kind(#[from] UnknownJournalKind),
    /// Its postings, which make no journal.
    Postings(#[from] LedgerError),
    /// Its book.
    Book(#[from] IdError),
}

impl Conflicting for LedgerPgError {
    /// Whether the whole transaction may simply be run again: it lost against another one.
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_conflict())
    }
}

impl From<tokio_postgres::Error> for LedgerPgError {
    fn from(error: tokio_postgres::Error) -> Self {
        let refused = error
            .as_db_error()
            .filter(|db| {
                db.code().code().starts_with("23")
                    && db.schema().is_none_or(|schema| schema == "ledger")
            })
            .and_then(|db| db.constraint());
        match refused {
            Some("journal_pkey" | "entry_pkey") => Self::AlreadyPosted(error),
            Some("journal_reversed_once") => Self::AlreadyReversed(error),
            Some("journal_in_open_period") => Self::PeriodClosed(error),
            Some("balance_exists") => Self::StaleDirectory(error),
            Some(constraint) => Self::Refused {
                constraint: constraint.to_owned(),
                source: error,
            },
            None => Self::Database(error),
        }
    }
}
