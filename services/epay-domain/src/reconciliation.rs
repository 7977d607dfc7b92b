//! Reconciliation: what should have come, beside what came, every difference named once.
//!
//! Expectation first: every captured payment and every batch of a rail expects its settlement by a business day
//! ([`Expected`]); statements and settlement reports bring what was seen ([`Observed`]). [`reconcile`] puts the two
//! together:
//!
//! 1. returned items are set aside;
//! 2. keys are tried in order: the rail's reference, our reference, the name of a batch, the number of a bill with
//!    amount and date, and for batches the amount with the date where that is unambiguous ([`MatchedBy`]);
//! 3. items under one key meet one to one, one to many or many to one; money has no tolerance, dates have one
//!    business day;
//! 4. what is left over is a [`Break`] of one of the ten classes, or not due yet;
//! 5. breaks get suggestions, each with its reason.
//!
//! Every item ends in exactly one place: a match, a break, or the list of what is not due. What the outcome says depends on
//! what the items are and never on the order in which they were given; only matches are listed in the order of the
//! expected side. What a break goes through afterwards, until two people or a fact end it, is in [`case`]. What was passed on to
//! departments is judged by words and running sums instead of items: [`passed_on`].
//!
//! Bounds: [`ITEMS_MAX`] items a side, [`SUGGESTIONS_MAX`] suggestions a break, [`PAIRED_MAX`] leftovers a side are
//! looked through for sums of two. Time grows as sorting one number an item; nothing is allocated for an item that
//! meets its own in one to one.

pub mod case;
mod class;
mod due;
mod group;
mod key;
mod left;
mod pass;
pub mod passed_on;
mod suggest;

pub use class::{BreakClass, Level, MatchedBy};
pub use key::{NAME_LENGTH_MIN, named};
pub use suggest::{PAIRED_MAX, SUGGESTIONS_MAX, Suggestion, Why};

use std::collections::BTreeMap;

use epay_money::{BusinessCalendar, CalendarError};
use jiff::civil::Date;
use uuid::Uuid;

/// Most items of one side in one question; places are 32-bit numbers.
pub const ITEMS_MAX: usize = 50_000_000;

/// The name of an item: of a receipt or batch, or of a line of a statement or report. It settles the order of equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    /// The receipt, batch, statement or file.
    pub id: Uuid,
    /// The line of it; 0 where it has none.
    pub line: i32,
}

/// Which way money moved on our account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// To us.
    In,
    /// From us.
    Out,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One movement of money.
    Item,
    /// One payment for many movements. Less is a short settlement, more is one that is over.
    Batch,
    /// What an earlier difference left to come or to go back, on whatever day: its amount alone says too little.
    Rest,
}

/// Something that must be seen.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its name.
    pub id: ItemId,
    /// One movement or many.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// A number for the account on which the rail's reference means something.
    pub account: u32,
    /// The rail's or bank's own reference.
    pub rail_reference: Option<&'a str>,
    /// Our reference; of a batch, its name.
    pub reference: Option<&'a str>,
    /// The batch with which it is paid over, where the rail pays by batch and reports none.
    pub batch: Option<&'a str>,
    /// The number of the bill.
    pub bill_number: Option<&'a str>,
    /// What must be seen, in minor units: more than nothing.
    pub minor: i64,
    /// What the rail keeps or charges for it, where that is known.
    pub fee_minor: Option<i64>,
    /// The day it was captured or reported.
    pub day: Date,
    /// The business day by which it must be seen; unset where a break stands for it already, and any day will do.
    pub expected_on: Option<Date>,
    /// It was seen before: whatever comes under its rail reference now is a second one.
    pub met: bool,
}

/// Something that was seen.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Its name.
    pub id: ItemId,
    /// Which way.
    pub direction: Direction,
    /// A number for the account on which the rail's reference means something.
    pub account: u32,
    /// The rail's or bank's own reference.
    pub rail_reference: Option<&'a str>,
    /// Our reference, or the name of a batch.
    pub reference: Option<&'a str>,
    /// The number of the bill.
    pub bill_number: Option<&'a str>,
    /// How much, in minor units: more than nothing.
    pub minor: i64,
    /// The fee that is named with it.
    pub fee_minor: Option<i64>,
    /// The day it is booked on.
    pub day: Date,
    /// It takes back something that had been there: a return or reversal.
    pub returned: bool,
}

/// Both sides of one book at one level.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Which two books of record are put together.
    pub level: Level,
    /// What must be seen.
    pub expected: &'a [Expected<'a>],
    /// What was seen.
    pub observed: &'a [Observed<'a>],
    /// The last day of which everything was seen on an account, by the account's number. Where an account is missing,
    /// nobody can say that something is: its report or statement has not come.
    pub covered_until: &'a BTreeMap<u32, Date>,
    /// Today in Hong Kong.
    pub today: Date,
}

/// Places in one side of a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Places {
    /// No item.
    #[default]
    None,
    /// One item: the common case, without an allocation.
    One(u32),
    /// Several, in the order of their names.
    Many(Box<[u32]>),
}

impl Places {
    /// The places.
    #[must_use]
    pub const fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(place) => std::slice::from_ref(place),
            Self::Many(places) => places,
        }
    }

    fn of(places: &[u32]) -> Self {
        match places {
            [] => Self::None,
            [one] => Self::One(*one),
            many => Self::Many(many.into()),
        }
    }
}

/// Items that agree to the cent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// What was expected.
    pub expected: Places,
    /// What was seen of it.
    pub observed: Places,
    /// Why they belong together.
    pub by: MatchedBy,
}

/// Items that do not agree, or that stand alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// What is wrong.
    pub class: BreakClass,
    /// What was expected.
    pub expected: Places,
    /// What was seen.
    pub observed: Places,
    /// Why they belong together, where both sides are there.
    pub by: Option<MatchedBy>,
    /// What was seen less what was expected, in minor units; of a fee mismatch, of the fees.
    pub difference_minor: i64,
    /// What a person may want to do about it.
    pub suggestions: Vec<Suggestion>,
}

/// Every item, once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What agrees.
    pub matches: Vec<Match>,
    /// What does not.
    pub breaks: Vec<Break>,
    /// What is expected and not due yet.
    pub waiting: Vec<u32>,
}

/// Why a question cannot be answered. Nothing of it was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// A business day cannot be told.
    #[error("the business days of the items are not all known")]
    Calendar(#[from] CalendarError),
    /// Amounts under one key do not fit into 64 bits together.
    #[error("amounts under one key add up to more than can be counted")]
    Overflow,
    /// More items than places can be numbered.
    #[error("{count} items on one side are more than the {ITEMS_MAX} of one question")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

/// Puts both sides together.
///
/// # Errors
/// [`ReconcileError`].
pub fn reconcile(
    question: &Question<'_>,
    calendar: &BusinessCalendar,
) -> Result<Outcome, ReconcileError> {
    let count = question.expected.len().max(question.observed.len());
    if count > ITEMS_MAX {
        return Err(ReconcileError::TooMany { count });
    }
    let mut work = pass::Work::open(question, calendar);
    work.by_text(MatchedBy::RailReference)?;
    work.by_text(MatchedBy::Reference)?;
    work.by_text(MatchedBy::Batch)?;
    work.by_bill_number()?;
    work.by_amount()?;
    let mut outcome = left::close(work)?;
    suggest::suggest(question, &mut outcome);
    Ok(outcome)
}
