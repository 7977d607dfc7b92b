//! Problem documents of RFC 9457, saying whether money moved.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::warn;

use crate::bank::BankError;
use crate::bank::desk::MoneyMoved;
use crate::books::BooksError;
use crate::channel::sender::chain;
use crate::frame::ClockError;

/// A refusal or failure, as `application/problem+json`.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    /// A stable word for programs.
    code: &'static str,
    money_moved: MoneyMoved,
}

impl Problem {
    pub(crate) fn new(
        status: u16,
        code: &'static str,
        detail: String,
        money_moved: MoneyMoved,
    ) -> Self {
        let title = match money_moved {
            MoneyMoved::No => "Not done; no money moved",
            MoneyMoved::Before => "Already done; no more money moved",
            MoneyMoved::Unknown => {
                "The outcome is not known; look in the books before trying again"
            }
        };
        Self {
            kind: format!("urn:epay-sandbox:problem:{code}"),
            title,
            status,
            detail: sentence(&detail),
            code,
            money_moved,
        }
    }

    pub(crate) fn bad_request(code: &'static str, detail: &str) -> Self {
        Self::new(400, code, detail.to_owned(), MoneyMoved::No)
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(404, "not-found", detail.to_owned(), MoneyMoved::No)
    }

    /// A form that cannot be used as it was filled in.
    pub(crate) fn bad_form(status: u16, detail: String) -> Self {
        Self::new(status, "form", detail, MoneyMoved::No)
    }

    /// One sentence for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What the title says about money.
    pub(crate) fn title(&self) -> &'static str {
        self.title
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Errors are written to follow others; a detail stands alone, so it starts with a capital.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

impl From<BankError> for Problem {
    fn from(error: BankError) -> Self {
        let (status, code) = error.status_and_code();
        let internal = status == 503;
        if internal {
            warn!(error = %chain(&error), "The books did not do as asked");
        }
        // What went wrong in the database is for the log, not for a caller.
        let detail = if internal {
            error.to_string()
        } else {
            chain(&error)
        };
        Self::new(status, code, detail, error.money_moved())
    }
}

impl From<ClockError> for Problem {
    fn from(error: ClockError) -> Self {
        let (status, code) = match error {
            ClockError::Books(error) => return error.into(),
            ClockError::Backwards { .. } => (422, "clock-backwards"),
            ClockError::TooFar => (422, "clock-too-far"),
            ClockError::Stopping => (503, "stopping"),
        };
        Self::new(status, code, chain(&error), MoneyMoved::No)
    }
}

impl From<BooksError> for Problem {
    fn from(error: BooksError) -> Self {
        BankError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, "application/problem+json")];
        (
            self.status(),
            headers,
            Json(self).into_response().into_body(),
        )
            .into_response()
    }
}

/// A JSON body whose refusal is a problem document.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(
            rejection.status().as_u16(),
            "body",
            rejection.body_text(),
            MoneyMoved::No,
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            rejection.status().as_u16(),
            "query",
            rejection.body_text(),
            MoneyMoved::No,
        )
    }
}
