//! A batch as rows: accounts by number, entries by sign, one change a balance.

use std::borrow::Cow;
use std::collections::BTreeMap;

use epay_ledger::balances::{AccountKey, Totals};
use epay_ledger::{Journal, Posting, SOURCE_LENGTH_MAX, Side, open_day};
use jiff::civil::Date;
use uuid::Uuid;

use crate::directory::{Book, Books};
use crate::error::LedgerPgError;
use crate::period::ClosedPeriods;

/// Everything that a batch writes.
pub(super) struct Rows<'a> {
    pub(super) journals: Vec<JournalRow<'a>>,
    pub(super) entries: Vec<EntryRow>,
    /// The sums to add, by (book, account): the order in which balances are locked.
    pub(super) changes: BTreeMap<(i16, i32), Totals>,
}

pub(super) struct JournalRow<'a> {
    pub(super) book: i16,
    pub(super) journal: &'a Journal,
    /// The journal's own, or the first open day after it.
    pub(super) business_date: Date,
    /// The journal's own, with its day where that is in a closed period.
    pub(super) source: Cow<'a, str>,
}

pub(super) struct EntryRow {
    pub(super) book: i16,
    pub(super) journal_id: Uuid,
    pub(super) line: i16,
    pub(super) account: i32,
    /// Debits above zero, credits below.
    pub(super) amount: i64,
}

impl<'a> Rows<'a> {
    pub(super) fn resolve(
        books: &Books,
        periods: &ClosedPeriods,
        journals: &'a [Journal],
    ) -> Result<Self, LedgerPgError> {
        let mut rows = Self {
            journals: Vec::with_capacity(journals.len()),
            entries: Vec::with_capacity(journals.len().saturating_mul(2)),
            changes: BTreeMap::new(),
        };
        for journal in journals {
            let Some(book) = books.book(journal.book(), journal.currency()) else {
                return Err(unknown(journal, journal.postings().first()));
            };
            let closed = periods.get(journal.book()).map_or(&[][..], Vec::as_slice);
            let business_date = open_day(closed, journal.business_date());
            rows.journals.push(JournalRow {
                book: book.id,
                journal,
                business_date,
                source: source(journal, business_date),
            });
            rows.add_entries(book, journal)?;
        }
        Ok(rows)
    }

    fn add_entries(&mut self, book: &Book, journal: &Journal) -> Result<(), LedgerPgError> {
        for (line, posting) in (1_i16..).zip(journal.postings()) {
            let account = book
                .account(&posting.account)
                .ok_or_else(|| unknown(journal, Some(posting)))?;
            let totals = self.changes.entry((book.id, account)).or_default();
            *totals = totals
                .with(posting.side, posting.minor)
                .map_err(LedgerPgError::Sum)?;
            self.entries.push(EntryRow {
                book: book.id,
                journal_id: journal.id().uuid(),
                line,
                account,
                // A posting is above zero, so its negative always exists.
                amount: match posting.side {
                    Side::Debit => posting.minor,
                    Side::Credit => posting.minor.saturating_neg(),
                },
            });
        }
        Ok(())
    }
}

/// The source with the day of the fact, where it is posted on another. Sources that leave no room for that are cut: they
/// are long only where they are words.
fn source(journal: &Journal, business_date: Date) -> Cow<'_, str> {
    let own = journal.source();
    let day = journal.business_date();
    if day == business_date {
        return Cow::Borrowed(own);
    }
    let day = format!("@{day}");
    let room = SOURCE_LENGTH_MAX.saturating_sub(day.len());
    let kept: String = own.chars().take(room).collect();
    Cow::Owned(kept + &day)
}

/// A journal has postings, so the account of the first one can always be named.
fn unknown(journal: &Journal, posting: Option<&Posting>) -> LedgerPgError {
    match posting {
        Some(posting) => LedgerPgError::UnknownAccount {
            key: Box::new(AccountKey {
                book: journal.book().clone(),
                account: posting.account.clone(),
                currency: journal.currency(),
            }),
        },
        None => LedgerPgError::Sum(epay_ledger::LedgerError::TooFewPostings { count: 0 }),
    }
}
