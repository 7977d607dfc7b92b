//! What a notice says, worked out when it is sent, and how a bill stands then.

use epay_money::hong_kong_date;
use epay_notice::{Details, Kind, Tail, Value, ValueFault, Words};
use jiff::Timestamp;

use super::{BillNow, is_news};
use crate::bill::{Bill, BillState};
use crate::{BillType, LocalizedText};

/// How a bill stands for a notice of this kind; nothing where that is no question.
#[must_use]
pub fn bill_now(kind: Kind, bill: &Bill) -> Option<BillNow> {
    if is_news(kind) {
        return None;
    }
    match bill.state {
        BillState::Withdrawn => Some(BillNow::Withdrawn),
        BillState::Paid => Some(BillNow::Paid),
        BillState::Open | BillState::PartPaid if bill.outstanding_minor() == 0 => {
            Some(BillNow::Paid)
        }
        BillState::Open | BillState::PartPaid => Some(BillNow::Owed {
            due_date: bill.next_due_date(),
            under_way: !bill.under_way.is_empty(),
        }),
    }
}

/// What a notice says, without names: what was noted when it was planned, and for a reminder how the bill stands now.
///
/// # Errors
/// A number that no text may show.
pub fn details_now(
    kind: Kind,
    noted: &Details,
    (bill, bill_type): (&Bill, &BillType),
    now: Timestamp,
) -> Result<Details, ValueFault> {
    if is_news(kind) {
        return Ok(noted.clone());
    }
    Ok(noted
        .clone()
        .with(Value::AccountTail(Tail::of(&bill.number)?))
        .with(Value::Amount(
            bill.payable_now(&bill_type.terms, hong_kong_date(now)),
        ))
        .with(Value::DueDate(bill.next_due_date())))
}

/// The same with the names of the department and of the kind of bill.
///
/// # Errors
/// A kind without names.
pub fn with_names(details: &Details, bill_type: &BillType) -> Result<Details, ValueFault> {
    let words = |name: &LocalizedText| Words::shortened(&name.en, &name.zh_hant, &name.zh_hans);
    Ok(details
        .clone()
        .with(Value::Department(words(&bill_type.biller_name)?))
        .with(Value::BillType(words(&bill_type.name)?)))
}
