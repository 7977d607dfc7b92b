//! A draft: balanced postings that have no name, date or book yet.
//!
//! A [`Draft`] is made only through [`Draft::new`], so holding one is the proof that debits equal credits.

use epay_money::{Currency, JournalId};

use crate::account::{AccountCode, Side};
use crate::chart::chart_row;
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Most postings in one journal. The widest recipe is a receipt that settles twenty bills of a few revenue
/// lines each; the bound keeps a journal readable and one write's memory known.
pub const POSTINGS_MAX: usize = 200;

/// One line of a journal: an amount on one side of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: AccountCode,
    /// The side.
    pub side: Side,
    /// The amount in minor units; more than zero in every draft.
    pub minor: i64,
}

impl Posting {
    /// An amount on the debit side.
    #[must_use]
    pub const fn debit(account: AccountCode, minor: i64) -> Self {
        Self {
            account,
            side: Side::Debit,
            minor,
        }
    }

    /// An amount on the credit side.
    #[must_use]
    pub const fn credit(account: AccountCode, minor: i64) -> Self {
        Self {
            account,
            side: Side::Credit,
            minor,
        }
    }
}

/// What a recipe returns: postings that balance, in one currency, on accounts of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    kind: JournalKind,
    currency: Currency,
    postings: Vec<Posting>,
    total_minor: i64,
    reverses: Option<JournalId>,
}

impl Draft {
    /// Checks postings and keeps their order, which is the order of the journal's lines.
    ///
    /// # Errors
    /// In this order: [`LedgerError::TooFewPostings`], [`LedgerError::TooManyPostings`],
    /// [`LedgerError::NotPositive`], [`LedgerError::UnknownAccount`], [`LedgerError::Overflow`],
    /// [`LedgerError::Unbalanced`].
    pub fn new(
        kind: JournalKind,
        currency: Currency,
        postings: Vec<Posting>,
    ) -> Result<Self, LedgerError> {
        let count = postings.len();
        if count < 2 {
            return Err(LedgerError::TooFewPostings { count });
        }
        if count > POSTINGS_MAX {
            return Err(LedgerError::TooManyPostings { count });
        }
        for Posting { account, minor, .. } in &postings {
            if *minor <= 0 {
                return Err(LedgerError::NotPositive {
                    account: account.clone(),
                    minor: *minor,
                });
            }
            if chart_row(account).is_none() {
                return Err(LedgerError::UnknownAccount {
                    account: account.clone(),
                });
            }
        }
        let debit_minor = sum_of(&postings, Side::Debit)?;
        let credit_minor = sum_of(&postings, Side::Credit)?;
        if debit_minor != credit_minor {
            return Err(LedgerError::Unbalanced {
                currency,
                debit_minor,
                credit_minor,
            });
        }
        Ok(Self {
            kind,
            currency,
            postings,
            total_minor: debit_minor,
            reverses: None,
        })
    }

    /// The same draft, naming the journal that it undoes. Used by the reversal recipe and by stores that read
    /// a reversal back.
    #[must_use]
    pub fn reversing(self, journal: JournalId) -> Self {
        Self {
            reverses: Some(journal),
            ..self
        }
    }

    /// The postings on the opposite sides. Mirroring swaps the two sums, so a balanced draft stays balanced.
    pub(crate) fn mirrored(&self, kind: JournalKind) -> Self {
        let mirror = |posting: &Posting| Posting {
            account: posting.account.clone(),
            side: posting.side.mirrored(),
            minor: posting.minor,
        };
        Self {
            kind,
            postings: self.postings.iter().map(mirror).collect(),
            reverses: None,
            ..*self
        }
    }

    /// Which recipe made it.
    #[must_use]
    pub const fn kind(&self) -> JournalKind {
        self.kind
    }

    /// The currency of every posting.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The postings, in line order.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// The sum of one side, in minor units.
    #[must_use]
    pub const fn total_minor(&self) -> i64 {
        self.total_minor
    }

    /// The journal that this one undoes, if it is a reversal.
    #[must_use]
    pub const fn reverses(&self) -> Option<JournalId> {
        self.reverses
    }
}

fn sum_of(postings: &[Posting], side: Side) -> Result<i64, LedgerError> {
    postings
        .iter()
        .filter(|posting| posting.side == side)
        .try_fold(0_i64, |sum, posting| sum.checked_add(posting.minor))
        .ok_or(LedgerError::Overflow)
}
