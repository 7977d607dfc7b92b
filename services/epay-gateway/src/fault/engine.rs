//! What the engine and the store answer, said to callers.

use std::collections::HashMap;

use epay_domain::Refusal;
use epay_domain::payment::PaymentState;
use epay_engine::EngineError;
use epay_money::Money;
use tonic::{Code, Status};

use super::{invalid_field, refused, status};

/// What a request was about, so that an answer can name it.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The kind of resource: `Bill`, `Payment`, `Journal`.
    pub(crate) kind: &'static str,
    /// Its name, or what was looked for. Never a bill's number.
    pub(crate) name: String,
    /// Whether the request changes something: then an unconfirmed outcome must be asked for again.
    pub(crate) writes: bool,
    /// Name of the payment that must end before the request can be carried out.
    in_the_way: Option<String>,
}

impl About {
    pub(crate) fn read(kind: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            writes: false,
            in_the_way: None,
        }
    }

    pub(crate) fn write(kind: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            writes: true,
            in_the_way: None,
        }
    }

    /// The same, knowing which payment stands in the way.
    pub(crate) fn standing_in_the_way(mut self, payment: Option<String>) -> Self {
        self.in_the_way = payment;
        self
    }
}

/// The status of an engine's error.
pub(crate) fn engine(error: EngineError, about: &About) -> Status {
    match error {
        EngineError::Refused(refusal) => refusal_status(&refusal, about),
        EngineError::NotFound { .. } => super::not_found(about.kind, &about.name),
        EngineError::KeyReused | EngineError::MessageIdReused => super::key_reused(),
        EngineError::Overloaded { retry_after } => super::overloaded(retry_after),
        EngineError::Unavailable if about.writes => unconfirmed(),
        EngineError::Unavailable => {
            super::unavailable("The books do not answer. Nothing was done; try again shortly.")
        }
        EngineError::Stopping => {
            super::unavailable("The gateway is stopping. Nothing was done; try again shortly.")
        }
        EngineError::Broken(cause) => {
            tracing::error!(
                cause,
                "The engine reported a fault; the caller was told INTERNAL"
            );
            super::internal()
        }
    }
}

fn unconfirmed() -> Status {
    let words = "The outcome could not be confirmed. Send the same request again with the same idempotency key: what was \
        recorded comes back, and nothing is done twice.";
    status(
        Code::Unavailable,
        "OUTCOME_UNCONFIRMED",
        words,
        HashMap::new(),
        |details| {
            details.set_retry_info(Some(super::RETRY_AFTER));
        },
    )
}

/// Refusals of what was typed are field violations; refusals of the state of things are failed preconditions.
fn refusal_status(refusal: &Refusal, about: &About) -> Status {
    if let Some(field) = field_of(refusal, about) {
        return invalid_field(field, refusal.code(), &words(refusal));
    }
    let facts = match refusal {
        Refusal::AmountTooHigh { max } => amount("max", *max),
        Refusal::PartNotAllowed { due } => amount("due", *due),
        Refusal::AboveLimit { most } => amount("most", *most),
        Refusal::NotRefundable { left } => amount("left", *left),
        Refusal::PartOfSeveral { due } => amount("due", *due),
        Refusal::BadInstrument { code, .. } => HashMap::from([("code".to_owned(), code.clone())]),
        Refusal::PaymentOpen {
            reference,
            state,
            can_be_cancelled,
        } => other_payment(reference, *state, *can_be_cancelled, about),
        Refusal::BillPaid { paid_at } => {
            HashMap::from([("paid_time".to_owned(), paid_at.to_string())])
        }
        Refusal::OutsideWindow { opens, closes } => HashMap::from([
            ("opens".to_owned(), opens.to_string()),
            ("closes".to_owned(), closes.to_string()),
        ]),
        Refusal::RailRefused { reason } => {
            HashMap::from([("rail_reason".to_owned(), reason.clone())])
        }
        _ => HashMap::new(),
    };
    refused(refusal.code(), &about.name, &words(refusal), facts)
}

