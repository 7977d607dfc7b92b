//! What a notice says, worked out when it is sent, and how a bill stands then.

use epay_money::hong_kong_date;
use epay_notice::{Details, Kind, Tail, Value, ValueFault, Words};
use jiff::Timestamp;

use super::{BillNow, is_news};
use crate::bill::{Bill, BillState};
use crate::{BillType, LocalizedText, Terms};

/// How a bill stands for a notice of this kind; nothing where that is no question.
#[must_use]
pub fn bill_now(kind: Kind, bill: &Bill, terms: &Terms) -> Option<BillNow> {
    if is_news(kind) {
        return None;
    }
    let under_way = !bill.under_way.is_empty();
    match bill.state {
        BillState::Withdrawn => Some(BillNow::Withdrawn),
        BillState::Paid => Some(BillNow::Paid),
        BillState::Open | BillState::PartPaid if bill.outstanding_minor() == 0 => {
            Some(BillNow::Paid)
        }
        BillState::Open | BillState::PartPaid if is_of_licence(kind) => {
            let days = bill.licence.as_ref().map(|licence| licence.days(terms));
            Some(BillNow::Renewable {
                date: days.map(|days| {
                    if kind == Kind::LicenceRenewalOpen {
                        days.opens_on
                    } else {
                        days.expires_on
                    }
                }),
                under_way,
            })
        }
        BillState::Open | BillState::PartPaid => Some(BillNow::Owed {
            due_date: bill.next_due_date(),
            under_way,
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
    let noted = noted.clone();
    if is_news(kind) {
        return Ok(noted);
    }
    if is_of_licence(kind) {
        return Ok(match &bill.licence {
            Some(licence) => {
                let days = licence.days(&bill_type.terms);
                noted
                    .with(Value::Mark(licence.mark.clone()))
                    .with(Value::Expiry(days.expires_on))
                    .with(Value::OpenDate(days.opens_on))
            }
            None => noted,
        });
    }
    Ok(noted
        .with(Value::AccountTail(Tail::of(&bill.number)?))
        .with(Value::Amount(
            bill.payable_now(&bill_type.terms, hong_kong_date(now)),
        ))
        .with(Value::DueDate(bill.next_due_date())))
}

const fn is_of_licence(kind: Kind) -> bool {
    matches!(kind, Kind::LicenceRenewalOpen | Kind::LicenceExpiring)
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
