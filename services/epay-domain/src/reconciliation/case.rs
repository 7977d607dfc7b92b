//! What a break goes through: opened once, assigned, resolved by a fact or by two people, opened again; every step an
//! event. The difference lies on an account of the chart until then ([`Kept`]).
//!
//! | resolution | for | books |
//! | --- | --- | --- |
//! | match | a side that stands alone, or the rest of one | as if the two had met by themselves |
//! | write off | any kept difference | against 5090 |
//! | suspense | money too much, as money without a bill: it can then be matched or given back | 2190 / 2110 |
//! | department claim | money that is missing | 1230 / where it is kept |
//! | rail claim | a fee that was too high | 1190 / 5010 |
//! | fee invoice, remittance | a debit of the bank that nobody expected | 2310 or 2010 / 1190; of what was kept back, 2010 / 1230 |
//! | accept | a difference that moved no money | nothing |
//! | reopen | what two people resolved | the mirror of what the resolution booked |

mod book;
mod change;

pub use book::{booking, fits};
pub use change::{CaseAsk, CaseFact, apply, asked, told};

use epay_ledger::AccountCode;
use epay_money::{
    BillerId, BreakId, BusinessCalendar, CalendarError, Currency, JournalId, Money, ProposalId,
    RailId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::class::words;
use super::{BreakClass, Level, Why};

words! {
    /// What an item of a break is. The word says where to look for it.
    ItemKind {
        /// A receipt.
        Receipt = "receipt",
        /// A batch that a rail says it pays over.
        Batch = "batch",
        /// Receipts of a day that a rail pays over together.
        DayBatch = "day_batch",
        /// What an earlier break says is still to come.
        Shortfall = "shortfall",
        /// What an earlier break says is to go back to the rail.
        Surplus = "surplus",
        /// A refund that the bank says it paid.
        Refund = "refund",
        /// A refund that the bank says came back.
        RefundReturn = "refund_return",
        /// A promise that the bank honoured and then returned.
        PromiseReturn = "promise_return",
        /// Money that a dispute took back.
        Dispute = "dispute",
        /// An entry of a bank statement.
        Entry = "entry",
        /// A row of a rail's settlement report.
        Row = "row",
        /// A sealed file of a department's feed.
        FeedFile = "feed_file",
        /// What the department says of a file.
        Acknowledgement = "acknowledgement",
        /// Money that was paid over to the department.
        Remittance = "remittance",
        /// A feed's files, beside the books.
        FeedBooks = "feed_books",
        /// Entries of the ledger that no file of a feed will take.
        FeedEntries = "feed_entries",
        /// What the books say was paid over, beside the bank's statements.
        FeedRemittances = "feed_remittances",
    }
}

/// An item of a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseItem {
    /// What it is.
    pub kind: ItemKind,
    /// The receipt, batch, statement or message; of what the bank told, the notice of it that was kept.
    pub id: Uuid,
    /// The line of it; 0 where it has none.
    pub line: i32,
    /// What people find it by: our reference, else the rail's or the bank's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How much, in minor units; below zero for money that left.
    pub minor: i64,
}

/// Another item that may belong to a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Why.
    pub why: Why,
    /// The items.
    pub items: Vec<CaseItem>,
}

/// Where the difference lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The account.
    pub account: AccountCode,
    /// How much, in minor units: more than nothing.
    pub minor: i64,
}

/// Whether a break is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Somebody must look after it.
    Open,
    /// A fact or two people ended it.
    Resolved,
}

impl CaseState {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Open, Self::Resolved];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

/// How two people end a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resolution {
    /// It belongs to the item of another break, which stands alone on the other side or is what is left of one.
    Match {
        /// The other break.
        other: BreakId,
    },
    /// The difference is not worth following up.
    WriteOff,
    /// The money is taken in without a bill.
    Suspense,
    /// The department bears it.
    DepartmentClaim,
    /// The rail owes it.
    RailClaim,
    /// The operator took the fees that it had invoiced.
    FeeInvoice {
        /// The rail.
        rail: RailId,
    },
    /// Collections were passed on to the department.
    Remittance {
        /// Each revenue line, and minor units: together as much as the debit.
        lines: Vec<(String, i64)>,
        /// What was kept back of what the department owed us: it was not debited, and is not owed to the lines any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        clawback: Vec<(String, i64)>,
    },
    /// It is explained, and no money moved.
    Accept,
    /// It is not resolved after all.
    Reopen,
}

impl Resolution {
    /// What is kept back of what the department owes us, in minor units.
    #[must_use]
    pub fn clawback_minor(&self) -> i64 {
        let Self::Remittance { clawback, .. } = self else {
            return 0;
        };
        let minors = clawback.iter().map(|(_, minor)| *minor);
        minors.fold(0, i64::saturating_add)
    }

    /// A stable word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Match { .. } => "match",
            Self::WriteOff => "write_off",
            Self::Suspense => "suspense",
            Self::DepartmentClaim => "department_claim",
            Self::RailClaim => "rail_claim",
            Self::FeeInvoice { .. } => "fee_invoice",
            Self::Remittance { .. } => "remittance",
            Self::Accept => "accept",
            Self::Reopen => "reopen",
        }
    }
}

