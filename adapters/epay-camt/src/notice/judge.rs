//! From an entry as written to movements, or to the one fault that makes it unreadable.
//!
//! In order: the account, the entry's amount, direction, status and dates; then one movement for each
//! transaction detail, whose amounts, each in its own direction, must add up to the entry exactly. An entry
//! without details is one movement by itself. Either all movements of an entry come out or none.

use epay_money::{Currency, Money};
use jiff::{Timestamp, civil::Date};

use super::entry::{RawAmount, RawDate, RawDetail, RawEntry, detail_place};
use crate::fault::{EntryFault, Wrong};
use crate::remittance::Remittance;
use crate::{Direction, Movement, dates};

/// HK$1,000,000,000,000: more than any payment, and small enough that the sums of a notice, and ninety
/// thousand such amounts in a ledger account, still fit in 64 bits of cents.
const AMOUNT_MINOR_MAX: i64 = 100_000_000_000_000;

/// What an entry inherits from the notification around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The account that the notification is about.
    pub(crate) account: Option<&'a str>,
    /// When the notification was made.
    pub(crate) created_at: Option<Timestamp>,
}

/// What holds for every movement of an entry.
struct Head<'a> {
    account: &'a str,
    amount: Money,
    direction: Direction,
    booking_date: Date,
    value_date: Date,
    booked_at: Timestamp,
}

/// The movements of an entry.
pub(crate) fn movements(entry: &RawEntry, around: Around<'_>) -> Result<Vec<Movement>, EntryFault> {
    if let Some(fault) = &entry.fault {
        return Err(fault.clone());
    }
    let head = head(entry, around)?;
    let keys = keys(entry)?;
    if entry.details.is_empty() {
        let narratives = entry.narrative.iter().cloned().collect();
        let detail = RawDetail {
            remittance: Remittance {
                narratives,
                ..Remittance::default()
            },
            ..RawDetail::default()
        };
        return keys
            .into_iter()
            .map(|key| movement(entry, &head, &detail, key, (head.amount, head.direction), 1))
            .collect();
    }
    let amounts = amounts(entry, &head)?;
    entry
        .details
        .iter()
        .zip(keys)
        .zip(amounts)
        .zip(1..)
        .map(|(((detail, key), amount), number)| {
            movement(entry, &head, detail, key, amount, number)
        })
        .collect()
}

fn head<'a>(entry: &RawEntry, around: Around<'a>) -> Result<Head<'a>, EntryFault> {
    let account = around
        .account
        .ok_or_else(|| EntryFault::at("", Wrong::NoAccount))?;
    let amount = money(&entry.amount).map_err(|wrong| EntryFault::at("Amt", wrong))?;
    let code = entry
        .direction
        .as_deref()
        .ok_or_else(|| EntryFault::at("CdtDbtInd", Wrong::Missing))?;
    let direction = direction(code).map_err(|wrong| EntryFault::at("CdtDbtInd", wrong))?;
    let value = when(&entry.value).map_err(|wrong| EntryFault::at("ValDt", wrong))?;
    let booked = when(&entry.booked).map_err(|wrong| EntryFault::at("BookgDt", wrong))?;
    // An entry that is only announced may have no booking date yet: its value date, and failing that the
    // day of the notice, is the nearest thing that the bank has said.
    let made = around.created_at.map(|at| (dates::day_of(at), None));
    let (booking_date, moment) = booked
        .or(value)
        .or(made)
        .ok_or_else(|| EntryFault::at("BookgDt", Wrong::Missing))?;
    let booked_at = moment
        .or_else(|| dates::end_of(booking_date))
        .ok_or_else(|| EntryFault::at("BookgDt", Wrong::Date))?;
    Ok(Head {
        account,
        amount,
        direction,
        booking_date,
        value_date: value.map_or(booking_date, |(day, _)| day),
        booked_at,
    })
}

/// The bank's reference for each movement: unique within the account, the same on every repeat.
///
/// A single movement has the entry's `AcctSvcrRef`, or its detail's. A batch has those of its details when
/// each has its own; otherwise the entry's with `/` and the detail's number, from 1.
fn keys(entry: &RawEntry) -> Result<Vec<String>, EntryFault> {
    let missing = || EntryFault::at("AcctSvcrRef", Wrong::NoReference);
    let of_entry = entry.bank_reference.as_ref();
    if let [] | [_] = entry.details.as_slice() {
        let of_detail = entry
            .details
            .first()
            .and_then(|detail| detail.bank_reference.as_ref());
        let key = of_entry.or(of_detail).ok_or_else(missing)?;
        return Ok(vec![key.clone()]);
    }
    let own: std::collections::BTreeSet<&String> = entry
        .details
        .iter()
        .filter_map(|detail| detail.bank_reference.as_ref())
        .collect();
    if own.len() == entry.details.len() {
        let each = entry.details.iter();
        return Ok(each
            .filter_map(|detail| detail.bank_reference.clone())
            .collect());
    }
    let of_entry = of_entry.ok_or_else(missing)?;
    Ok((1..=entry.details.len())
        .map(|number| format!("{of_entry}/{number}"))
        .collect())
}

