//! Bank statements: what the bank says of its own books, and whether it agrees with itself.
//!
//! A statement is evidence and is never changed. This module says what is wrong with it, by itself ([`own_findings`]) and
//! beside the statement before it on the same account ([`chain_findings`]); a finding is shown to people and never
//! loses an entry.

mod checks;
mod entry;

pub use checks::{Link, Summary, chain_findings, own_findings, tells_again};
pub use entry::{EntryDirection, Standing, StatementEntry};

use epay_money::{BillerId, Currency, MessageId, StatementId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// The end of a day: the truth (camt.053, MT940).
    Statement,
    /// What is booked so far (camt.052); a statement will repeat it.
    Interim,
    /// Single movements (camt.054); a statement will repeat them.
    Notice,
}

impl StatementKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Statement, Self::Interim, Self::Notice];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Interim => "interim",
            Self::Notice => "notice",
        }
    }
}

/// How far a statement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementState {
    /// Its rows are being written.
    Reading,
    /// Every row is an entry or set apart.
    Complete,
    /// It came before, word for word: its entries are those of the first.
    Repeated,
    /// Another statement came under its id, or told of its day in another form: its entries are kept and count for nothing.
    SetApart,
    /// It had been set apart, and two people accepted it: its entries count, but for those that were told before.
    Accepted,
}

impl StatementState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Reading,
        Self::Complete,
        Self::Repeated,
        Self::SetApart,
        Self::Accepted,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Complete => "complete",
            Self::Repeated => "repeated",
            Self::SetApart => "set_apart",
            Self::Accepted => "accepted",
        }
    }
}

/// What a statement's own summary says of its rows; unset where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// How many rows there are.
    pub rows: Option<i64>,
    /// The sum of the credits, in minor units.
    pub credits_minor: Option<i64>,
    /// The sum of the debits, in minor units.
    pub debits_minor: Option<i64>,
}

/// A check that a statement does not pass. Stored as JSON; fields may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum StatementFinding {
    /// No department owns the account: the statement is in the book of the treasury.
    AccountUnknown,
    /// Statements between the last one and this one are missing.
    SequenceGap {
        /// The number after the last statement's.
        expected: i64,
        /// The number of this one.
        found: i64,
    },
    /// Another statement of the account has the same number.
    SequenceRepeated {
        /// The number.
        number: i64,
    },
    /// It does not open with the closing balance of the statement before it.
    OpeningDiffers {
        /// What the statement before closed with, in minor units.
        last_closing_minor: i64,
        /// What this one opens with.
        opening_minor: i64,
    },
    /// Opening balance, credits and debits do not make its closing balance.
    ClosingDiffers {
        /// What they make, in minor units.
        computed_minor: i64,
        /// What it says.
        closing_minor: i64,
    },
    /// Its summary names another sum of credits.
    CreditsDiffer {
        /// What the summary says, in minor units.
        declared_minor: i64,
        /// What the entries make.
        computed_minor: i64,
    },
    /// Its summary names another sum of debits.
    DebitsDiffer {
        /// What the summary says, in minor units.
        declared_minor: i64,
        /// What the entries make.
        computed_minor: i64,
    },
    /// Its summary names another number of rows.
    RowsDiffer {
        /// What the summary says.
        declared: i64,
        /// How many there are.
        found: i64,
    },
    /// Another statement came under its id before.
    IdReused {
        /// The one that came first.
        first: StatementId,
    },
    /// A statement of the same account, day and balances came before, under another id: the same in another form.
    ToldBefore {
        /// The one that came first.
        first: StatementId,
    },
}

impl StatementFinding {
    /// A stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AccountUnknown => "account_unknown",
            Self::SequenceGap { .. } => "sequence_gap",
            Self::SequenceRepeated { .. } => "sequence_repeated",
            Self::OpeningDiffers { .. } => "opening_differs",
            Self::ClosingDiffers { .. } => "closing_differs",
            Self::CreditsDiffer { .. } => "credits_differ",
            Self::DebitsDiffer { .. } => "debits_differ",
            Self::RowsDiffer { .. } => "rows_differ",
            Self::IdReused { .. } => "id_reused",
            Self::ToldBefore { .. } => "told_before",
        }
    }

    /// Whether it is about the statement's own sums and counts, and so may go when a row is read again.
    #[must_use]
    pub const fn is_of_sums(&self) -> bool {
        matches!(
            self,
            Self::ClosingDiffers { .. }
                | Self::CreditsDiffer { .. }
                | Self::DebitsDiffer { .. }
                | Self::RowsDiffer { .. }
        )
    }

    /// Whether it depends on other statements, and so may come and go as they arrive.
    #[must_use]
    pub const fn is_of_chain(&self) -> bool {
        matches!(
            self,
            Self::SequenceGap { .. } | Self::SequenceRepeated { .. } | Self::OpeningDiffers { .. }
        )
    }
}

/// One bank statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// The department that owns the account: the book.
    pub biller: BillerId,
    /// The file that it came in.
    pub file: MessageId,
    /// Which statement of the file it is, from 1.
    pub place: i32,
    /// What it is for.
    pub kind: StatementKind,
    /// The message and its version, for instance `camt.053.001.08` or `MT940`.
    pub format: String,
    /// The account at the bank.
    pub account: String,
    /// Its currency.
    pub currency: Currency,
    /// The bank's own id of the statement.
    pub sender_id: String,
    /// The bank's number of it.
    pub sequence_number: Option<i64>,
    /// The first day that it covers.
    pub from_date: Option<Date>,
    /// The last day that it covers.
    pub to_date: Date,
    /// Minor units at the start; below zero for a debit balance.
    pub opening_minor: Option<i64>,
    /// Minor units at the end.
    pub closing_minor: Option<i64>,
    /// SHA-256 over what it says.
    pub digest: [u8; 32],
    /// Rows as written, readable or not.
    pub rows_written: i64,
    /// Rows stored as entries.
    pub entries: i64,
    /// Rows set apart.
    pub bad_rows: i64,
    /// Sum of the credits among the entries, in minor units.
    pub credits_minor: i64,
    /// Sum of the debits among the entries, in minor units.
    pub debits_minor: i64,
    /// What its own summary says.
    pub declared: Declared,
    /// How far it has come.
    pub state: StatementState,
    /// The checks that it does not pass.
    pub findings: Vec<StatementFinding>,
    /// When it came.
    pub received_at: Timestamp,
    /// When something of it last changed.
    pub changed_at: Timestamp,
}

impl Statement {
    /// What the checks look at.
    #[must_use]
    pub const fn summary(&self) -> Summary {
        Summary {
            opening_minor: self.opening_minor,
            closing_minor: self.closing_minor,
            rows_written: self.rows_written,
            credits_minor: self.credits_minor,
            debits_minor: self.debits_minor,
            declared: self.declared,
        }
    }

    /// Its place in the chain of the account's statements.
    #[must_use]
    pub const fn link(&self) -> Link {
        Link {
            to_date: self.to_date,
            sequence_number: self.sequence_number,
            opening_minor: self.opening_minor,
            closing_minor: self.closing_minor,
        }
    }
}
