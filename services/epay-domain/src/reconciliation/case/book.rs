//! What a resolution by people books, and whether it fits the break.

use epay_ledger::chart::{DUE_FROM_DEPARTMENTS, SHORTFALLS, UNIDENTIFIED};
use epay_ledger::recipes::{self, Line, RailAccounts};
use epay_ledger::{AccountCode, Draft};

use super::{BreakClass, Case, CaseState, Ended, Kept, Level, Resolution};
use crate::Refusal;
use crate::credit::{CreditError, payable};

/// Most revenue lines of one remittance.
const LINES_MAX: usize = 100;

/// Whether a resolution fits. Whether the two of a match are of one amount is judged where both breaks are known.
///
/// # Errors
/// [`Refusal::BreakResolved`], [`Refusal::BreakNotReopenable`], [`Refusal::ResolutionDoesNotFit`].
pub fn fits(case: &Case, resolution: &Resolution) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::ResolutionDoesNotFit { why });
    if *resolution == Resolution::Reopen {
        let by_people = matches!(&case.ended, Some(Ended::People { resolution, .. })
            if !matches!(resolution, Resolution::Match { .. } | Resolution::Suspense));
        return if by_people && case.state == CaseState::Resolved {
            Ok(())
        } else {
            Err(Refusal::BreakNotReopenable)
        };
    }
    if case.state != CaseState::Open {
        return Err(Refusal::BreakResolved);
    }
    if case.level == Level::Department && *resolution != Resolution::Accept {
        return no("what was passed on is accepted, or put right where it went wrong");
    }
    let over = |kept: &Kept| UNIDENTIFIED.covers(&kept.account);
    match (resolution, &case.kept) {
        (Resolution::Match { .. }, _) => {
            let seen_in_part = !case.expected.is_empty() && !case.observed.is_empty();
            if seen_in_part && !expects_rest(case) {
                return no("only a side that stands alone, or what is left of one, can be matched");
            }
            if case.level == Level::Bank && case.expected.is_empty() && case.kept.is_none() {
                return no("no money moved with it");
            }
        }
        (Resolution::Accept, None) => {}
        (Resolution::Accept, Some(_)) => return no("it keeps money, which must go somewhere"),
        (Resolution::RailClaim, _) => {
            if case.class != BreakClass::FeeMismatch || case.difference_minor <= 0 {
                return no("the rail did not keep too much");
            }
        }
        (_, None) => return no("it keeps no money"),
        (Resolution::WriteOff, Some(_)) => {}
        (Resolution::Suspense, Some(kept)) => {
            if !over(kept) || case.observed.len() != 1 {
                return no("only a credit of the bank can be taken in");
            }
        }
        (Resolution::DepartmentClaim, Some(kept)) => {
            if over(kept) {
                return no("nothing is missing");
            }
        }
        (Resolution::FeeInvoice { .. }, Some(kept)) => unexpected_debit(kept)?,
        (Resolution::Remittance { lines, clawback }, Some(kept)) => {
            unexpected_debit(kept)?;
            let sum = lines
                .iter()
                .try_fold(0_i64, |sum, (_, minor)| sum.checked_add(*minor));
            if lines.len() > LINES_MAX || sum != Some(kept.minor) {
                return no("the lines do not add up to the debit");
            }
            if clawback.len() > LINES_MAX
                || lines.iter().chain(clawback).any(|(_, minor)| *minor <= 0)
            {
                return no("each line is more than nothing");
            }
        }
        (Resolution::Reopen, Some(_)) => return Err(Refusal::BreakResolved),
    }
    Ok(())
}

/// Whether a rest is still to come, or too much to go back: it lies on an account of its rail.
fn expects_rest(case: &Case) -> bool {
    let kept = case.kept.as_ref();
    case.level == Level::Bank && kept.is_some_and(|kept| kept.account.parts().next().is_some())
}

fn unexpected_debit(kept: &Kept) -> Result<(), Refusal> {
    if kept.account == SHORTFALLS.account() {
        Ok(())
    } else {
        let why = "it is not a debit that nobody expected";
        Err(Refusal::ResolutionDoesNotFit { why })
    }
}

/// The drafts of a resolution that fits; none where it books nothing, or where more than this break is needed.
///
/// # Errors
/// [`CreditError`] when an account is configured wrongly.
pub fn booking(
    case: &Case,
    resolution: &Resolution,
    rail: Option<&RailAccounts>,
) -> Result<Vec<Draft>, CreditError> {
    let currency = case.currency;
    if *resolution == Resolution::RailClaim {
        let claim = |rail| recipes::fee_claimed(rail, currency, case.difference_minor);
        return Ok(rail.map(claim).transpose()?.into_iter().collect());
    }
    let Some(Kept { account, minor }) = &case.kept else {
        return Ok(vec![]);
    };
    let draft = match resolution {
        Resolution::WriteOff => recipes::write_off(account, currency, *minor)?,
        Resolution::Suspense => recipes::held_to_suspense(account, currency, *minor)?,
        Resolution::DepartmentClaim => {
            let department = due_from(case)?;
            if account.head() == epay_ledger::chart::CHARGEBACKS.code {
                recipes::chargeback_lost(&department, currency, *minor)?
            } else {
                recipes::department_claim(&department, account, currency, *minor)?
            }
        }
        Resolution::FeeInvoice { .. } => match rail {
            Some(rail) => recipes::debit_was_fee_invoice(rail, currency, *minor)?,
            None => return Ok(vec![]),
        },
        Resolution::Remittance { lines, clawback } => {
            let remitted = payables(case, lines)?;
            let mut drafts = vec![recipes::debit_was_remittance(currency, &remitted)?];
            if !clawback.is_empty() {
                let kept_back = payables(case, clawback)?;
                drafts.push(recipes::clawback(&due_from(case)?, currency, &kept_back)?);
            }
            return Ok(drafts);
        }
        Resolution::Match { .. }
        | Resolution::RailClaim
        | Resolution::Accept
        | Resolution::Reopen => return Ok(vec![]),
    };
    Ok(vec![draft])
}

/// What the department owes us back.
fn due_from(case: &Case) -> Result<AccountCode, CreditError> {
    Ok(DUE_FROM_DEPARTMENTS.account().child(case.biller.as_str())?)
}

fn payables(case: &Case, lines: &[(String, i64)]) -> Result<Vec<Line>, CreditError> {
    let line = |(code, minor): &(String, i64)| {
        let account = payable(&case.biller, code)?;
        Ok(Line {
            account,
            minor: *minor,
        })
    };
    lines.iter().map(line).collect()
}
