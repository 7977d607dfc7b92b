//! Balances: what journals add up to, and what must hold of the sum.
//!
//! [`fold`] defines the balance of every account of every book; a store that keeps running balances must agree
//! with it at any instant. [`breaches`] lists what is wrong with a set of balances; an empty list is health.

use core::fmt;
use std::collections::BTreeMap;

use epay_money::{BillerId, Currency};

use crate::account::{AccountCode, Side};
use crate::chart::{ChartRow, MIRRORED, chart_row};
use crate::error::LedgerError;
use crate::journal::Journal;

/// One account of one book, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The biller whose account it is.
    pub book: BillerId,
    /// The account.
    pub account: AccountCode,
    /// Its currency: the same code in two currencies is two accounts.
    pub currency: Currency,
}

/// Everything ever posted to the two sides of one account, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Sum of the debits.
    pub debit: i64,
    /// Sum of the credits.
    pub credit: i64,
}

impl Totals {
    /// With one more posting.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when a side no longer fits.
    pub fn with(self, side: Side, minor: i64) -> Result<Self, LedgerError> {
        match side {
            Side::Debit => self.plus(Self {
                debit: minor,
                credit: 0,
            }),
            Side::Credit => self.plus(Self {
                debit: 0,
                credit: minor,
            }),
        }
    }

    /// With another account's totals.
    ///
    /// # Errors
    /// [`LedgerError::Overflow`] when a side no longer fits.
    pub fn plus(self, other: Self) -> Result<Self, LedgerError> {
        let debit = self.debit.checked_add(other.debit);
        let credit = self.credit.checked_add(other.credit);
        debit
            .zip(credit)
            .map(|(debit, credit)| Self { debit, credit })
            .ok_or(LedgerError::Overflow)
    }

    /// The balance seen from a side: what that side has above the other. Both are sums of positive amounts, so
    /// the difference always fits.
    #[must_use]
    pub const fn balance(self, natural: Side) -> i64 {
        match natural {
            Side::Debit => self.debit.saturating_sub(self.credit),
            Side::Credit => self.credit.saturating_sub(self.debit),
        }
    }
}

/// The totals of every account that has a posting.
pub type Balances = BTreeMap<AccountKey, Totals>;

/// Adds journals up. The order of the journals does not matter.
///
/// # Errors
/// [`LedgerError::Overflow`] when a side of an account no longer fits in 64 bits of minor units.
pub fn fold<'a>(journals: impl IntoIterator<Item = &'a Journal>) -> Result<Balances, LedgerError> {
    let mut balances = Balances::new();
    for journal in journals {
        for posting in journal.postings() {
            let key = AccountKey {
                book: journal.book().clone(),
                account: posting.account.clone(),
                currency: journal.currency(),
            };
            let totals = balances.entry(key).or_default();
            *totals = totals.with(posting.side, posting.minor)?;
        }
    }
    Ok(balances)
}

/// Something that must never be true of balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// The debits of a book differ from its credits.
    TrialBalance {
        /// The book.
        book: BillerId,
        /// The currency.
        currency: Currency,
        /// Both sums.
        totals: Totals,
    },
    /// An account that holds somebody's money has paid out more than it held.
    Negative {
        /// The account.
        key: AccountKey,
        /// Its balance on its natural side, below zero.
        balance_minor: i64,
    },
    /// Two accounts that mirror each other differ.
    Unequal {
        /// The book.
        book: BillerId,
        /// The currency.
        currency: Currency,
        /// The four digits of the first and its balance on its natural side.
        left: (&'static str, i64),
        /// The four digits of the second and its balance on its natural side.
        right: (&'static str, i64),
    },
}

/// Everything wrong with balances, book by book. Nothing wrong means that the trial balance of each book, and so of all
/// together, is zero.
///
/// # Errors
/// [`LedgerError::Overflow`] when the sum of a book does not fit in 64 bits of minor units.
pub fn breaches(balances: &Balances) -> Result<Vec<Breach>, LedgerError> {
    let mut found = Vec::new();
    let mut books: BTreeMap<(BillerId, Currency), Book> = BTreeMap::new();
    for (key, totals) in balances {
        let book = books.entry((key.book.clone(), key.currency)).or_default();
        book.add(key, *totals)?;
        let Some(row) = chart_row(&key.account) else {
            return Err(LedgerError::UnknownAccount {
                account: key.account.clone(),
            });
        };
        let balance_minor = totals.balance(row.natural);
        if row.never_negative && balance_minor < 0 {
            found.push(Breach::Negative {
                key: key.clone(),
                balance_minor,
            });
        }
    }
    for ((book, currency), sums) in books {
        if sums.all.debit != sums.all.credit {
            found.push(Breach::TrialBalance {
                book: book.clone(),
                currency,
                totals: sums.all,
            });
        }
        for (left, right) in MIRRORED {
            let pair = (sums.balance(&left), sums.balance(&right));
            if pair.0 != pair.1 {
                found.push(Breach::Unequal {
                    book: book.clone(),
                    currency,
                    left: (left.code, pair.0),
                    right: (right.code, pair.1),
                });
            }
        }
    }
    Ok(found)
}

/// The sums of one book in one currency: over everything, and per head of the chart.
#[derive(Debug, Default)]
struct Book {
    all: Totals,
    heads: BTreeMap<String, Totals>,
}

impl Book {
    fn add(&mut self, key: &AccountKey, totals: Totals) -> Result<(), LedgerError> {
        self.all = self.all.plus(totals)?;
        let head = self.heads.entry(key.account.head().to_owned()).or_default();
        *head = head.plus(totals)?;
        Ok(())
    }

    fn balance(&self, row: &ChartRow) -> i64 {
        self.heads
            .get(row.code)
            .copied()
            .unwrap_or_default()
            .balance(row.natural)
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.book, self.account, self.currency)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrialBalance {
                book,
                currency,
                totals,
            } => write!(
                f,
                "book {book}: debits of {} and credits of {} {currency} cents differ",
                totals.debit, totals.credit
            ),
            Self::Negative { key, balance_minor } => {
                write!(
                    f,
                    "account {key} may not be negative and stands at {balance_minor} cents"
                )
            }
            Self::Unequal {
                book,
                currency,
                left,
                right,
            } => write!(
                f,
                "book {book}: {} stands at {} and {} at {} {currency} cents, which must be equal",
                left.0, left.1, right.0, right.1
            ),
        }
    }
}
