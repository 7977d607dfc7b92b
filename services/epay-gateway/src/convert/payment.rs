//! Payments: where the money is, and what the payer must do.

use epay_domain::bill::Bill;
use epay_domain::payment::{Payment, PaymentEvent, PaymentState, Presentation};
use epay_engine::{PaymentView, UnclearView};
use epay_proto::v1;
use epay_proto::v1::next_action::Action;
use epay_store::StoredEvent;

use super::{Sight, amount, date, minor, receipt, text, timestamp};
use crate::names;

const fn payment_state(state: PaymentState) -> v1::PaymentState {
    match state {
        PaymentState::Created => v1::PaymentState::Created,
        PaymentState::AwaitingPayer => v1::PaymentState::AwaitingPayer,
        PaymentState::Submitting => v1::PaymentState::Submitting,
        PaymentState::Unclear => v1::PaymentState::Unclear,
        PaymentState::Accepted => v1::PaymentState::Accepted,
        PaymentState::Closing => v1::PaymentState::Closing,
        PaymentState::Settled => v1::PaymentState::Settled,
        PaymentState::Failed => v1::PaymentState::Failed,
        PaymentState::Expired => v1::PaymentState::Expired,
        PaymentState::Cancelled => v1::PaymentState::Cancelled,
    }
}

pub(crate) fn payment(view: &PaymentView, sight: Sight) -> v1::Payment {
    let payment = &view.payment;
    let remote = payment.remote.as_deref();
    v1::Payment {
        name: names::of_payment(&payment.biller, payment.id),
        bill: names::of_bill(&payment.biller, payment.bill),
        reference: payment.reference.to_string(),
        rail: payment.rail.to_string(),
        amount: Some(amount(payment.amount)),
        state: payment_state(payment.state).into(),
        create_time: Some(timestamp(payment.created_at)),
        expire_time: Some(timestamp(payment.expires_at)),
        next_action: next_action(view),
        receipts: view
            .receipts
            .iter()
            .map(|found| receipt(found, sight))
            .collect(),
        version: i64::from(payment.version),
        r#final: payment.state.is_final(),
        bill_type: view.kind.code.to_string(),
        bill_number: view.bill.masked_number(),
        method: payment.method.clone(),
        bills: view
            .bills
            .iter()
            .map(|bill| paid_bill(payment, bill, sight))
            .collect(),
        conditional: payment.state == PaymentState::Accepted
            && remote.is_some_and(|remote| remote.conditional.is_some()),
        failure: None,
    }
}

/// The answer to a command. Asked again under the same key it is literally the same, so what a bill still lacks at this
/// moment, and by when, is not in it.
pub(crate) fn answered(view: &PaymentView, sight: Sight) -> v1::Payment {
    let mut answer = payment(view, sight);
    for bill in &mut answer.bills {
        bill.outstanding = None;
        bill.due_date = None;
    }
    answer
}

/// A bill of the payment, with its share.
fn paid_bill(payment: &Payment, bill: &Bill, sight: Sight) -> v1::PaidBill {
    let part = payment.parts.iter().find(|part| part.bill == bill.id);
    let share = part.map_or(payment.amount.minor(), |part| part.minor);
    v1::PaidBill {
        bill: names::of_bill(&bill.biller, bill.id),
        number: match sight {
            Sight::Least => bill.masked_number(),
            Sight::Whole => bill.number.clone(),
        },
        amount: minor(share, payment.amount.currency()),
        outstanding: Some(amount(bill.outstanding())),
        due_date: Some(date(bill.next_due_date())),
    }
}

/// What the payer must do, as long as the money is still with the payer.
fn next_action(view: &PaymentView) -> Option<v1::NextAction> {
    let payment = &view.payment;
    if payment.state != PaymentState::AwaitingPayer {
        return None;
    }
    let action = match payment.presentation.as_ref()? {
        Presentation::Qr { payload, app_link } => Action::ShowQr(v1::ShowQr {
            payload: payload.clone(),
            payee_id: payment.payee.clone(),
            payee_name: view
                .kind
                .payee(&payment.rail)
                .map(|payee| text(&payee.name)),
            // Only a code that is shown leaves the amount to the payer; a rail that was called took a fixed one.
            amount_editable: payment.amount_editable && payment.remote.is_none(),
            app_link: app_link.clone().unwrap_or_default(),
        }),
        Presentation::Redirect { url } => Action::Redirect(v1::Redirect { url: url.clone() }),
        Presentation::Form { action, fields } => Action::PostForm(v1::PostForm {
            action: action.clone(),
            fields: named(fields),
        }),
        Presentation::Instructions { fields } => Action::Instructions(v1::Instructions {
            fields: named(fields),
        }),
        Presentation::Handover {
            what,
            media_type,
            bytes_max,
            request_json,
        } => Action::Handover(v1::Handover {
            what: what.clone(),
            media_type: media_type.clone(),
            bytes_max: *bytes_max,
            request_json: request_json.clone(),
        }),
    };
    Some(v1::NextAction {
        action: Some(action),
    })
}

fn named(fields: &[(String, String)]) -> Vec<v1::NamedValue> {
    fields
        .iter()
        .map(|(name, value)| v1::NamedValue {
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

/// Why no money moved: the last thing that ended the payment, as its events tell.
pub(crate) fn failure(events: &[StoredEvent]) -> Option<v1::Failure> {
    events.iter().rev().find_map(|stored| {
        let event: PaymentEvent = serde_json::from_value(stored.body.clone()).ok()?;
        let (kind, reason) = match event {
            PaymentEvent::Declined { reason } => ("declined", reason),
            PaymentEvent::Dishonoured { reason }
            | PaymentEvent::ReturnedAfterHonour { reason, .. } => ("dishonoured", reason),
            PaymentEvent::NotSent { reason } => ("not_sent", reason),
            PaymentEvent::NeverArrived => ("not_sent", String::new()),
            PaymentEvent::FoundUnpaid { .. } => ("refused", String::new()),
            _ => return None,
        };
        Some(v1::Failure {
            kind: kind.to_owned(),
            reason,
        })
    })
}

pub(crate) fn unclear(view: &UnclearView) -> v1::UnclearPayment {
    v1::UnclearPayment {
        payment: Some(payment(&view.view, Sight::Whole)),
        unclear_since_time: Some(timestamp(view.since)),
        why: view.why.clone(),
        probes: i32::try_from(view.probes).unwrap_or(i32::MAX),
        next_probe_time: view.next_probe_at.map(timestamp),
        needs_person: view.needs_person,
        evidence: view
            .evidence
            .iter()
            .map(|evidence| v1::Evidence {
                time: Some(timestamp(evidence.at)),
                what: evidence.what.clone(),
            })
            .collect(),
        owner: view.owner.clone().unwrap_or_default(),
    }
}
