//! Refunds and proposals.

use epay_domain::proposal::{Proposal, ProposalState, Resolved, Subject, SubjectKind};
use epay_domain::refund::{Refund, RefundState, Source};
use epay_ledger::Period;
use epay_money::{BillerId, Currency, Money};
use epay_proto::v1;
use epay_store::BadRowKey;

use super::{amount, timestamp};
use crate::names;

const fn refund_state(state: RefundState) -> v1::RefundState {
    match state {
        RefundState::Proposed => v1::RefundState::Proposed,
        RefundState::Approved => v1::RefundState::Approved,
        RefundState::Submitting => v1::RefundState::Submitting,
        RefundState::InTransit => v1::RefundState::InTransit,
        RefundState::Unclear => v1::RefundState::Unclear,
        RefundState::Refunded => v1::RefundState::Refunded,
        RefundState::Queued => v1::RefundState::Queued,
        RefundState::Refused => v1::RefundState::Refused,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn refund_state_filter(state: v1::RefundState) -> Option<RefundState> {
    RefundState::ALL
        .into_iter()
        .find(|known| refund_state(*known) == state)
}

const fn refund_source(source: Source) -> v1::RefundSource {
    match source {
        Source::Unapplied => v1::RefundSource::Unapplied,
        Source::Overpaid => v1::RefundSource::Overpaid,
        Source::Duplicate => v1::RefundSource::Duplicate,
        Source::Applied => v1::RefundSource::Applied,
    }
}

/// The part that a request names; `None` where it leaves the choice.
pub(crate) fn refund_source_filter(source: v1::RefundSource) -> Option<Source> {
    Source::ALL
        .into_iter()
        .find(|known| refund_source(*known) == source)
}

pub(crate) fn refund(refund: &Refund) -> v1::Refund {
    let biller = &refund.biller;
    v1::Refund {
        name: names::of_refund(biller, refund.id),
        receipt: names::of_receipt(biller, refund.receipt),
        payment: refund
            .payment
            .map_or_else(String::new, |payment| names::of_payment(biller, payment)),
        bill: refund
            .bill
            .map_or_else(String::new, |bill| names::of_bill(biller, bill)),
        source: refund_source(refund.source).into(),
        amount: Some(amount(refund.amount)),
        reason: refund.reason.clone(),
        consent: refund.consent.clone().unwrap_or_default(),
        payout_account: refund.account.map_or_else(String::new, |account| {
            names::of_payout_account(biller, account)
        }),
        proposal: names::of_proposal(biller, refund.proposal),
        state: refund_state(refund.state).into(),
        rail: refund
            .route
            .as_ref()
            .map_or_else(String::new, |route| route.rail.to_string()),
        problem: refund.problem.clone().unwrap_or_default(),
        attempts: refund.attempts,
        create_time: Some(timestamp(refund.created_at)),
        update_time: Some(timestamp(refund.changed_at)),
        version: i64::from(refund.version),
    }
}

const fn proposal_state(state: ProposalState) -> v1::ProposalState {
    match state {
        ProposalState::Waiting => v1::ProposalState::Waiting,
        ProposalState::Approved => v1::ProposalState::Approved,
        ProposalState::Declined => v1::ProposalState::Declined,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn proposal_state_filter(state: v1::ProposalState) -> Option<ProposalState> {
    ProposalState::ALL
        .into_iter()
        .find(|known| proposal_state(*known) == state)
}

/// The kind that a filter names; `None` for "any".
pub(crate) fn proposal_kind_filter(word: &str) -> Result<Option<SubjectKind>, ()> {
    if word.is_empty() {
        return Ok(None);
    }
    let kind = SubjectKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word);
    kind.map(Some).ok_or(())
}

fn subject(biller: &BillerId, subject: &Subject) -> String {
    match subject {
        Subject::Refund { refund } => names::of_refund(biller, *refund),
        Subject::Resolution { payment, .. } => names::of_payment(biller, *payment),
        Subject::PayoutAccount { account } => names::of_payout_account(biller, *account),
        Subject::AcceptStatement { statement } => names::of_statement(biller, *statement),
        Subject::BreakResolution { id, .. } => names::of_break(biller, *id),
        Subject::RedriveRow { message, entry, .. } => {
            let row = BadRowKey {
                message: *message,
                entry: *entry,
            };
            names::of_bad_row(biller, row)
        }
        Subject::PeriodClose {
            first_day,
            last_day,
        }
        | Subject::PeriodReopen {
            first_day,
            last_day,
        } => Period::from_days(*first_day, *last_day).map_or_else(
            |_none| String::new(),
            |period| names::of_period(biller, period),
        ),
    }
}

/// What people hold to be true, where that is what they propose. The currency is the proposal's own.
fn resolution(proposal: &Proposal) -> Option<v1::Resolution> {
    use v1::resolution::Outcome;
    let Subject::Resolution { finding, .. } = &proposal.subject else {
        return None;
    };
    let currency = proposal.amount.map_or(Currency::Hkd, Money::currency);
    let outcome = match finding {
        Resolved::Came {
            rail_account,
            rail_reference,
            minor,
            instructed_at,
        } => Outcome::MoneyCame(v1::MoneyCame {
            rail_account: rail_account.clone(),
            rail_reference: rail_reference.clone(),
            amount: Some(amount(Money::new(*minor, currency))),
            instructed_time: Some(timestamp(*instructed_at)),
        }),
        Resolved::DidNotCome => Outcome::MoneyDidNotCome(v1::MoneyDidNotCome {}),
    };
    Some(v1::Resolution {
        outcome: Some(outcome),
    })
}

/// What is to be read in the place of a row: the second person agrees to these words.
fn correction(proposal: &Proposal) -> String {
    match &proposal.subject {
        Subject::RedriveRow { correction, .. } => correction.clone().unwrap_or_default(),
        Subject::Refund { .. }
        | Subject::Resolution { .. }
        | Subject::PayoutAccount { .. }
        | Subject::AcceptStatement { .. }
        | Subject::BreakResolution { .. }
        | Subject::PeriodClose { .. }
        | Subject::PeriodReopen { .. } => String::new(),
    }
}

pub(crate) fn proposal(proposal: &Proposal) -> v1::Proposal {
    let biller = &proposal.biller;
    v1::Proposal {
        name: names::of_proposal(biller, proposal.id),
        kind: proposal.subject.kind().as_str().to_owned(),
        subject: subject(biller, &proposal.subject),
        amount: proposal.amount.map(amount),
        reason: proposal.reason.clone(),
        maker: proposal.maker.clone(),
        create_time: Some(timestamp(proposal.made_at)),
        state: proposal_state(proposal.state).into(),
        checker: proposal.checker.clone().unwrap_or_default(),
        decide_time: proposal.decided_at.map(timestamp),
        decision: proposal.decision.clone().unwrap_or_default(),
        resolution: resolution(proposal),
        break_resolution: match &proposal.subject {
            Subject::BreakResolution { resolution, .. } => {
                serde_json::to_string(resolution).unwrap_or_default()
            }
            Subject::Refund { .. }
            | Subject::Resolution { .. }
            | Subject::PayoutAccount { .. }
            | Subject::AcceptStatement { .. }
            | Subject::PeriodClose { .. }
            | Subject::PeriodReopen { .. }
            | Subject::RedriveRow { .. } => String::new(),
        },
        correction: correction(proposal),
    }
}
