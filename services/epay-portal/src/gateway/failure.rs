//! What can go wrong at the gateway, sorted by what a page should say.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::view::Unreadable;

/// A call that gave no answer to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no such thing.
    #[error("the gateway knows no such thing")]
    NotFound,
    /// The request was understood and refused; nothing happened. Holds the stable reason codes, and the facts that
    /// came with them.
    #[error("the gateway refused: {codes:?}")]
    Refused {
        codes: Vec<String>,
        facts: HashMap<String, String>,
    },
    /// This visitor looked for too many bills; nothing happened. The next look is possible after so many seconds.
    #[error("the visitor must wait {seconds} s")]
    Later { seconds: u64 },
    /// The gateway has too much to do; nothing happened.
    #[error("the gateway is busy")]
    Busy,
    /// No answer came. The request may or may not have been carried out.
    #[error("the gateway gives no answer")]
    Unreachable,
    /// The gateway or our own set-up is at fault.
    #[error("the gateway cannot serve this portal: {0}")]
    Broken(String),
}

impl Failure {
    /// Whether the gateway gave this reason.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        matches!(self, Self::Refused { codes, .. } if codes.iter().any(|given| given == code))
    }

    /// A fact that came with a refusal.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        match self {
            Self::Refused { facts, .. } => facts.get(name).map(String::as_str),
            _ => None,
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::NotFound => Self::NotFound,
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::OutOfRange
            | Code::Aborted => Self::Refused {
                codes: reason_codes(&status),
                facts: facts(&status),
            },
            Code::ResourceExhausted => wait(&status).unwrap_or(Self::Busy),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => {
                tracing::warn!(code = ?status.code(), "The gateway gave no answer");
                Self::Unreachable
            }
            code @ (Code::Ok
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::Unimplemented
            | Code::Internal
            | Code::DataLoss) => {
                tracing::error!(?code, "The gateway does not serve this portal");
                Self::Broken(format!("{code:?}"))
            }
        }
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        tracing::error!(
            field = unreadable.field,
            "An answer of the gateway cannot be read"
        );
        Self::Broken(unreadable.to_string())
    }
}

/// How long a visitor must wait who looked for too many bills.
fn wait(status: &Status) -> Option<Failure> {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    let wait = details.retry_info().and_then(|info| info.retry_delay)?;
    (reason == Some("LOOKUPS_TOO_MANY")).then(|| Failure::Later {
        seconds: wait.as_secs().max(1),
    })
}

/// The stable codes of `google.rpc.ErrorInfo` and of each violated field.
fn reason_codes(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let whole = details.error_info().map(|info| info.reason.clone());
    let fields = details.bad_request().into_iter().flat_map(|request| {
        request
            .field_violations
            .iter()
            .map(|field| field.reason.clone())
    });
    whole
        .into_iter()
        .chain(fields)
        .filter(|code| !code.is_empty())
        .collect()
}

fn facts(status: &Status) -> HashMap<String, String> {
    status
        .get_details_error_info()
        .map(|info| info.metadata)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn a_refusal_keeps_the_codes_of_the_whole_and_of_each_field() {
        let max = ("max_minor_units".to_owned(), "500".to_owned());
        let mut details = ErrorDetails::with_error_info("AMOUNT_TOO_HIGH", "epay", [max]);
        details.add_bad_request_violation("amount", "must be 5.00 or less");
        let status = Status::with_error_details(Code::FailedPrecondition, "no", details);
        let failure = Failure::from(status);
        assert!(failure.has_code("AMOUNT_TOO_HIGH"));
        assert!(!failure.has_code("BILL_PAID"));
        assert_eq!(failure.fact("max_minor_units"), Some("500"));
        assert_eq!(failure.fact("other"), None);
    }

    #[test]
    fn a_visitor_who_must_wait_is_told_apart_from_a_busy_gateway() {
        let of = |reason: &str| {
            let mut details = ErrorDetails::with_error_info(reason, "epay", []);
            details.set_retry_info(Some(std::time::Duration::from_millis(42_500)));
            Failure::from(Status::with_error_details(
                Code::ResourceExhausted,
                "no",
                details,
            ))
        };
        assert!(matches!(
            of("LOOKUPS_TOO_MANY"),
            Failure::Later { seconds: 42 }
        ));
        assert!(matches!(of("OVERLOADED"), Failure::Busy));
    }

    #[test]
    fn silence_is_told_apart_from_refusal_and_from_defect() {
        type Judge = fn(&Failure) -> bool;
        let cases: &[(Code, Judge)] = &[
            (Code::NotFound, |f| matches!(f, Failure::NotFound)),
            (Code::InvalidArgument, |f| {
                matches!(f, Failure::Refused { .. })
            }),
            (Code::ResourceExhausted, |f| matches!(f, Failure::Busy)),
            (Code::Unavailable, |f| matches!(f, Failure::Unreachable)),
            (Code::DeadlineExceeded, |f| {
                matches!(f, Failure::Unreachable)
            }),
            (Code::Unauthenticated, |f| matches!(f, Failure::Broken(_))),
            (Code::Internal, |f| matches!(f, Failure::Broken(_))),
        ];
        for (code, expected) in cases {
            let failure = Failure::from(Status::new(*code, "text of the gateway"));
            assert!(expected(&failure), "{code:?} became {failure:?}");
        }
    }
}
