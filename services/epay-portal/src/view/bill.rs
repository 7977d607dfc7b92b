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
    /// What must be typed beside the number, by its label.
    pub(crate) second_factor: Option<v1::LocalizedText>,
    /// What a late payer must expect, in the department's words.
    pub(crate) late_rules: Vec<v1::LocalizedText>,
    /// What the reference of a consolidated bill's part is called.
    pub(crate) part_reference: Option<v1::LocalizedText>,
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
            second_factor: kind
                .second_factor
                .map(|factor| factor.label.unwrap_or_default()),
            late_rules: kind
                .late_rules
                .into_iter()
                .filter_map(|rule| rule.words)
                .collect(),
            part_reference: kind.parts.and_then(|policy| policy.reference_label),
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
    /// What a consolidated bill demands for, in order; empty where it is for one thing.
    pub(crate) parts: Vec<Part>,
    /// In order; empty where the bill is paid at once.
    pub(crate) instalments: Vec<Instalment>,
    /// What should be paid now.
    pub(crate) payable_now: Money,
    /// Last day for that.
    pub(crate) next_due_date: Date,
    /// First and last day on which a payment can be started; always where unset.
    pub(crate) window: Option<(Date, Date)>,
}

/// One instalment of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instalment {
    pub(crate) number: i32,
    pub(crate) due_date: Date,
    pub(crate) amount: Money,
    pub(crate) paid: Money,
    pub(crate) overdue: bool,
}

/// One of the things that a consolidated bill demands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: i32,
    /// Empty where whoever finds the bill may not see it.
    pub(crate) label: String,
    /// Empty likewise.
    pub(crate) reference: String,
    pub(crate) amount: Money,
    pub(crate) paid: Money,
}

impl Part {
    fn read(part: v1::BillPart) -> Result<Self, Unreadable> {
        let whole = amount("bill.parts.amount", part.amount)?;
        Ok(Self {
            number: part.number,
            label: part.label,
            reference: part.reference,
            amount: whole,
            paid: amount_or_zero("bill.parts.paid", part.paid, whole.currency())?,
        })
    }
}

impl Instalment {
    fn read(one: v1::Instalment) -> Result<Self, Unreadable> {
        let whole = amount("bill.instalments.amount", one.amount)?;
        Ok(Self {
            number: one.number,
            due_date: date("bill.instalments.due_date", one.due_date)?,
            amount: whole,
            paid: amount_or_zero("bill.instalments.paid", one.paid, whole.currency())?,
            overdue: one.overdue,
        })
    }
}

impl Bill {
    /// Whether a payment can be started on that day.
    pub(crate) fn is_open_on(&self, today: Date) -> bool {
        self.window
            .is_none_or(|(first, last)| (first..=last).contains(&today))
    }

    /// Whether something of it is to be paid, and can be on that day.
    pub(crate) fn is_payable_on(&self, today: Date) -> bool {
        self.state == BillState::Payable && self.outstanding.is_positive() && self.is_open_on(today)
    }

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
        let currency = demanded.currency();
        let outstanding = amount_or_zero("bill.outstanding", bill.outstanding, currency)?;
        let window = match (bill.payable_from, bill.payable_until) {
            (Some(from), Some(until)) => Some((
                date("bill.payable_from", Some(from))?,
                date("bill.payable_until", Some(until))?,
            )),
            _ => None,
        };
        Ok(Self {
            biller: biller_of("bill.name", &bill.name)?,
            name: bill.name,
            number: bill.number,
            demanded,
            applied: amount_or_zero("bill.applied", bill.applied, currency)?,
            outstanding,
            payable_now: amount_or_zero("bill.payable_now", bill.payable_now, currency)?,
            next_due_date: date("bill.next_due_date", bill.next_due_date)?,
            parts: bill
                .parts
                .into_iter()
                .map(Part::read)
                .collect::<Result<_, _>>()?,
            instalments: bill
                .instalments
                .into_iter()
                .map(Instalment::read)
                .collect::<Result<_, _>>()?,
            window,
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
