//! Bills and their kinds.

use epay_money::{BillerId, Money};
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Unreadable, amount, amount_or_zero, date, time};

/// A kind of bill that can be paid here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BillKind {
    pub(crate) code: String,
    pub(crate) biller_name: Option<v1::LocalizedText>,
    pub(crate) name: Option<v1::LocalizedText>,
    pub(crate) number_label: Option<v1::LocalizedText>,
    pub(crate) number_digits: u32,
    pub(crate) part_payment_allowed: bool,
    /// Rails that can pay it; the first is the one that is offered.
    pub(crate) methods: Vec<String>,
}

impl From<v1::BillType> for BillKind {
    fn from(kind: v1::BillType) -> Self {
        Self {
            code: kind.code,
            biller_name: kind.biller_name,
            name: kind.name,
            number_label: kind.number_label,
            number_digits: kind.number_digits,
            part_payment_allowed: kind.part_payment_allowed,
            methods: kind.methods,
        }
    }
}

/// How a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillState {
    /// Something is to be paid.
    Payable,
    Paid,
    Withdrawn,
}

/// A bill as its payer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bill {
    /// Resource name.
    pub(crate) name: String,
    pub(crate) biller: BillerId,
    /// Masked by the gateway.
    pub(crate) number: String,
    pub(crate) demanded: Money,
    pub(crate) applied: Money,
    pub(crate) outstanding: Money,
    pub(crate) due_date: Date,
    pub(crate) description: String,
    pub(crate) state: BillState,
    pub(crate) overdue: bool,
    pub(crate) paid_at: Option<Timestamp>,
}

impl Bill {
    pub(crate) fn read(bill: v1::Bill) -> Result<Self, Unreadable> {
        let state = match bill.state() {
            v1::BillState::Open | v1::BillState::PartPaid => BillState::Payable,
            v1::BillState::Paid => BillState::Paid,
            v1::BillState::Withdrawn => BillState::Withdrawn,
            v1::BillState::Unspecified => {
                return Err(Unreadable {
                    field: "bill.state",
                });
            }
        };
        let demanded = amount("bill.amount", bill.amount)?;
        Ok(Self {
            biller: biller_of("bill.name", &bill.name)?,
            name: bill.name,
            number: bill.number,
            demanded,
            applied: amount_or_zero("bill.applied", bill.applied, demanded.currency())?,
            outstanding: amount_or_zero("bill.outstanding", bill.outstanding, demanded.currency())?,
            due_date: date("bill.due_date", bill.due_date)?,
            description: bill.description,
            state,
            overdue: bill.overdue,
            paid_at: match bill.paid_time {
                None => None,
                Some(at) => Some(time("bill.paid_time", Some(&at))?),
            },
        })
    }
}

/// The department in a resource name `billers/{biller}/…`.
pub(super) fn biller_of(field: &'static str, name: &str) -> Result<BillerId, Unreadable> {
    name.strip_prefix("billers/")
        .and_then(|rest| rest.split('/').next())
        .and_then(|biller| BillerId::new(biller).ok())
        .ok_or(Unreadable { field })
}
