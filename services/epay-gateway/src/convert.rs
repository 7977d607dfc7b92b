//! From the house's types to the interface's. How much of a bill's number is shown is decided here and nowhere else.

mod feed;
mod log;
mod payment;
mod recall;
mod reconciliation;
mod refund;
mod routing;
mod statement;
mod webhook;

pub(crate) use feed::{
    business_day, feed, feed_alerts, feed_delivery, feed_file, feed_row, feed_shape, shape_named,
    shape_of,
};
pub(crate) use log::{log_head, log_path};
pub(crate) use recall::{recall, recall_state_filter};
pub(crate) use reconciliation::{break_event, break_of, break_state_filter, match_of, summary};
pub(crate) use refund::{
    proposal, proposal_kind_filter, proposal_state_filter, refund, refund_source_filter,
    refund_state_filter,
};

pub(crate) use statement::{
    bad_row, bad_row_state_filter, statement, statement_entry, statement_file,
    statement_state_filter,
};

use epay_domain::bill::{Bill, BillState};
use epay_domain::{BillType, LocalizedText, Receipt};
use epay_engine::BillView;
use epay_money::{Currency, Money};
use epay_proto::pbjson_types::Timestamp as ProtoTimestamp;
use epay_proto::v1;
use epay_store::StoredEvent;
use jiff::Timestamp;
use jiff::civil::Date;
pub(crate) use payment::{answered, failure, payment, unclear};
pub(crate) use routing::{method, routing};
pub(crate) use webhook::{
    webhook_delivery, webhook_delivery_state_filter, webhook_endpoint, webhook_view,
};

use crate::auth::Role;
use crate::names;

/// How much a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// What a payer needs to recognise the bill and the payment.
    Least,
    /// What the department, finance staff and auditors need.
    Whole,
}

impl Sight {
    pub(crate) const fn of(role: Role) -> Self {
        match role {
            Role::CitizenPortal => Self::Least,
            Role::Department
            | Role::Finance
            | Role::Clerk
            | Role::Supervisor
            | Role::Controller
            | Role::Auditor
            | Role::Administrator => Self::Whole,
        }
    }
}

pub(crate) fn amount(money: Money) -> v1::Amount {
    v1::Amount {
        minor_units: money.minor(),
        currency_code: money.currency().code().to_owned(),
    }
}

fn minor(minor: i64, currency: Currency) -> Option<v1::Amount> {
    Some(amount(Money::new(minor, currency)))
}

pub(crate) fn date(date: Date) -> v1::Date {
    v1::Date {
        iso: date.to_string(),
    }
}

pub(crate) fn timestamp(at: Timestamp) -> ProtoTimestamp {
    ProtoTimestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    }
}

fn text(text: &LocalizedText) -> v1::LocalizedText {
    v1::LocalizedText {
        en: text.en.clone(),
        zh_hant: text.zh_hant.clone(),
        zh_hans: text.zh_hans.clone(),
    }
}

pub(crate) fn bill_type(kind: &BillType) -> v1::BillType {
    v1::BillType {
        code: kind.code.to_string(),
        biller: kind.biller.to_string(),
        biller_name: Some(text(&kind.biller_name)),
        name: Some(text(&kind.name)),
        number_label: Some(text(&kind.number_label)),
        number_digits: kind.number.digits,
        part_payment_allowed: kind.policy.part_allowed && !kind.policy.exact_only,
        methods: kind
            .payees
            .iter()
            .map(|payee| payee.rail.to_string())
            .collect(),
    }
}

pub(crate) const fn bill_state(state: BillState) -> v1::BillState {
    match state {
        BillState::Open => v1::BillState::Open,
        BillState::PartPaid => v1::BillState::PartPaid,
        BillState::Paid => v1::BillState::Paid,
        BillState::Withdrawn => v1::BillState::Withdrawn,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) const fn bill_state_filter(state: v1::BillState) -> Option<BillState> {
    match state {
        v1::BillState::Unspecified => None,
        v1::BillState::Open => Some(BillState::Open),
        v1::BillState::PartPaid => Some(BillState::PartPaid),
        v1::BillState::Paid => Some(BillState::Paid),
        v1::BillState::Withdrawn => Some(BillState::Withdrawn),
    }
}

pub(crate) fn bill(view: &BillView, sight: Sight, now: Timestamp) -> v1::Bill {
    let bill = &view.bill;
    let currency = bill.amount.currency();
    let whole = sight == Sight::Whole;
    let lines = if whole { bill.lines.as_slice() } else { &[] };
    v1::Bill {
        name: names::of_bill(&bill.biller, bill.id),
        bill_type: bill.bill_type.to_string(),
        number: if whole {
            bill.number.clone()
        } else {
            bill.masked_number()
        },
        amount: Some(amount(bill.amount)),
        applied: minor(bill.applied_minor, currency),
        outstanding: Some(amount(bill.outstanding())),
        due_date: Some(date(bill.due_date)),
        description: bill.description.clone(),
        state: bill_state(bill.state).into(),
        create_time: Some(timestamp(bill.created_at)),
        overdue: is_overdue(bill, now),
        paid_time: bill.paid_at.map(timestamp),
        revenue_lines: lines
            .iter()
            .map(|line| v1::RevenueLine {
                code: line.code.clone(),
                amount: minor(line.minor, currency),
            })
            .collect(),
        revision: bill.revision,
    }
}

/// The due date has ended in Hong Kong and something is still to be paid.
fn is_overdue(bill: &Bill, now: Timestamp) -> bool {
    bill.outstanding_minor() > 0 && !epay_money::is_on_time(now, bill.due_date)
}

pub(crate) fn receipt(receipt: &Receipt, sight: Sight) -> v1::Receipt {
    let biller = &receipt.biller;
    let currency = receipt.amount.currency();
    let journal = match sight {
        Sight::Least => String::new(),
        Sight::Whole => names::of_journal(biller, receipt.journal),
    };
    v1::Receipt {
        name: names::of_receipt(biller, receipt.id),
        rail: receipt.rail.to_string(),
        rail_reference: receipt.rail_reference.clone(),
        amount: Some(amount(receipt.amount)),
        applied: minor(receipt.applied_minor, currency),
        overpaid: minor(
            receipt
                .overpaid_minor
                .saturating_add(receipt.forwarded_minor),
            currency,
        ),
        duplicate: minor(receipt.duplicate_minor, currency),
        unapplied: minor(receipt.unapplied_minor, currency),
        unapplied_reason: receipt
            .hold_reason
            .map_or_else(String::new, |reason| reason.as_str().to_owned()),
        instructed_time: Some(timestamp(receipt.instructed_at)),
        receipt_business_date: Some(date(receipt.receipt_business_date)),
        value_date: Some(date(receipt.value_date)),
        bill: receipt
            .bill
            .map_or_else(String::new, |bill| names::of_bill(biller, bill)),
        payment: receipt
            .payment
            .map_or_else(String::new, |payment| names::of_payment(biller, payment)),
        journal,
        on_time: receipt.on_time.unwrap_or_default(),
        matched_by: receipt.matched_by.as_str().to_owned(),
        create_time: Some(timestamp(receipt.created_at)),
    }
}

pub(crate) fn event(event: &StoredEvent) -> v1::PaymentEvent {
    v1::PaymentEvent {
        version: i64::from(event.version),
        kind: event.kind.clone(),
        time: Some(timestamp(event.at)),
        detail_json: event.body.to_string(),
    }
}
