//! Four eyes: something that one person wants and another person must agree to.
//!
//! A proposal is decided once. Whoever made it cannot decide it, and nobody can agree to more than the limit of their
//! roles; both are checked here and nowhere else, so that no interface can forget them. Limits are data
//! ([`Limits`]). Declining needs a right to decide as well, but no limit: it moves nothing.

mod decide;
mod limits;

pub use decide::{Verdict, apply, decide};
pub use limits::{Limit, Limits};

use epay_money::{
    BillerId, BreakId, MessageId, Money, PaymentId, PayoutAccountId, ProposalId, RefundId,
    StatementId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::reconciliation::case::Resolution;

/// Somebody at work, as their token names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The token's subject; never shared by two people.
    pub name: String,
    /// Their roles, as words.
    pub roles: Vec<String>,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// To give money back.
    Refund {
        /// The refund.
        refund: RefundId,
    },
    /// To end an unclear payment by evidence that people hold.
    Resolution {
        /// The payment.
        payment: PaymentId,
        /// What they hold to be true.
        finding: Resolved,
    },
    /// To let refunds be paid to an account.
    PayoutAccount {
        /// The account.
        account: PayoutAccountId,
    },
    /// To read a row again that was set apart.
    RedriveRow {
        /// The message, file or statement that it is of.
        message: MessageId,
        /// Which row of it.
        entry: i32,
        /// What is to be read in its place; the row as it came where unset.
        correction: Option<String>,
    },
    /// To let a statement count that was set apart.
    AcceptStatement {
        /// The statement.
        statement: StatementId,
    },
    /// To end a break, or to open it again.
    BreakResolution {
        /// The break.
        id: BreakId,
        /// How.
        resolution: Resolution,
    },
    /// To post nothing more into a period of the department's books.
    PeriodClose {
        /// Its first day.
        first_day: Date,
        /// Its last day.
        last_day: Date,
    },
    /// To let a closed period be posted into again.
    PeriodReopen {
        /// Its first day.
        first_day: Date,
        /// Its last day.
        last_day: Date,
    },
}

/// How an unclear payment ended, by evidence outside the rail's messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Resolved {
    /// The money came.
    Came {
        /// The payee's account, as the rail names it.
        rail_account: String,
        /// The rail's or bank's own reference of the movement, from the evidence: a later message of the rail about the
        /// same movement is then no second receipt.
        rail_reference: String,
        /// Minor units.
        minor: i64,
        /// When the payer gave the instruction.
        instructed_at: Timestamp,
    },
    /// No money moved, and none will.
    DidNotCome,
}

impl Subject {
    /// A stable word for storage, limits and tables.
    #[must_use]
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Refund { .. } => SubjectKind::Refund,
            Self::Resolution { .. } => SubjectKind::Resolution,
            Self::PayoutAccount { .. } => SubjectKind::PayoutAccount,
            Self::RedriveRow { .. } => SubjectKind::RedriveRow,
            Self::AcceptStatement { .. } => SubjectKind::AcceptStatement,
            Self::BreakResolution { .. } => SubjectKind::BreakResolution,
            Self::PeriodClose { .. } => SubjectKind::PeriodClose,
            Self::PeriodReopen { .. } => SubjectKind::PeriodReopen,
        }
    }
}

/// The kinds of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// [`Subject::Refund`].
    Refund,
    /// [`Subject::Resolution`].
    Resolution,
    /// [`Subject::PayoutAccount`].
    PayoutAccount,
    /// [`Subject::RedriveRow`].
    RedriveRow,
    /// [`Subject::AcceptStatement`].
    AcceptStatement,
    /// [`Subject::BreakResolution`].
    BreakResolution,
    /// [`Subject::PeriodClose`].
    PeriodClose,
    /// [`Subject::PeriodReopen`].
    PeriodReopen,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Refund,
        Self::Resolution,
        Self::PayoutAccount,
        Self::RedriveRow,
        Self::AcceptStatement,
        Self::BreakResolution,
        Self::PeriodClose,
        Self::PeriodReopen,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Resolution => "resolution",
            Self::PayoutAccount => "payout_account",
            Self::RedriveRow => "redrive_row",
            Self::AcceptStatement => "accept_statement",
            Self::BreakResolution => "break_resolution",
            Self::PeriodClose => "period_close",
            Self::PeriodReopen => "period_reopen",
        }
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Nobody has decided it.
    Waiting,
    /// Somebody else agreed.
    Approved,
    /// Somebody else did not.
    Declined,
}

impl ProposalState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Approved, Self::Declined];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }
}

/// What one person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// The department whose money it is about.
    pub biller: BillerId,
    /// What.
    pub subject: Subject,
    /// How much money it is about; unset where it is about none.
    pub amount: Option<Money>,
    /// Why, and what proves it: for the second person and for auditors.
    pub reason: String,
    /// Who made it.
    pub maker: String,
    /// When.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: ProposalState,
    /// Who decided it.
    pub checker: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was decided so.
    pub decision: Option<String>,
    /// Events so far.
    pub version: i32,
}

/// What happened to a proposal. Stored as JSON; fields may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProposalEvent {
    /// It was made.
    Made {
        /// What.
        subject: Subject,
        /// How much.
        amount: Option<Money>,
        /// Why.
        reason: String,
        /// By whom.
        maker: Person,
    },
    /// Somebody agreed.
    Approved {
        /// Who.
        checker: Person,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody did not.
    Declined {
        /// Who.
        checker: Person,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

impl ProposalEvent {
    /// A stable word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Made { .. } => "proposal_made",
            Self::Approved { .. } => "proposal_approved",
            Self::Declined { .. } => "proposal_declined",
        }
    }
}