/// The amount and direction of each detail; they must add up to the entry.
fn amounts(entry: &RawEntry, head: &Head<'_>) -> Result<Vec<(Money, Direction)>, EntryFault> {
    let sole = entry.details.len() == 1;
    let mut sum = Money::zero(head.amount.currency());
    let mut all = Vec::with_capacity(entry.details.len());
    for (detail, number) in entry.details.iter().zip(1_usize..) {
        let at =
            |field: &str, wrong| EntryFault::at(format!("{}/{field}", detail_place(number)), wrong);
        let written = if detail.amount.number.is_some() {
            &detail.amount
        } else if sole {
            &entry.amount
        } else {
            &detail.transaction_amount
        };
        let amount = money(written).map_err(|wrong| at("Amt", wrong))?;
        let way = match detail.direction.as_deref() {
            Some(code) => direction(code).map_err(|wrong| at("CdtDbtInd", wrong))?,
            None => head.direction,
        };
        if amount.currency() != head.amount.currency() {
            return Err(at("Amt", Wrong::OtherCurrency));
        }
        sum = signed(amount, way)
            .and_then(|signed| sum.checked_add(signed))
            .map_err(|fault| at("Amt", Wrong::Amount(fault)))?;
        all.push((amount, way));
    }
    let whole = signed(head.amount, head.direction)
        .map_err(|fault| EntryFault::at("Amt", Wrong::Amount(fault)))?;
    if sum == whole {
        Ok(all)
    } else {
        Err(EntryFault::at("Amt", Wrong::Sum))
    }
}

fn movement(
    entry: &RawEntry,
    head: &Head<'_>,
    detail: &RawDetail,
    bank_reference: String,
    (amount, direction): (Money, Direction),
    number: usize,
) -> Result<Movement, EntryFault> {
    let end_to_end_id = detail
        .end_to_end_id
        .as_deref()
        .filter(|id| *id != "NOTPROVIDED");
    let instructed_at = instructed_at(head, detail).map_err(|(field, wrong)| {
        EntryFault::at(format!("{}/RltdDts/{field}", detail_place(number)), wrong)
    })?;
    // The other side of the movement: who paid, or who got it back.
    let party = match direction {
        Direction::Credit => &detail.debtor,
        Direction::Debit => &detail.creditor,
    };
    Ok(Movement {
        account: head.account.to_owned(),
        bank_reference,
        amount,
        direction,
        status: entry.status.clone(),
        remittance: detail.remittance.clone(),
        end_to_end_id: end_to_end_id.map(str::to_owned),
        clearing_reference: detail.clearing_reference.clone(),
        return_reason: detail.return_reason.clone(),
        party: party.clone(),
        instructed_at,
        booking_date: head.booking_date,
        value_date: head.value_date,
    })
}

/// When the payer gave the instruction: the transaction's own time, else when it was accepted, else the
/// moment of booking, else the last second of the booking day, which is the latest that it can have been.
fn instructed_at(head: &Head<'_>, detail: &RawDetail) -> Result<Timestamp, (&'static str, Wrong)> {
    let (field, text) = match (&detail.transaction_at, &detail.accepted_at) {
        (Some(text), _) => ("TxDtTm", text),
        (None, Some(text)) => ("AccptncDtTm", text),
        (None, None) => return Ok(head.booked_at),
    };
    dates::moment(text).ok_or((field, Wrong::Date))
}

fn money(written: &RawAmount) -> Result<Money, Wrong> {
    let number = written.number.as_deref().ok_or(Wrong::Missing)?;
    let currency: Currency = written
        .currency
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|_quoting_the_body| Wrong::Currency)?;
    let amount = Money::parse(number, currency).map_err(Wrong::Amount)?;
    if !amount.is_positive() {
        Err(Wrong::NotPositive)
    } else if amount.minor() > AMOUNT_MINOR_MAX {
        Err(Wrong::Implausible)
    } else {
        Ok(amount)
    }
}

fn direction(code: &str) -> Result<Direction, Wrong> {
    Direction::from_code(code).ok_or(Wrong::Direction)
}

fn signed(amount: Money, direction: Direction) -> Result<Money, epay_money::MoneyError> {
    match direction {
        Direction::Credit => Ok(amount),
        Direction::Debit => amount.checked_neg(),
    }
}

/// The day, and the moment where one is written; nothing when the field is not there.
fn when(written: &RawDate) -> Result<Option<(Date, Option<Timestamp>)>, Wrong> {
    if let Some(text) = &written.moment {
        let moment = dates::moment(text).ok_or(Wrong::Date)?;
        return Ok(Some((dates::day_of(moment), Some(moment))));
    }
    match &written.day {
        Some(text) => dates::day(text)
            .map(|day| Some((day, None)))
            .ok_or(Wrong::Date),
        None => Ok(None),
    }
}
