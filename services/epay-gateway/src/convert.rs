//! From the house's types to the interface's. How much of a bill's number is shown is decided here and nowhere else.

mod bill;
mod feed;
mod log;
mod notice;
mod payment;
mod rail_file;
mod recall;
mod reconciliation;
mod refund;
mod routing;
mod statement;
mod subscriber;
mod webhook;

pub(crate) use bill::{bill, bill_type};
pub(crate) use feed::{
    business_day, feed, feed_alerts, feed_delivery, feed_file, feed_row, feed_shape, shape_named,
    shape_of,
};
pub(crate) use log::{log_head, log_path};
pub(crate) use notice::{
    notice, notice_count, notice_kind_filter, notice_state_filter, notice_view, severe_weather,
};
pub(crate) use rail_file::rail_file;
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

use epay_domain::bill::BillState;
use epay_domain::{LocalizedText, Receipt};
use epay_money::{Currency, Money};
use epay_proto::pbjson_types::Timestamp as ProtoTimestamp;
use epay_proto::v1;
use epay_store::StoredEvent;
use jiff::Timestamp;
use jiff::civil::Date;
pub(crate) use payment::{answered, failure, payment, unclear};
pub(crate) use routing::{method, routing};
pub(crate) use subscriber::{
    channel, channel_of, consent_record, contact_read, opened_person, subscriber,
    subscriber_notice, subscription, tongue_of,
};
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
        cleared_parts: receipt
            .cleared
            .iter()
            .map(|part| v1::ClearedPart {
                number: i32::try_from(part.number).unwrap_or(i32::MAX),
                reference: match sight {
                    Sight::Least => String::new(),
                    Sight::Whole => part.reference.clone(),
                },
                amount: minor(part.minor, currency),
            })
            .collect(),
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
