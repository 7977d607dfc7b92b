//! Money that is promised and not here: authorisations (J02) and conditional receipts (J05, J06).
//!
//! A promise is booked once, when it is made, and mirrored once, when it ends. What was promised is kept with the
//! payment ([`Promise`]), so that the mirror can be written without reading the ledger.

use epay_ledger::recipes::{self, RailAccounts};
use epay_ledger::{Draft, Journal, LedgerError, chart, reversal};
use epay_money::{BillerId, JournalId, Money};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::payment::Promise;

/// What every journal of a promise needs.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Id of the journal to make.
    pub journal: JournalId,
    /// The department.
    pub book: BillerId,
    /// Now.
    pub at: Timestamp,
    /// The day whose feed it belongs to.
    pub day: Date,
    /// What caused it.
    pub source: String,
}

impl Entry {
    fn write(self, draft: Draft) -> Result<Journal, LedgerError> {
        draft.journal(self.journal, self.book, self.at, self.day, self.source)
    }
}

/// A rail holds money of the payer for us: 9010 against 9020, and no receivable.
///
/// # Errors
/// [`LedgerError::NotPositive`] for nothing.
pub fn authorised(entry: Entry, amount: Money) -> Result<Journal, LedgerError> {
    entry.write(recipes::authorisation(amount.currency(), amount.minor())?)
}

/// The authorisation is over, by capture, by letting go or by refusal: its mirror.
///
/// # Errors
/// As [`authorised`].
pub fn released(entry: Entry, promise: &Promise) -> Result<Journal, LedgerError> {
    let draft = recipes::authorisation(promise.amount.currency(), promise.amount.minor())?;
    mirror(entry, promise, draft)
}

/// A signed promise was taken in: the rail's clearing account against 2160.
///
/// # Errors
/// [`LedgerError::WrongAccount`] when the rail's clearing account is not that of conditional receipts.
pub fn received(
    entry: Entry,
    accounts: &RailAccounts,
    amount: Money,
) -> Result<Journal, LedgerError> {
    entry.write(recipes::conditional(
        accounts,
        amount.currency(),
        amount.minor(),
    )?)
}

/// A promise was honoured: the bank has the money. The receipts debit 2160 beside it.
///
/// # Errors
/// As [`received`].
pub fn honoured(
    entry: Entry,
    accounts: &RailAccounts,
    promise: &Promise,
) -> Result<Journal, LedgerError> {
    let bank = chart::BANK.account();
    let (currency, minor) = (promise.amount.currency(), promise.amount.minor());
    entry.write(recipes::sweep(accounts, &bank, currency, minor)?)
}

/// A promise was returned unpaid: its mirror.
///
/// # Errors
/// As [`received`].
pub fn dishonoured(
    entry: Entry,
    accounts: &RailAccounts,
    promise: &Promise,
) -> Result<Journal, LedgerError> {
    let (currency, minor) = (promise.amount.currency(), promise.amount.minor());
    mirror(
        entry,
        promise,
        recipes::conditional(accounts, currency, minor)?,
    )
}

/// The mirror of the journal that recorded the promise, made again from what it said.
fn mirror(entry: Entry, promise: &Promise, draft: Draft) -> Result<Journal, LedgerError> {
    let first = draft.journal(
        promise.journal,
        entry.book.clone(),
        entry.at,
        entry.day,
        entry.source.clone(),
    )?;
    entry.write(reversal(&first))
}
