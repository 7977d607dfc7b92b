//! Pages for what went wrong. Each says what happened, whether money was taken, and what to do next.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::format;
use crate::gateway::Failure;
use crate::seal::SealError;
use crate::web::{Frame, Visit, page};

/// After how many seconds a browser may ask again.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("30");

/// A page that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No such page.
    NotFound,
    /// No such payment.
    PaymentNotFound,
    /// The sealed link is not ours, or too old.
    LinkOver,
    /// The service does not answer; nothing was started.
    Down,
    /// The service does not answer while a payment may be under way.
    StatusDown,
    /// The service did not say whether it started the payment. Holds the address that asks again, safely.
    Unsure { again: String },
    /// A credit is too new to have its proof.
    ProofSoon,
    /// Too many visitors.
    Busy,
    /// This visitor looked for too many bills, and may look again after so many seconds.
    Later { seconds: u64 },
    /// The gateway refused the payment.
    Refused,
    /// The way to pay was closed when the payment was to begin.
    MethodClosed,
    /// Another attempt to pay the bill must end first. Holds the path of its page.
    OtherAttempt {
        path: String,
        reference: String,
        /// It waits for its payer, so it can be closed.
        closable: bool,
    },
    /// The person is told of as many accounts as one may be.
    TooManyAccounts,
    /// A sign-in that was not begun in this browser, or too long ago.
    SignInOver,
    /// A form that was not asked for in this browser, or too long ago.
    FormOver,
    /// The person did not agree at iAM Smart.
    SignInRefused,
    /// iAM Smart does not do what it should.
    SignInDown,
    /// A form that nobody types.
    TooLarge,
    /// A page that is reached by another method.
    WrongMethod,
}

struct Words {
    status: StatusCode,
    title_key: &'static str,
    text_key: &'static str,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    page: Frame,
    text: String,
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "other.html")]
struct OtherPage {
    page: Frame,
    text: String,
    address: String,
    closable: bool,
}

impl Problem {
    /// The same for a page that shows a payment: there, money may be on its way.
    pub(crate) fn of_payment(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Self::PaymentNotFound,
            Failure::Busy => Self::Busy,
            Failure::Later { seconds } => Self::Later { seconds },
            Failure::Refused { .. } | Failure::Unreachable | Failure::Broken(_) => Self::StatusDown,
        }
    }

    /// The page.
    pub(crate) fn page(&self, visit: &Visit) -> Response {
        let words = self.words();
        if let Self::OtherAttempt {
            path,
            reference,
            closable,
        } = self
        {
            let text_key = if *closable {
                "problem-other-closable-text"
            } else {
                words.text_key
            };
            let template = OtherPage {
                page: visit.frame(visit.text.say(words.title_key)),
                text: visit.text.with(text_key, "reference", reference),
                address: visit.href(path),
                closable: *closable,
            };
            return page(words.status, &template);
        }
        let told = match self {
            Self::Later { seconds } => {
                let again = wait_from(Timestamp::now(), *seconds);
                visit
                    .text
                    .with(words.text_key, "time", format::clock(again))
            }
            _ => visit.text.say(words.text_key),
        };
        let template = ProblemPage {
            page: visit.frame(visit.text.say(words.title_key)),
            text: told,
            again: match self {
                Self::Unsure { again } => Some(again.clone()),
                Self::StatusDown | Self::ProofSoon => Some(visit.href(&visit.place)),
                _ => None,
            },
        };
        let mut response = page(words.status, &template);
        if words.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
        }
        if let Self::Later { seconds } = self {
            let seconds = HeaderValue::from(*seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response.into_response()
    }

    const fn words(&self) -> Words {
        let (status, title_key, text_key) = match self {
            Self::NotFound => (404, "problem-not-found-title", "problem-not-found-text"),
            Self::PaymentNotFound => (
                404,
                "problem-payment-not-found-title",
                "problem-payment-not-found-text",
            ),
            Self::LinkOver => (410, "problem-link-title", "problem-link-text"),
            Self::Down => (503, "problem-down-title", "problem-down-text"),
            Self::StatusDown => (503, "problem-status-down-title", "problem-status-down-text"),
            Self::Unsure { .. } => (503, "problem-unsure-title", "problem-unsure-text"),
            Self::ProofSoon => (503, "problem-proof-soon-title", "problem-proof-soon-text"),
            Self::Busy => (503, "problem-busy-title", "problem-busy-text"),
            Self::Later { .. } => (429, "problem-later-title", "problem-later-text"),
            Self::Refused => (409, "problem-refused-title", "problem-refused-text"),
            Self::MethodClosed => (
                409,
                "problem-method-closed-title",
                "problem-method-closed-text",
            ),
            Self::OtherAttempt { .. } => (409, "problem-other-title", "problem-other-text"),
            Self::TooManyAccounts => (409, "problem-accounts-title", "problem-accounts-text"),
            Self::FormOver => (410, "problem-form-over-title", "problem-form-over-text"),
            Self::SignInOver => (
                410,
                "problem-sign-in-over-title",
                "problem-sign-in-over-text",
            ),
            Self::SignInRefused => (
                403,
                "problem-sign-in-refused-title",
                "problem-sign-in-refused-text",
            ),
            Self::SignInDown => (
                503,
                "problem-sign-in-down-title",
                "problem-sign-in-down-text",
            ),
            Self::TooLarge => (413, "problem-too-large-title", "problem-too-large-text"),
            Self::WrongMethod => (405, "problem-method-title", "problem-method-text"),
        };
        let status = match StatusCode::from_u16(status) {
            Ok(status) => status,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Words {
            status,
            title_key,
            text_key,
        }
    }
}

/// The minute in which so many seconds have certainly passed: clocks show no seconds.
fn wait_from(now: Timestamp, seconds: u64) -> Timestamp {
    let wait = i64::try_from(seconds.saturating_add(59)).unwrap_or(i64::MAX);
    now.checked_add(SignedDuration::from_secs(wait))
        .unwrap_or(now)
}

/// For pages on which nothing has been started yet.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Self::NotFound,
            Failure::Refused { .. } => Self::Refused,
            Failure::Busy => Self::Busy,
            Failure::Later { seconds } => Self::Later { seconds },
            Failure::Unreachable | Failure::Broken(_) => Self::Down,
        }
    }
}

impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        tracing::error!(%error, "A link cannot be sealed");
        Self::Down
    }
}