/// What ended a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Ended {
    /// What was missing came, or was explained by something that came.
    Fact {
        /// What, in a few words.
        what: String,
        /// When.
        at: Timestamp,
    },
    /// Two people agreed.
    People {
        /// Their proposal.
        proposal: ProposalId,
        /// How.
        resolution: Resolution,
        /// What their resolution booked.
        journals: Vec<JournalId>,
        /// When.
        at: Timestamp,
    },
}

/// A break with its history's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: BreakId,
    /// The book.
    pub biller: BillerId,
    /// Which two books of record differ.
    pub level: Level,
    /// What is wrong.
    pub class: BreakClass,
    /// The rail, where one is known.
    pub rail: Option<RailId>,
    /// The account at the bank or rail; empty where none is known.
    pub account: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// What was seen less what was expected, in minor units.
    pub difference_minor: i64,
    /// Where the difference lies; unset where no money moved.
    pub kept: Option<Kept>,
    /// What was expected.
    pub expected: Vec<CaseItem>,
    /// What was seen.
    pub observed: Vec<CaseItem>,
    /// What a person may want to do.
    pub hints: Vec<Hint>,
    /// Journals that it is about: those that booked it and those that resolved it.
    pub journals: Vec<JournalId>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Whether it is open.
    pub state: CaseState,
    /// What ended it last.
    pub ended: Option<Ended>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The day, in Hong Kong.
    pub opened_on: Date,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Events so far.
    pub version: i32,
}

impl Case {
    /// A break that is open since a moment and its day in Hong Kong, about nothing yet.
    #[must_use]
    pub const fn open(
        id: BreakId,
        biller: BillerId,
        (level, class): (Level, BreakClass),
        (currency, difference_minor): (Currency, i64),
        (opened_at, opened_on): (Timestamp, Date),
    ) -> Self {
        Self {
            id,
            biller,
            level,
            class,
            rail: None,
            account: String::new(),
            currency,
            difference_minor,
            kept: None,
            expected: vec![],
            observed: vec![],
            hints: vec![],
            journals: vec![],
            owner: None,
            state: CaseState::Open,
            ended: None,
            opened_at,
            opened_on,
            changed_at: opened_at,
            version: 0,
        }
    }
}

/// What happened to a break. Stored as JSON; fields may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CaseEvent {
    /// It was found.
    BreakOpened {
        /// What is wrong.
        class: BreakClass,
        /// By how much, in minor units.
        difference_minor: i64,
        /// What booked it.
        journals: Vec<JournalId>,
    },
    /// More is known, and another class fits.
    BreakReclassified {
        /// The class.
        class: BreakClass,
    },
    /// Some of what it stands for was seen, or more is missing with it.
    BreakRestated {
        /// What is left, as a difference, in minor units.
        difference_minor: i64,
        /// What is kept of it, in minor units; unset where it keeps nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept_minor: Option<i64>,
    },
    /// Somebody looks after it, or nobody any more.
    BreakAssigned {
        /// Who.
        owner: Option<String>,
        /// Who said so.
        by: String,
    },
    /// It ended.
    BreakEnded {
        /// By what.
        ended: Ended,
        /// What was booked.
        journals: Vec<JournalId>,
    },
    /// Two people opened it again.
    BreakReopened {
        /// Their proposal.
        proposal: ProposalId,
        /// The mirrors of what had been booked.
        journals: Vec<JournalId>,
    },
    /// Two people agreed to something that a fact had overtaken: nothing was booked.
    BreakOvertaken {
        /// Their proposal.
        proposal: ProposalId,
    },
    /// Two people agreed to something that cannot be done: nothing was booked, and another end must be found.
    BreakNotEnded {
        /// Their proposal.
        proposal: ProposalId,
        /// Why it cannot.
        why: String,
    },
}

impl CaseEvent {
    /// A stable word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::BreakOpened { .. } => "break_opened",
            Self::BreakReclassified { .. } => "break_reclassified",
            Self::BreakRestated { .. } => "break_restated",
            Self::BreakAssigned { .. } => "break_assigned",
            Self::BreakEnded { .. } => "break_ended",
            Self::BreakReopened { .. } => "break_reopened",
            Self::BreakOvertaken { .. } => "break_overtaken",
            Self::BreakNotEnded { .. } => "break_not_ended",
        }
    }
}

impl Case {
    /// How much money such an end is about: what is kept, else the difference, and what is kept back with it; unset for
    /// none. It is what two people agree to.
    #[must_use]
    pub fn at_stake(&self, resolution: &Resolution) -> Option<Money> {
        let kept = self.kept.as_ref();
        let minor = kept.map_or(self.difference_minor, |kept| kept.minor);
        let kept_back = resolution.clawback_minor();
        let minor = minor.saturating_abs().saturating_add(kept_back);
        (minor > 0).then(|| Money::new(minor, self.currency))
    }

    /// Business days since it was opened: none on the first.
    ///
    /// # Errors
    /// [`CalendarError`] for days that no holiday table covers.
    pub fn age_business_days(
        &self,
        today: Date,
        calendar: &BusinessCalendar,
    ) -> Result<u32, CalendarError> {
        let mut day = self.opened_on;
        let mut age = 0_u32;
        while day < today {
            day = calendar.next_business_day(day)?;
            if day <= today {
                age = age.saturating_add(1);
            }
        }
        Ok(age)
    }
}
