//! The checks on a statement: sums and counts against its own summary and balances; number and opening balance against
//! the statement before it.
//!
//! Statements of an account follow each other by last day and number. A number counts up by one; banks that begin
//! again at 1 with a calendar year are followed. Sums that do not fit 64 bits cannot be checked and are found to differ.

use jiff::civil::Date;

use super::{Declared, Statement, StatementFinding};

/// What the checks of one statement by itself look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Minor units at the start.
    pub opening_minor: Option<i64>,
    /// Minor units at the end.
    pub closing_minor: Option<i64>,
    /// Rows as written.
    pub rows_written: i64,
    /// Sum of the credits among the entries.
    pub credits_minor: i64,
    /// Sum of the debits among the entries.
    pub debits_minor: i64,
    /// What the statement's own summary says.
    pub declared: Declared,
}

/// A statement's place in the chain of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The last day that it covers.
    pub to_date: Date,
    /// The bank's number of it.
    pub sequence_number: Option<i64>,
    /// Minor units at the start.
    pub opening_minor: Option<i64>,
    /// Minor units at the end.
    pub closing_minor: Option<i64>,
}

/// Whether a statement tells again of the movements that another told of, in another form or under another id: the same account,
/// last day and balances. Where the balance did not change, the numbers and the sums must agree as well, because a
/// quiet account may have several such statements a day.
#[must_use]
pub fn tells_again(first: &Statement, this: &Statement) -> bool {
    let same = first.biller == this.biller
        && first.account == this.account
        && first.currency == this.currency
        && first.kind == this.kind
        && first.to_date == this.to_date;
    let balances = |one: &Statement| one.opening_minor.zip(one.closing_minor);
    let Some((opening, closing)) = balances(this).filter(|_balances| same) else {
        return false;
    };
    if balances(first) != Some((opening, closing)) {
        return false;
    }
    let numbers = first.sequence_number.zip(this.sequence_number);
    let one_number = numbers.is_none_or(|(first, this)| first == this);
    let one_sum = first.credits_minor == this.credits_minor;
    opening != closing || (one_number && one_sum)
}

/// What is wrong with a statement by itself.
#[must_use]
pub fn own_findings(summary: &Summary) -> Vec<StatementFinding> {
    let mut findings = Vec::new();
    let declared = &summary.declared;
    if let Some(rows) = declared.rows
        && rows != summary.rows_written
    {
        findings.push(StatementFinding::RowsDiffer {
            declared: rows,
            found: summary.rows_written,
        });
    }
    if let Some(minor) = declared.credits_minor
        && minor != summary.credits_minor
    {
        findings.push(StatementFinding::CreditsDiffer {
            declared_minor: minor,
            computed_minor: summary.credits_minor,
        });
    }
    if let Some(minor) = declared.debits_minor
        && minor != summary.debits_minor
    {
        findings.push(StatementFinding::DebitsDiffer {
            declared_minor: minor,
            computed_minor: summary.debits_minor,
        });
    }
    if let Some((opening, closing)) = summary.opening_minor.zip(summary.closing_minor) {
        let computed = opening
            .saturating_add(summary.credits_minor)
            .saturating_sub(summary.debits_minor);
        if computed != closing {
            findings.push(StatementFinding::ClosingDiffers {
                computed_minor: computed,
                closing_minor: closing,
            });
        }
    }
    findings
}

/// What is wrong with a statement beside the one before it; nothing with the first of an account.
#[must_use]
pub fn chain_findings(previous: Option<&Link>, this: &Link) -> Vec<StatementFinding> {
    let Some(previous) = previous else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if let Some((last, found)) = previous.sequence_number.zip(this.sequence_number) {
        let expected = last.saturating_add(1);
        let new_year = this.to_date.year() > previous.to_date.year() && found == 1;
        if found == last {
            findings.push(StatementFinding::SequenceRepeated { number: found });
        } else if found != expected && !new_year {
            findings.push(StatementFinding::SequenceGap { expected, found });
        }
    }
    if let Some((last_closing, opening)) = previous.closing_minor.zip(this.opening_minor)
        && last_closing != opening
    {
        findings.push(StatementFinding::OpeningDiffers {
            last_closing_minor: last_closing,
            opening_minor: opening,
        });
    }
    findings
}
