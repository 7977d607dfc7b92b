//! A journal: a draft with its name, its book, its dates and its cause. It never changes.

use epay_money::{BillerId, Currency, JournalId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Longest source, in characters: a UUID with a prefix, or a rail's own reference.
pub const SOURCE_LENGTH_MAX: usize = 64;

/// One balanced set of ledger entries in one book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    id: JournalId,
    book: BillerId,
    draft: Draft,
    posted_at: Timestamp,
    business_date: Date,
    source: String,
}

impl Draft {
    /// Puts the draft in a book. `posted_at` is the instant of the decision, `business_date` the day whose feed
    /// it belongs to, `source` what caused it (for instance a receipt's id). The instant is kept to the microsecond,
    /// as stores keep it, so that a journal read back equals the one posted.
    ///
    /// # Errors
    /// [`LedgerError::SourceLength`] for an empty source or one above [`SOURCE_LENGTH_MAX`] characters.
    pub fn journal(
        self,
        id: JournalId,
        book: BillerId,
        posted_at: Timestamp,
        business_date: Date,
        source: impl Into<String>,
    ) -> Result<Journal, LedgerError> {
        let source = source.into();
        let length = source.chars().count();
        if length == 0 || length > SOURCE_LENGTH_MAX {
            return Err(LedgerError::SourceLength { length });
        }
        // Whole microseconds are within the range that the instant itself came from.
        let posted_at =
            Timestamp::from_microsecond(posted_at.as_microsecond()).unwrap_or(posted_at);
        Ok(Journal {
            id,
            book,
            draft: self,
            posted_at,
            business_date,
            source,
        })
    }
}

impl Journal {
    pub(crate) const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its name, unique in its book.
    #[must_use]
    pub const fn id(&self) -> JournalId {
        self.id
    }

    /// The biller in whose accounts it lies.
    #[must_use]
    pub const fn book(&self) -> &BillerId {
        &self.book
    }

    /// Which recipe made it.
    #[must_use]
    pub const fn kind(&self) -> JournalKind {
        self.draft.kind()
    }

    /// The currency of every posting.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.draft.currency()
    }

    /// The postings, in line order.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        self.draft.postings()
    }

    /// The sum of one side, in minor units.
    #[must_use]
    pub const fn total_minor(&self) -> i64 {
        self.draft.total_minor()
    }

    /// When it was decided.
    #[must_use]
    pub const fn posted_at(&self) -> Timestamp {
        self.posted_at
    }

    /// The business day it belongs to.
    #[must_use]
    pub const fn business_date(&self) -> Date {
        self.business_date
    }

    /// What caused it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The journal that this one undoes, if it is a reversal.
    #[must_use]
    pub const fn reverses(&self) -> Option<JournalId> {
        self.draft.reverses()
    }
}
