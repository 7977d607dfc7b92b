//! Every answer that is not a success, in one place: code, stable reason, words, details.
//!
//! Words say what happened, whether money moved, and what to do next. Programs read the `google.rpc` details:
//! `ErrorInfo` always (its reason never changes its meaning), and one of `BadRequest`, `PreconditionFailure`,
//! `ResourceInfo`, `RetryInfo` where it fits. Causes inside the house are logged, never told.

mod contact;
mod engine;

pub(crate) use contact::{contacts, person_file};
pub(crate) use engine::{About, engine};

use std::collections::HashMap;
use std::time::Duration;

use epay_proto::shape::{self, Violation};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::auth::{Method, Role};

/// The `domain` of every `ErrorInfo`.
pub(crate) const DOMAIN: &str = "epay";

/// What a caller that was turned away for load should wait.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A status with `ErrorInfo` and whatever else `extend` adds.
fn status(
    code: Code,
    reason: &str,
    message: &str,
    metadata: HashMap<String, String>,
    extend: impl FnOnce(&mut ErrorDetails),
) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    extend(&mut details);
    Status::with_error_details(code, message, details)
}

/// No caller, or one that cannot be believed.
pub(crate) fn unauthenticated(reason: &str, message: &str) -> Status {
    status(
        Code::Unauthenticated,
        reason,
        message,
        HashMap::new(),
        |_| {},
    )
}

/// The caller's role may not call this at all.
pub(crate) fn role_denied(method: Method, role: Role) -> Status {
    let metadata = HashMap::from([
        ("method".to_owned(), method.full_name().to_owned()),
        ("role".to_owned(), role.as_str().to_owned()),
    ]);
    let message = format!(
        "The role {} may not call {}. Nothing was done.",
        role.as_str(),
        method.full_name()
    );
    status(
        Code::PermissionDenied,
        "ROLE_DENIED",
        &message,
        metadata,
        |_| {},
    )
}

/// The thing belongs to another department. Said whether or not it exists.
pub(crate) fn biller_denied(method: Method) -> Status {
    let metadata = HashMap::from([("method".to_owned(), method.full_name().to_owned())]);
    let message = "This belongs to another department, or to all of them. Nothing was done.";
    status(
        Code::PermissionDenied,
        "BILLER_DENIED",
        message,
        metadata,
        |_| {},
    )
}

/// The shape of the request is wrong.
pub(crate) fn invalid(violations: Vec<Violation>) -> Status {
    let fields = violations
        .into_iter()
        .map(|violation| {
            field(
                &violation.field,
                violation.reason.code(),
                &violation.description,
            )
        })
        .collect();
    invalid_fields(fields)
}

/// One field has a value that cannot be meant.
pub(crate) fn invalid_field(name: &str, reason: &str, description: &str) -> Status {
    invalid_fields(vec![field(name, reason, description)])
}

fn field(name: &str, reason: &str, description: &str) -> FieldViolation {
    let mut violation = FieldViolation::new(name, description);
    reason.clone_into(&mut violation.reason);
    violation
}

fn invalid_fields(fields: Vec<FieldViolation>) -> Status {
    let first = fields.first().map_or_else(String::new, |field| {
        format!("{}: {}. ", field.field, field.description)
    });
    let message = format!("{first}Nothing was done; correct the request.");
    status(
        Code::InvalidArgument,
        "INVALID_REQUEST",
        &message,
        HashMap::new(),
        |details| {
            details.set_bad_request(fields);
        },
    )
}

/// No such thing, for this caller.
pub(crate) fn not_found(kind: &str, name: &str) -> Status {
    let message = format!("There is no such {kind}. Check the name or number.");
    status(
        Code::NotFound,
        "NOT_FOUND",
        &message,
        HashMap::new(),
        |details| {
            details.set_resource_info(format!("epay.v1/{kind}"), name, "", "");
        },
    )
}

/// The state of things does not allow it.
pub(crate) fn refused(
    reason: &str,
    subject: &str,
    words: &str,
    metadata: HashMap<String, String>,
) -> Status {
    let message = format!("{}. No money has moved.", sentence(words));
    status(
        Code::FailedPrecondition,
        reason,
        &message,
        metadata,
        |details| {
            details.add_precondition_failure_violation(reason, subject, words);
        },
    )
}

/// The idempotency key was used for another request.
pub(crate) fn key_reused() -> Status {
    let words = "This idempotency key was used before with another request. Nothing was done; use a new key for a new \
        intention.";
    status(
        Code::AlreadyExists,
        "IDEMPOTENCY_KEY_REUSED",
        words,
        HashMap::new(),
        |_| {},
    )
}

