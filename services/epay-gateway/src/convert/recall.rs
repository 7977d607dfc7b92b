//! Recalls.

use epay_domain::recall::{Direction, Recall, RecallState};
use epay_proto::v1;

use super::{amount, timestamp};
use crate::names;

const fn state(state: RecallState) -> v1::RecallState {
    match state {
        RecallState::Waiting => v1::RecallState::Waiting,
        RecallState::Returning => v1::RecallState::Returning,
        RecallState::Agreed => v1::RecallState::Agreed,
        RecallState::Declined => v1::RecallState::Declined,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn recall_state_filter(wanted: v1::RecallState) -> Option<RecallState> {
    RecallState::ALL
        .into_iter()
        .find(|known| state(*known) == wanted)
}

pub(crate) fn recall(recall: &Recall) -> v1::Recall {
    let biller = &recall.biller;
    let direction = match recall.direction {
        Direction::Wanted => v1::RecallDirection::Wanted,
        Direction::Asked => v1::RecallDirection::Asked,
    };
    v1::Recall {
        name: names::of_recall(biller, recall.id),
        direction: direction.into(),
        state: state(recall.state).into(),
        rail: recall.rail.to_string(),
        payment: recall
            .payment
            .map_or_else(String::new, |payment| names::of_payment(biller, payment)),
        receipt: recall
            .receipt
            .map_or_else(String::new, |receipt| names::of_receipt(biller, receipt)),
        refund: recall
            .refund
            .map_or_else(String::new, |refund| names::of_refund(biller, refund)),
        amount: Some(amount(recall.amount)),
        reason: recall.why.clone(),
        answer: recall.answer.clone().unwrap_or_default(),
        person: recall.by.clone().unwrap_or_default(),
        tell_time: recall.told_at.map(timestamp),
        create_time: Some(timestamp(recall.created_at)),
        update_time: Some(timestamp(recall.changed_at)),
    }
}
