//! Money that is promised and not here: authorisations (J02) and conditional receipts (J05, J06).
//!
//! One that is returned after it had counted is another journal, because people and departments have moved since.
//!
//! A promise is booked once, when it is made, and mirrored once, when it ends. What was promised is kept with the
//! payment ([`Promise`]), so that the mirror can be written without reading the ledger.

use epay_ledger::recipes::{self, RailAccounts, ReturnedParts};
use epay_ledger::{Draft, Journal, LedgerError, reversal};
use epay_money::{BillerId, JournalId, Money};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::credit::CreditError;
use crate::payment::Promise;
use crate::refund::{Pot, Source, source_account};

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

/// The bank says that it honoured a promise: its money waits for the bank's statement. The receipts debit 2160 beside it.
///
/// # Errors
/// As [`received`].
pub fn honoured(
    entry: Entry,
    accounts: &RailAccounts,
    promise: &Promise,
) -> Result<Journal, LedgerError> {
    let (currency, minor) = (promise.amount.currency(), promise.amount.minor());
    entry.write(recipes::promise_honoured(accounts, currency, minor)?)
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

/// A promise was returned after it had counted (J06, last part): what is still held of its receipts is given up, and all
/// the rest, applied, carried forward or refunded, the department owes. The debit waits for the bank's statement. `pots` are the receipts' parts before that.
///
/// # Errors
/// [`CreditError`] when the department's code makes no account, or more is held than was returned.
pub fn returned(entry: Entry, amount: Money, pots: &[Pot]) -> Result<Journal, CreditError> {
    let left_of = |source| {
        pots.iter()
            .filter(|pot| pot.source == source)
            .try_fold(0_i64, |sum, pot| sum.checked_add(pot.left().minor()))
            .ok_or(LedgerError::Overflow)
    };
    let (overpaid_minor, duplicate_minor, unapplied_minor) = (
        left_of(Source::Overpaid)?,
        left_of(Source::Duplicate)?,
        left_of(Source::Unapplied)?,
    );
    let due_minor = [overpaid_minor, duplicate_minor, unapplied_minor]
        .into_iter()
        .try_fold(amount.minor(), i64::checked_sub)
        .ok_or(LedgerError::Overflow)?;
    let parts = ReturnedParts {
        due_minor,
        overpaid_minor,
        duplicate_minor,
        unapplied_minor,
    };
    let department = source_account(Source::Applied, &entry.book)?;
    let draft = recipes::returned_unpaid(&department, amount.currency(), parts)?;
    Ok(entry.write(draft)?)
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