/// Too much to do; certainly not begun.
pub(crate) fn overloaded(retry_after: Duration) -> Status {
    let words = "The gateway is busy. Nothing was done; try again shortly with the same key.";
    status(
        Code::ResourceExhausted,
        "OVERLOADED",
        words,
        HashMap::new(),
        |details| {
            details.set_retry_info(Some(retry_after));
        },
    )
}

/// A visitor looked for too many bills.
pub(crate) fn lookups_too_many(wait: Duration) -> Status {
    let words = format!(
        "Too many bills were looked for. Nothing was looked up; try again in {} seconds.",
        wait.as_secs()
    );
    status(
        Code::ResourceExhausted,
        "LOOKUPS_TOO_MANY",
        &words,
        HashMap::new(),
        |details| {
            details.set_retry_info(Some(wait));
        },
    )
}

/// Something that the gateway needs does not answer.
pub(crate) fn unavailable(words: &str) -> Status {
    status(
        Code::Unavailable,
        "UNAVAILABLE",
        words,
        HashMap::new(),
        |details| {
            details.set_retry_info(Some(RETRY_AFTER));
        },
    )
}

/// The caller's deadline passed first.
pub(crate) fn deadline() -> Status {
    let words = "The deadline passed. It is not known whether the request was carried out; send it again with the same \
        key to learn what became of it.";
    status(
        Code::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        words,
        HashMap::new(),
        |_| {},
    )
}

/// A fault of ours. The cause is in the log, under the request's id.
pub(crate) fn internal() -> Status {
    let words = "The gateway made a mistake, which has been recorded. Send the request again with the same key; if it \
        stays, ask for help with the request id.";
    status(Code::Internal, "INTERNAL", words, HashMap::new(), |_| {})
}

/// Judges the shape of a request.
///
/// # Errors
/// `INVALID_ARGUMENT` with every violation.
pub(crate) fn check_shape<R>(request: &R) -> Result<(), Status>
where
    R: garde::Validate,
    R::Context: Default,
{
    let violations = shape::violations(request);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(invalid(violations))
    }
}

/// The words with a capital first letter and without a last full stop.
fn sentence(words: &str) -> String {
    let mut characters = words.trim_end_matches('.').chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_carries_a_stable_reason_and_words_about_what_was_done() {
        let table = [
            (
                unauthenticated("TOKEN_MISSING", "Send a token."),
                Code::Unauthenticated,
                "TOKEN_MISSING",
            ),
            (
                role_denied(Method::GetBill, Role::CitizenPortal),
                Code::PermissionDenied,
                "ROLE_DENIED",
            ),
            (
                biller_denied(Method::GetBill),
                Code::PermissionDenied,
                "BILLER_DENIED",
            ),
            (
                invalid_field("name", "FIELD_MALFORMED", "bad"),
                Code::InvalidArgument,
                "INVALID_REQUEST",
            ),
            (
                not_found("Bill", "billers/rvd/bills/x"),
                Code::NotFound,
                "NOT_FOUND",
            ),
            (
                refused("BILL_PAID", "b", "it was paid", HashMap::new()),
                Code::FailedPrecondition,
                "BILL_PAID",
            ),
            (key_reused(), Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED"),
            (
                overloaded(RETRY_AFTER),
                Code::ResourceExhausted,
                "OVERLOADED",
            ),
            (
                lookups_too_many(RETRY_AFTER),
                Code::ResourceExhausted,
                "LOOKUPS_TOO_MANY",
            ),
            (unavailable("Down."), Code::Unavailable, "UNAVAILABLE"),
            (deadline(), Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            (internal(), Code::Internal, "INTERNAL"),
        ];
        for (status, code, reason) in table {
            assert_eq!(status.code(), code);
            let info = status.get_details_error_info().unwrap();
            assert_eq!(
                (info.reason.as_str(), info.domain.as_str()),
                (reason, DOMAIN)
            );
            assert!(!status.message().is_empty(), "{reason}");
        }
    }

    #[test]
    fn a_refusal_says_that_no_money_moved() {
        let status = refused("BILL_PAID", "b", "this bill has been paid", HashMap::new());
        assert_eq!(
            status.message(),
            "This bill has been paid. No money has moved."
        );
    }

    #[test]
    fn field_violations_carry_their_own_reasons() {
        let request = epay_proto::v1::CreatePaymentRequest::default();
        let status = check_shape(&request).unwrap_err();
        let fields = status.get_details_bad_request().unwrap().field_violations;
        let reasons: Vec<_> = fields
            .iter()
            .map(|f| (f.field.as_str(), f.reason.as_str()))
            .collect();
        assert_eq!(
            reasons,
            [
                ("bill", "FIELD_REQUIRED"),
                ("idempotency_key", "FIELD_REQUIRED")
            ]
        );
    }
}
