//! What may be asked of a bill, and when it is refused.

use epay_money::{BillId, Money};
use jiff::civil::Date;

use super::{Bill, BillEvent, BillState, RevenueLine};
use crate::{BillType, Refusal};

/// Most characters of a bill's description.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 200;
/// Most revenue lines of one bill; a journal must hold them all.
pub const LINES_MAX: usize = 16;
const LINE_CODE_CHARACTERS_MAX: usize = 24;

/// A bill that a department wants to issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBill {
    /// Its id, made by the caller.
    pub id: BillId,
    /// The number as the department wrote it.
    pub number: String,
    /// What is demanded. Nothing is allowed: a bill can be wholly offset by a concession.
    pub amount: Money,
    /// Last day for payment.
    pub due_date: Date,
    /// The period or matter.
    pub description: String,
    /// What the amount is made of; empty means all of it belongs to the kind's default line.
    pub lines: Vec<RevenueLine>,
}

/// What a department wants an issued bill to say from now on. Number, kind and currency stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Counts from 1; higher than the one that is known.
    pub revision: i32,
    /// What is demanded.
    pub amount: Money,
    /// Last day for payment.
    pub due_date: Date,
    /// The period or matter.
    pub description: String,
    /// What the amount is made of; empty means all of it belongs to the kind's default line.
    pub lines: Vec<RevenueLine>,
}

/// What may be asked of an issued bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillAsk {
    /// Take it back.
    Withdraw {
        /// Why, in the department's words.
        reason: String,
    },
}

/// Checks a new bill against its kind.
///
/// # Errors
/// A number that does not fit, a negative amount, lines that do not add up, too long a description.
pub fn issue(new: &NewBill, bill_type: &BillType) -> Result<Vec<BillEvent>, Refusal> {
    let number = bill_type
        .number
        .read(&new.number)
        .map_err(Refusal::Number)?;
    if new.amount.minor() < 0 {
        return Err(Refusal::AmountNotPositive);
    }
    check_description(&new.description)?;
    let lines = lines_of(&new.lines, new.amount, bill_type)?;
    Ok(vec![BillEvent::Issued {
        bill_type: bill_type.code.to_string(),
        number,
        minor: new.amount.minor(),
        currency: new.amount.currency().code().to_owned(),
        due_date: new.due_date,
        lines,
    }])
}

/// Checks a revision against the bill and its kind. While money is on a bill, or a payment of it is under way, only its words
/// and its day can change: what was paid was paid for the amount and the lines that it had.
///
/// # Errors
/// A withdrawn bill, a revision that is not newer, another currency, another amount at the wrong time, lines that do not add up.
pub fn revise(
    bill: &Bill,
    revision: &Revision,
    bill_type: &BillType,
) -> Result<Vec<BillEvent>, Refusal> {
    if bill.state == BillState::Withdrawn {
        return Err(Refusal::BillWithdrawn);
    }
    if revision.revision <= bill.revision {
        return Err(Refusal::RevisionNotNewer {
            known: bill.revision,
        });
    }
    if revision.amount.currency() != bill.amount.currency() {
        return Err(Refusal::WrongCurrency);
    }
    if revision.amount.minor() < 0 {
        return Err(Refusal::AmountNotPositive);
    }
    check_description(&revision.description)?;
    let lines = lines_of(&revision.lines, revision.amount, bill_type)?;
    if revision.amount != bill.amount || lines != bill.lines {
        if bill.applied_minor > 0 {
            return Err(Refusal::BillHasReceipts);
        }
        if !bill.under_way.is_empty() {
            return Err(Refusal::BillUnderWay);
        }
    }
    Ok(vec![BillEvent::Revised {
        revision: revision.revision,
        minor: revision.amount.minor(),
        due_date: revision.due_date,
        description: revision.description.clone(),
        lines,
    }])
}

fn check_description(description: &str) -> Result<(), Refusal> {
    if description.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return Err(Refusal::DescriptionTooLong {
            max: DESCRIPTION_CHARACTERS_MAX,
        });
    }
    Ok(())
}

fn lines_of(
    lines: &[RevenueLine],
    amount: Money,
    bill_type: &BillType,
) -> Result<Vec<RevenueLine>, Refusal> {
    if lines.is_empty() {
        let all = RevenueLine {
            code: bill_type.default_line.clone(),
            minor: amount.minor(),
        };
        return Ok(if amount.is_zero() { vec![] } else { vec![all] });
    }
    if !lines.iter().all(|line| is_line_code(&line.code)) {
        return Err(Refusal::LineCode);
    }
    let positive = lines.iter().all(|line| line.minor > 0);
    let sum = lines
        .iter()
        .try_fold(0_i64, |sum, line| sum.checked_add(line.minor));
    if positive && lines.len() <= LINES_MAX && sum == Some(amount.minor()) {
        Ok(lines.to_vec())
    } else {
        Err(Refusal::LinesDoNotAddUp)
    }
}

fn is_line_code(code: &str) -> bool {
    (1..=LINE_CODE_CHARACTERS_MAX).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Answers a request about an issued bill.
///
/// # Errors
/// A bill with money on it cannot be withdrawn; neither can a withdrawn one.
pub fn asked(bill: &Bill, ask: &BillAsk) -> Result<Vec<BillEvent>, Refusal> {
    match (bill.state, ask) {
        (BillState::Open, BillAsk::Withdraw { reason }) => Ok(vec![BillEvent::Withdrawn {
            reason: reason.clone(),
        }]),
        (BillState::PartPaid | BillState::Paid, BillAsk::Withdraw { .. }) => {
            Err(Refusal::BillHasReceipts)
        }
        (BillState::Withdrawn, BillAsk::Withdraw { .. }) => Err(Refusal::BillWithdrawn),
    }
}
