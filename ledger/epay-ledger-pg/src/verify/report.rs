//! What a verification found: for people by `Display`, for machines by serde.

use core::fmt;

use epay_ledger::balances::Totals;
use serde::Serialize;
use uuid::Uuid;

use super::log_report::LogFinding;

/// Most findings that a report lists; the rest is counted. A ledger with more needs a backup, not a list.
pub const FINDINGS_MAX: usize = 10_000;

/// The result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Journals read.
    pub journals: u64,
    /// Entries read.
    pub entries: u64,
    /// Accounts compared.
    pub accounts: u64,
    /// Leaves of the log that were made again.
    pub leaves: u64,
    /// Leaves that are missing in the middle of the log.
    pub leaves_missing: u64,
    /// Stored heads compared.
    pub heads: u64,
    /// Journals that are too new to be in the log, or whose log has not begun.
    pub unsealed: u64,
    /// Everything that is wrong, the first [`FINDINGS_MAX`] of it.
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub findings_omitted: u64,
}

/// One difference. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// A journal whose debits and credits differ.
    Unbalanced {
        /// The biller.
        book: String,
        /// The journal.
        journal: Uuid,
        /// Debits less credits.
        difference_minor: i128,
    },
    /// A journal or an entry that should not look as it does.
    Malformed {
        /// The biller.
        book: String,
        /// The journal.
        journal: Uuid,
        /// What is wrong with it.
        what: String,
    },
    /// A reversal that is not the mirror of a journal of its book.
    FalseReversal {
        /// The biller.
        book: String,
        /// The reversal.
        journal: Uuid,
        /// The journal it names.
        reverses: Uuid,
    },
    /// A stored balance that differs from the sum of the entries.
    Balance {
        /// The biller.
        book: String,
        /// The account.
        account: String,
        /// Its currency.
        currency: String,
        /// What is stored, if anything is.
        stored: Option<Totals>,
        /// What the entries add up to.
        computed: Totals,
    },
    /// A balance of an account that its book does not have.
    StrayBalance {
        /// The biller.
        book: String,
        /// The account's number.
        account_number: i32,
        /// What is stored.
        stored: Totals,
    },
    /// An account that the chart of accounts does not have.
    UnknownAccount {
        /// The biller.
        book: String,
        /// The account.
        account: String,
        /// Its currency.
        currency: String,
    },
    /// A rule over a whole book that does not hold.
    Invariant {
        /// Which one, with its figures.
        what: String,
    },
    /// What the log says.
    #[serde(untagged)]
    Log(LogFinding),
}

impl VerifyReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn find_log(&mut self, finding: LogFinding) {
        self.find(Finding::Log(finding));
    }

    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_omitted = self.findings_omitted.saturating_add(1);
        }
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} journals, {} entries and {} accounts were read.",
            self.journals, self.entries, self.accounts
        )?;
        writeln!(
            f,
            "{} journals are in the log under {} heads, {} are not sealed yet.",
            self.leaves, self.heads, self.unsealed
        )?;
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        if self.findings_omitted > 0 {
            writeln!(f, "  ... and {} more.", self.findings_omitted)?;
        }
        if self.is_sound() {
            f.write_str("Every journal balances, every balance is the sum of its entries, every rule holds.")
        } else {
            f.write_str("THE LEDGER IS NOT SOUND.")
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbalanced {
                book,
                journal,
                difference_minor,
            } => {
                write!(
                    f,
                    "{book}: journal {journal} does not balance: debits less credits are {difference_minor} cents"
                )
            }
            Self::Malformed {
                book,
                journal,
                what,
            } => write!(f, "{book}: journal {journal}: {what}"),
            Self::FalseReversal {
                book,
                journal,
                reverses,
            } => {
                write!(
                    f,
                    "{book}: journal {journal} is not the mirror of {reverses}, which it reverses"
                )
            }
            Self::Balance {
                book,
                account,
                currency,
                stored: Some(stored),
                computed,
            } => write!(
                f,
                "{book}: account {account} ({currency}) is stored with debits {} and credits {}, and its entries make {} and {}",
                stored.debit, stored.credit, computed.debit, computed.credit
            ),
            Self::Balance {
                book,
                account,
                currency,
                stored: None,
                computed,
            } => write!(
                f,
                "{book}: account {account} ({currency}) has no stored balance, and its entries make debits {} and credits {}",
                computed.debit, computed.credit
            ),
            Self::StrayBalance {
                book,
                account_number,
                stored,
            } => write!(
                f,
                "{book}: a balance of debits {} and credits {} belongs to account number {account_number}, which the book does not have",
                stored.debit, stored.credit
            ),
            Self::UnknownAccount {
                book,
                account,
                currency,
            } => {
                write!(
                    f,
                    "{book}: account {account} ({currency}) is not in the chart of accounts"
                )
            }
            Self::Invariant { what } => f.write_str(what),
            Self::Log(finding) => finding.fmt(f),
        }
    }
}