/// The field that a refusal is about, where it is one of the request's own.
fn field_of(refusal: &Refusal, about: &About) -> Option<&'static str> {
    let bill = about.kind == "Bill" && about.writes;
    match refusal {
        Refusal::Number(_) => Some(if bill { "bill.number" } else { "number" }),
        Refusal::AmountNotPositive | Refusal::WrongCurrency => {
            Some(if bill { "bill.amount" } else { "amount" })
        }
        Refusal::LinesDoNotAddUp | Refusal::LineCode | Refusal::LineUnknown { .. } => {
            Some("bill.revenue_lines")
        }
        Refusal::Parts { .. } => Some("bill.parts"),
        Refusal::Instalments { .. } => Some("bill.instalments"),
        Refusal::DueDateAgainstRule { .. } => Some("bill.due_date"),
        Refusal::SecondFactor { .. } => Some("second_factor"),
        Refusal::NoLicence => Some("bill.vehicle_licence"),
        Refusal::BadMark => Some("bill.vehicle_licence.registration_mark"),
        Refusal::DescriptionTooLong { .. } => Some("bill.description"),
        Refusal::MethodNotOffered => Some("rail"),
        Refusal::BillCount { .. } | Refusal::BillsDiffer => Some("additional_bills"),
        Refusal::WrongHandover { .. } => Some("content"),
        Refusal::BillPaid { .. }
        | Refusal::BillWithdrawn
        | Refusal::OutsideWindow { .. }
        | Refusal::BadInstrument { .. }
        | Refusal::PaymentOpen { .. }
        | Refusal::NothingToHandOver
        | Refusal::NotCapturable
        | Refusal::PartOfSeveral { .. }
        | Refusal::BillHasReceipts
        | Refusal::BillUnderWay
        | Refusal::OtherDemand
        | Refusal::RevisionNotNewer { .. }
        | Refusal::AmountTooHigh { .. }
        | Refusal::PartNotAllowed { .. }
        | Refusal::RailRefused { .. }
        | Refusal::NotCancellable
        | Refusal::OwnProposal
        | Refusal::MayNotDecide
        | Refusal::AboveLimit { .. }
        | Refusal::AlreadyDecided
        | Refusal::NotRefundable { .. }
        | Refusal::TakenBackByBank
        | Refusal::ConsentNeeded
        | Refusal::RefundNotQueued
        | Refusal::AccountNotVerified
        | Refusal::RecallNotWaiting
        | Refusal::NothingToRecall
        | Refusal::NotUnclear
        | Refusal::RowNotWaiting
        | Refusal::StatementNotSetApart => None,
        Refusal::BreakResolved | Refusal::BreakNotReopenable => None,
        Refusal::DayNotOver { .. }
        | Refusal::DayNotReported { .. }
        | Refusal::DayOutOfOrder { .. }
        | Refusal::HolidaysNotKnown { .. }
        | Refusal::PeriodNotOver { .. }
        | Refusal::PeriodClosed
        | Refusal::PeriodNotClosed => None,
        Refusal::NoBusinessDay => Some("name"),
        Refusal::TooManyEndpoints { .. }
        | Refusal::TooManyKeys { .. }
        | Refusal::EndpointDisabled
        | Refusal::EventsRemoved
        | Refusal::NoFactorKey => None,
        Refusal::CursorAhead => Some("cursor"),
        Refusal::ReplayTooOld { .. } => Some("start_time"),
        Refusal::ResolutionDoesNotFit { .. } => Some("resolution"),
        Refusal::CorrectionNotPossible => Some("correction"),
        Refusal::BadAccount { field } => Some(field),
    }
}

/// The payment that must end first: its name where it is known, and whether the payer can end it.
fn other_payment(
    reference: &str,
    state: PaymentState,
    closable: bool,
    about: &About,
) -> HashMap<String, String> {
    let name = about.in_the_way.clone();
    HashMap::from([
        ("reference".to_owned(), reference.to_owned()),
        ("state".to_owned(), state.as_str().to_owned()),
        ("can_be_cancelled".to_owned(), closable.to_string()),
        ("payment".to_owned(), name.unwrap_or_default()),
    ])
}

/// A refusal with its cause: the cause says what is wrong with a number.
fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Number(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

fn amount(name: &str, money: Money) -> HashMap<String, String> {
    HashMap::from([
        (format!("{name}_minor_units"), money.minor().to_string()),
        (
            "currency_code".to_owned(),
            money.currency().code().to_owned(),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use epay_domain::NumberError;
    use tonic_types::StatusExt as _;

    use super::*;

    #[test]
    fn what_was_typed_is_a_field_violation_and_what_stands_is_a_failed_precondition() {
        let lookup = About::read("Bill", "rvd-rates");
        let create = About::write("Bill", "billers/rvd");
        let pay = About::write("Payment", "billers/rvd/bills/x");
        let table = [
            (
                Refusal::Number(NumberError::CheckDigit),
                &lookup,
                Some("number"),
                "NUMBER_CHECK_DIGIT",
            ),
            (
                Refusal::Number(NumberError::Empty),
                &create,
                Some("bill.number"),
                "NUMBER_EMPTY",
            ),
            (
                Refusal::AmountNotPositive,
                &pay,
                Some("amount"),
                "AMOUNT_NOT_POSITIVE",
            ),
            (
                Refusal::MethodNotOffered,
                &pay,
                Some("rail"),
                "METHOD_NOT_OFFERED",
            ),
            (Refusal::BillWithdrawn, &pay, None, "BILL_WITHDRAWN"),
            (Refusal::NoFactorKey, &create, None, "SECOND_FACTOR_NO_KEY"),
            (
                Refusal::AmountTooHigh {
                    max: Money::hkd(100),
                },
                &pay,
                None,
                "AMOUNT_TOO_HIGH",
            ),
        ];
        for (refusal, about, field, reason) in table {
            let status = engine(EngineError::Refused(refusal), about);
            let found = status
                .get_details_bad_request()
                .and_then(|bad| bad.field_violations.into_iter().next());
            match field {
                Some(field) => {
                    let found = found.unwrap();
                    assert_eq!(
                        (found.field.as_str(), found.reason.as_str()),
                        (field, reason)
                    );
                    assert_eq!(status.code(), Code::InvalidArgument);
                }
                None => {
                    assert_eq!(status.code(), Code::FailedPrecondition);
                    assert_eq!(status.get_details_error_info().unwrap().reason, reason);
                }
            }
        }
    }

    #[test]
    fn an_unconfirmed_write_says_to_ask_again_and_a_read_that_nothing_was_done() {
        let write = engine(EngineError::Unavailable, &About::write("Payment", "x"));
        assert_eq!(
            write.get_details_error_info().unwrap().reason,
            "OUTCOME_UNCONFIRMED"
        );
        let read = engine(EngineError::Unavailable, &About::read("Payment", "x"));
        assert_eq!(read.get_details_error_info().unwrap().reason, "UNAVAILABLE");
    }
}
