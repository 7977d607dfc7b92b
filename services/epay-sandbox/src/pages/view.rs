//! Templates, the error page, and what all pages share.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use tracing::error;

use crate::api::Problem;
use crate::channel::sender::chain;
use crate::frame::Door;
use crate::money::format_cents;

/// Cents for people: `HKD 3,720.50`.
pub(crate) fn money(currency: &str, cents: i64) -> String {
    let text = format_cents(cents);
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let (dollars, rest) = text.split_once('.').unwrap_or((text, "00"));
    let mut grouped = String::new();
    for (place, digit) in dollars.chars().enumerate() {
        if place > 0 && dollars.len().saturating_sub(place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{currency} {sign}{grouped}.{rest}")
}

/// Renders a template; a failure is a bug and is said without details.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(cause) => {
            error!(error = %chain(&cause), "A page could not be rendered");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The page could not be shown.\n",
            )
                .into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "menu.html")]
struct Menu<'a> {
    doors: &'a [Door],
}

pub(super) fn menu(doors: &[Door]) -> Response {
    page(StatusCode::OK, &Menu { doors })
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    detail: &'a str,
}

/// A refusal as a page: what happened, and whether money moved.
#[derive(Debug)]
pub(crate) struct Refused(Problem);

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let template = ProblemPage {
            title: self.0.title(),
            detail: self.0.detail(),
        };
        page(self.0.status(), &template)
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn amounts_are_grouped_for_people() {
        let rows = [
            (5, "HKD 0.05"),
            (99_999, "HKD 999.99"),
            (100_000, "HKD 1,000.00"),
            (-123_456_789, "HKD -1,234,567.89"),
        ];
        for (cents, expected) in rows {
            assert_eq!(money("HKD", cents), expected);
        }
    }
}
