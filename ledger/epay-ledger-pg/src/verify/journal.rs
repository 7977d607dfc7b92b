//! One journal under verification: its lines come one by one.

use epay_ledger::Side;
use uuid::Uuid;

use super::ledger::Ledger;
use super::report::{Finding, VerifyReport};

/// One entry.
pub(super) struct Line {
    pub(super) line: i16,
    pub(super) account: i32,
    pub(super) amount: i64,
}

/// What is known of a journal so far.
pub(super) struct JournalCheck {
    book: i16,
    id: Uuid,
    /// False for entries whose journal is not there.
    exists: bool,
    line_count: i16,
    /// Wider than an amount: no number of lines overflows it.
    difference: i128,
}

impl JournalCheck {
    pub(super) fn new(book: i16, id: Uuid, exists: bool) -> Self {
        Self {
            book,
            id,
            exists,
            line_count: 0,
            difference: 0,
        }
    }

    pub(super) fn is_of(&self, book: i16, id: Uuid) -> bool {
        (self.book, self.id) == (book, id)
    }

    pub(super) fn add(&mut self, line: &Line, ledger: &mut Ledger, report: &mut VerifyReport) {
        self.line_count = self.line_count.saturating_add(1);
        self.difference = self.difference.saturating_add(i128::from(line.amount));
        if line.line != self.line_count {
            report.find(self.malformed(
                ledger,
                format!("line {} stands where {} should", line.line, self.line_count),
            ));
        }
        let (side, minor) = if line.amount > 0 {
            (Side::Debit, Some(line.amount))
        } else {
            (Side::Credit, line.amount.checked_neg())
        };
        let Some(minor) = minor.filter(|minor| *minor > 0) else {
            report.find(self.malformed(
                ledger,
                format!("line {} is of {} minor units", line.line, line.amount),
            ));
            return;
        };
        let fits = ledger.add(line.account, self.book, side, minor);
        if let Err(why) = fits {
            report.find(self.malformed(ledger, format!("line {}: {why}", line.line)));
        }
    }

    pub(super) fn finish(self, ledger: &Ledger, report: &mut VerifyReport) {
        if !self.exists {
            report.find(self.malformed(ledger, "its entries are there and it is not".to_owned()));
            return;
        }
        report.journals = report.journals.saturating_add(1);
        if self.line_count < 2 {
            report.find(self.malformed(
                ledger,
                format!(
                    "it has {} of the two or more entries it needs",
                    self.line_count
                ),
            ));
        }
        if self.difference != 0 {
            report.find(Finding::Unbalanced {
                book: ledger.book(self.book),
                journal: self.id,
                difference_minor: self.difference,
            });
        }
    }

    fn malformed(&self, ledger: &Ledger, what: String) -> Finding {
        Finding::Malformed {
            book: ledger.book(self.book),
            journal: self.id,
            what,
        }
    }
}
