//! What may be asked of a bill, and when it is refused.

use epay_money::{BillId, BusinessCalendar, Money};
use jiff::civil::Date;

use super::instalments::check_instalments;
use super::parts::{check_parts, lines_of_parts};
use super::{Bill, BillEvent, BillPart, BillState, Instalment, Licence, RevenueLine, SealedFactor};
use crate::rules::last_business_day;
use crate::{BillType, DueDates, Refusal};

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
    /// What it demands for, where it is a consolidated bill; empty where it is for one thing.
    pub parts: Vec<BillPart>,
    /// By what instalments it may be paid; empty where it is paid at once.
    pub instalments: Vec<Instalment>,
    /// What a payer must know beside the number.
    pub second_factor: Option<SealedFactor>,
    /// The vehicle licence that it renews.
    pub licence: Option<Licence>,
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
    /// What it demands for, where it is a consolidated bill; empty where it is for one thing.
    pub parts: Vec<BillPart>,
    /// By what instalments it may be paid; empty where it is paid at once.
    pub instalments: Vec<Instalment>,
    /// What a payer must know beside the number from now on; what it was stays when unset.
    pub second_factor: Option<SealedFactor>,
    /// The vehicle licence that it renews from now on.
    pub licence: Option<Licence>,
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
/// A number that does not fit, a negative amount, lines, parts or instalments that do not add up, too long a description, a day
/// against the kind's rule, a licence that the kind does not renew, a second factor too few or too many.
pub fn issue(
    new: &NewBill,
    bill_type: &BillType,
    calendar: &BusinessCalendar,
) -> Result<Vec<BillEvent>, Refusal> {
    let number = bill_type
        .number
        .read(&new.number)
        .map_err(Refusal::Number)?;
    if new.amount.minor() < 0 {
        return Err(Refusal::AmountNotPositive);
    }
    check_description(&new.description)?;
    let lines = lines_of(&new.lines, &new.parts, new.amount, bill_type)?;
    check_days(
        &new.instalments,
        new.amount,
        new.due_date,
        bill_type,
        calendar,
    )?;
    check_licence(new.licence.as_ref(), bill_type)?;
    let wanted = bill_type.terms.second_factor.is_some();
    if wanted != new.second_factor.is_some() {
        return Err(Refusal::SecondFactor { wanted });
    }
    Ok(vec![BillEvent::Issued {
        bill_type: bill_type.code.to_string(),
        number,
        minor: new.amount.minor(),
        currency: new.amount.currency().code().to_owned(),
        due_date: new.due_date,
        lines,
        parts: new.parts.clone(),
        instalments: new.instalments.clone(),
        licence: new.licence.clone(),
    }])
}

/// Checks a revision against the bill and its kind. While money is on a bill, or a payment of it is under way, only its words
/// and its day can change: what was paid was paid for the amount and the lines that it had.
///
/// # Errors
/// A withdrawn bill, a revision that is not newer, another currency, another amount at the wrong time, lines or parts that do not add up.
pub fn revise(
    bill: &Bill,
    revision: &Revision,
    bill_type: &BillType,
    calendar: &BusinessCalendar,
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
    let lines = lines_of(&revision.lines, &revision.parts, revision.amount, bill_type)?;
    check_days(
        &revision.instalments,
        revision.amount,
        revision.due_date,
        bill_type,
        calendar,
    )?;
    check_licence(revision.licence.as_ref(), bill_type)?;
    if revision.second_factor.is_some() && bill_type.terms.second_factor.is_none() {
        return Err(Refusal::SecondFactor { wanted: false });
    }
    let shares = |instalments: &[Instalment]| -> Vec<i64> {
        instalments.iter().map(|one| one.minor).collect()
    };
    let cut_otherwise = shares(&revision.instalments) != shares(&bill.instalments)
        || !same_parts(&revision.parts, &bill.parts);
    if revision.amount != bill.amount || lines != bill.lines || cut_otherwise {
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
        parts: revision.parts.clone(),
        instalments: revision.instalments.clone(),
        licence: revision.licence.clone(),
    }])
}

/// A licence is told of by the notices of licences, and only where the kind of bill says that it renews one.
const fn check_licence(licence: Option<&Licence>, bill_type: &BillType) -> Result<(), Refusal> {
    if licence.is_some() && !bill_type.terms.vehicle_licence {
        return Err(Refusal::NoLicence);
    }
    Ok(())
}

/// Judges the last day for payment and the instalments by the kind's rules.
fn check_days(
    instalments: &[Instalment],
    amount: Money,
    due_date: Date,
    bill_type: &BillType,
    calendar: &BusinessCalendar,
) -> Result<(), Refusal> {
    check_instalments(instalments, amount, due_date, bill_type)
        .map_err(|fault| Refusal::Instalments { fault })?;
    match bill_type.terms.due_dates {
        DueDates::AsPrinted => Ok(()),
        DueDates::QuarterRollsBack => {
            let expected = last_business_day(due_date, calendar)
                .map_err(|_unknown| Refusal::HolidaysNotKnown { near: due_date })?;
            if due_date == expected {
                Ok(())
            } else {
                Err(Refusal::DueDateAgainstRule { expected })
            }
        }
    }
}

fn check_description(description: &str) -> Result<(), Refusal> {
    if description.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return Err(Refusal::DescriptionTooLong {
            max: DESCRIPTION_CHARACTERS_MAX,
        });
    }
    Ok(())
}

/// Whether money that cleared the one list has cleared the other in the same way: only labels may differ.
fn same_parts(ones: &[BillPart], others: &[BillPart]) -> bool {
    let same = |(one, other): (&BillPart, &BillPart)| {
        one.reference == other.reference && one.line == other.line && one.minor == other.minor
    };
    ones.len() == others.len() && ones.iter().zip(others).all(same)
}

fn lines_of(
    lines: &[RevenueLine],
    parts: &[BillPart],
    amount: Money,
    bill_type: &BillType,
) -> Result<Vec<RevenueLine>, Refusal> {
    check_parts(parts, lines, amount, bill_type).map_err(|fault| Refusal::Parts { fault })?;
    if !parts.is_empty() {
        return Ok(lines_of_parts(parts));
    }
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
    if let Some(line) = lines
        .iter()
        .find(|line| !bill_type.terms.knows_line(&line.code))
    {
        return Err(Refusal::LineUnknown {
            code: line.code.clone(),
        });
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

pub(crate) fn is_line_code(code: &str) -> bool {
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
