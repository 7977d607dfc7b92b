//! What recipes are made of: a rail's accounts, department lines, and the checks that both pass.

use crate::account::AccountCode;
use crate::chart::{self, ChartRow};
use crate::draft::Posting;
use crate::error::LedgerError;

/// The accounts of one rail, given by the rail's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailAccounts {
    /// Where the rail's receipts wait for the bank: an account under 1110 to 1160.
    pub clearing: AccountCode,
    /// What the rail costs: an account under 5010.
    pub fee_expense: AccountCode,
    /// What the rail will invoice: an account under 2310.
    pub fee_accrued: AccountCode,
}

/// Heads of accounts on which receipts wait for the bank.
const CLEARING: [&str; 6] = ["1110", "1120", "1130", "1140", "1150", "1160"];

/// Whether something waits on this account for the bank's statement.
fn waits_for_bank(account: &AccountCode) -> bool {
    CLEARING.contains(&account.head()) || chart::AWAITING_STATEMENT.covers(account)
}

impl RailAccounts {
    /// Checks all three places at once, for whoever reads a configuration.
    ///
    /// # Errors
    /// [`LedgerError::WrongAccount`] for the first account that cannot stand where it is.
    pub fn check(&self) -> Result<(), LedgerError> {
        self.checked_clearing()?;
        self.checked_fee_expense()?;
        self.checked_fee_accrued()?;
        Ok(())
    }

    /// The rail's accounts with 1180 for clearing, where the bank's own word came before its statement: a promise that it
    /// honoured, a refund that came back.
    #[must_use]
    pub fn awaiting_statement(&self) -> Self {
        Self {
            clearing: chart::AWAITING_STATEMENT.account(),
            ..self.clone()
        }
    }

    /// Where what the rail pays too little is kept: 1190, with the rail's own part of its fee expense.
    ///
    /// # Errors
    /// [`LedgerError::WrongAccount`] for a misplaced fee expense.
    pub fn shortfall(&self) -> Result<AccountCode, LedgerError> {
        self.beside(&chart::SHORTFALLS)
    }

    /// Where what the rail pays too much is kept: 2190, with the rail's own part of its fee expense.
    ///
    /// # Errors
    /// [`LedgerError::WrongAccount`] for a misplaced fee expense.
    pub fn surplus(&self) -> Result<AccountCode, LedgerError> {
        self.beside(&chart::UNIDENTIFIED)
    }

    fn beside(&self, row: &ChartRow) -> Result<AccountCode, LedgerError> {
        let fee_expense = self.checked_fee_expense()?;
        let child = |code: AccountCode, part| code.child(part);
        fee_expense
            .parts()
            .try_fold(row.account(), child)
            .map_err(|_too_long| wrong(&fee_expense, "a rail's fee expense"))
    }

    pub(super) fn checked_clearing(&self) -> Result<AccountCode, LedgerError> {
        if waits_for_bank(&self.clearing) {
            Ok(self.clearing.clone())
        } else {
            Err(wrong(&self.clearing, "a rail's clearing account"))
        }
    }

    pub(super) fn checked_fee_expense(&self) -> Result<AccountCode, LedgerError> {
        under(&self.fee_expense, &chart::FEES, "a rail's fee expense")
    }

    pub(super) fn checked_fee_accrued(&self) -> Result<AccountCode, LedgerError> {
        under(
            &self.fee_accrued,
            &chart::FEES_ACCRUED,
            "a rail's accrued fees",
        )
    }
}

/// An amount for one department line, `2010.<biller>.<revenue line>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// An account under 2010.
    pub account: AccountCode,
    /// Minor units.
    pub minor: i64,
}

impl Line {
    pub(super) fn credit(&self) -> Result<Posting, LedgerError> {
        Ok(Posting::credit(self.payable()?, self.minor))
    }

    pub(super) fn debit(&self) -> Result<Posting, LedgerError> {
        Ok(Posting::debit(self.payable()?, self.minor))
    }

    fn payable(&self) -> Result<AccountCode, LedgerError> {
        under(
            &self.account,
            &chart::DEPARTMENT_PAYABLE,
            "a department's line",
        )
    }
}

/// The bank account of a book, which must hang under 1010.
pub(super) fn bank(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    under(account, &chart::BANK, "a bank account")
}

/// Where a movement of the bank is booked against: the bank account, or where the movement was kept until it was known
/// what it is (2190 for a credit, 1190 for a debit).
pub(super) fn moved_on(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    let kept = *account == chart::UNIDENTIFIED.account() || *account == chart::SHORTFALLS.account();
    if kept || chart::BANK.covers(account) {
        Ok(account.clone())
    } else {
        Err(wrong(account, "where the bank's movement is booked"))
    }
}

/// Where the word of a bank was booked that told of a debit.
pub(super) fn told_by_bank(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    let transit = chart::REFUNDS_IN_TRANSIT.covers(account);
    if transit || chart::AWAITING_STATEMENT.covers(account) {
        Ok(account.clone())
    } else {
        Err(wrong(account, "where a debit that the bank told is booked"))
    }
}

/// Where money that was sent comes back to: a rail's clearing account, or what awaits the bank's statement.
pub(super) fn came_to(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    if waits_for_bank(account) {
        Ok(account.clone())
    } else {
        Err(wrong(account, "where a refund comes back to"))
    }
}

/// What a department owes us back, which must hang under 1230.
pub(super) fn due_from(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    under(
        account,
        &chart::DUE_FROM_DEPARTMENTS,
        "due from a department",
    )
}

/// The sum of lines, in minor units.
pub(super) fn total_of(lines: &[Line]) -> Result<i64, LedgerError> {
    lines
        .iter()
        .try_fold(0_i64, |sum, line| sum.checked_add(line.minor))
        .ok_or(LedgerError::Overflow)
}

/// An account on which a difference with a rail or the bank is kept until somebody decides: what is missing waits on
/// 1110 to 1190 or 1210, what is too much on 2190.
pub(super) fn difference(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    let missing = waits_for_bank(account)
        || chart::SHORTFALLS.covers(account)
        || chart::CHARGEBACKS.covers(account);
    if missing || chart::UNIDENTIFIED.covers(account) {
        Ok(account.clone())
    } else {
        Err(wrong(account, "an account that keeps a difference"))
    }
}

/// An account that keeps what is missing.
pub(super) fn missing(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    if chart::UNIDENTIFIED.covers(account) {
        return Err(wrong(account, "an account that keeps what is missing"));
    }
    difference(account)
}

/// An account that keeps what is too much.
pub(super) fn surplus(account: &AccountCode) -> Result<AccountCode, LedgerError> {
    under(
        account,
        &chart::UNIDENTIFIED,
        "an account that keeps what is too much",
    )
}

fn under(
    account: &AccountCode,
    row: &ChartRow,
    role: &'static str,
) -> Result<AccountCode, LedgerError> {
    if row.covers(account) {
        Ok(account.clone())
    } else {
        Err(wrong(account, role))
    }
}

pub(super) fn wrong(account: &AccountCode, role: &'static str) -> LedgerError {
    LedgerError::WrongAccount {
        account: account.clone(),
        role,
    }
}
