//! Reconciliation of one book: both sides read under its lock, decided in memory, written once.
//!
//! 1. [`load`] takes the book's lock and reads what is new since the last run (statements, settlement reports, receipts)
//!    and what was left open (expectations, breaks that stand alone). What a bank told before its statement, [`told`] expected.
//! 2. [`question`] puts the two sides before the matcher, a level and a currency at a time.
//! 3. [`found`] turns the outcome into rows: matches, breaks with their events, expectations; [`book`] books it. Account 1010
//!    moves here, by entries of statements, and nowhere at a rail's word.
//! 4. [`passed_on`] judges what was passed on to the department: files, remittances, and what must hold of each feed.
//! 5. [`writes`] writes all of it in the same transaction, in pieces of [`ROWS_MAX`] rows, the ledger's hot rows last.
//!
//! A run that crashes has written nothing; one that finds nothing new writes nothing but its time. [`people`] carries out
//! what two people agreed on, under the same lock.
//!
//! Bounds: [`STATEMENTS_MAX`] statements a run; memory is one item for each line and each open expectation.

mod ask;
mod book;
mod expect;
mod found;
mod late;
mod left;
mod load;
mod owed;
mod passed_on;
mod people;
mod question;
mod run;
pub(crate) mod told;
mod writes;

use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::ItemKind;
use epay_domain::statement::EntryDirection;
use epay_money::{BreakId, Currency, JournalId, RailId};
use epay_store::reconciliation::Expectation;
use jiff::SignedDuration;
use jiff::civil::Date;
use uuid::Uuid;

pub use ask::{BookSummary, CaseView};
pub use run::Reconciled;

pub use crate::desk::ProposeBreakResolution;

/// Most statements that one run looks at; the next run takes up the rest.
const STATEMENTS_MAX: i64 = 32;
/// Most rows of one statement of SQL.
const ROWS_MAX: usize = 10_000;
/// A receipt is dated before its commit: what is recorded this long before the last run is looked at again.
const COMMIT_LAG: SignedDuration = SignedDuration::from_mins(15);

/// Something that must be seen.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) what: Expectation,
    /// It has no row of its own yet.
    pub(super) fresh: bool,
    /// All of a day are paid over together.
    pub(super) by_day: bool,
    /// The open break that says that it is not there, or because of which it is expected.
    pub(super) case: Option<BreakId>,
}

/// Something that was seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) level: Level,
    pub(super) kind: ItemKind,
    /// The statement or report, and its line.
    pub(super) source: Uuid,
    pub(super) line: i32,
    /// The rail, of a report's row.
    pub(super) rail: Option<RailId>,
    pub(super) account: String,
    pub(super) currency: Currency,
    pub(super) direction: EntryDirection,
    pub(super) rail_reference: String,
    pub(super) reference: Option<String>,
    pub(super) bill_number: Option<String>,
    /// What else the bank wrote beside it, where a batch may be named.
    pub(super) texts: Vec<String>,
    pub(super) minor: i64,
    pub(super) fee_minor: Option<i64>,
    pub(super) day: Date,
    pub(super) returned: bool,
    /// Money moved: not told a second time.
    pub(super) counts: bool,
    /// What booked it before it was seen here: a dispute, when the rail told of it.
    pub(super) journal: Option<JournalId>,
    /// The open break that stands for it; the money is then kept already.
    pub(super) case: Option<BreakId>,
}
