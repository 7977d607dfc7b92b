//! A batch as rows: accounts by number, entries by sign, one change a balance.

use std::collections::BTreeMap;

use epay_ledger::balances::{AccountKey, Totals};
use epay_ledger::{Journal, Posting, Side};
use uuid::Uuid;

use crate::directory::{Book, Books};
use crate::error::LedgerPgError;

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
    pub(super) fn resolve(books: &Books, journals: &'a [Journal]) -> Result<Self, LedgerPgError> {
        let mut rows = Self {
            journals: Vec::with_capacity(journals.len()),
            entries: Vec::with_capacity(journals.len().saturating_mul(2)),
            changes: BTreeMap::new(),
        };
        for journal in journals {
            let Some(book) = books.book(journal.book(), journal.currency()) else {
                return Err(unknown(journal, journal.postings().first()));
            };
            rows.journals.push(JournalRow {
                book: book.id,
                journal,
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
