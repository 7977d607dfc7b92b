//! The OpenAPI document, and a page that a person can read without any tool.
//!
//! The document is the generated one, with the doors that no `.proto` file describes laid over it. The page is made
//! from the document when the gateway starts: one table of operations, one of reasons.

use std::fmt::Write as _;

use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Map, Value};

/// Paths that are not generated: rail notices and health.
const DOORS_JSON: &str = include_str!("doors.openapi.json");

/// What is always the head of the page.
const PAGE_HEAD: &str = include_str!("docs.head.html");

/// Stable reasons and their meaning, as the page lists them. Refusals of the domain explain themselves in `detail`.
const REASONS: &[(&str, &str)] = &[
    (
        "INVALID_REQUEST",
        "Fields are missing or wrong: see errors.",
    ),
    ("MALFORMED_REQUEST", "The body or the query cannot be read."),
    ("TOKEN_MISSING", "Send a bearer token."),
    (
        "TOKEN_MALFORMED",
        "The bearer token is not a signed JWT with a key id.",
    ),
    (
        "TOKEN_KEY_UNKNOWN",
        "The token was signed by a key that the gateway does not know.",
    ),
    (
        "TOKEN_ALGORITHM",
        "The token's algorithm is not that of its key.",
    ),
    (
        "TOKEN_REFUSED",
        "Signature, expiry, issuer or audience of the token is wrong.",
    ),
    (
        "TOKEN_CLAIMS",
        "The token lacks a known role, or a department's token its biller.",
    ),
    ("ROLE_DENIED", "The caller's role may not do this."),
    ("BILLER_DENIED", "This belongs to another department."),
    ("NOT_FOUND", "There is no such thing."),
    ("NO_ROUTE", "There is no such path."),
    (
        "IDEMPOTENCY_KEY_REUSED",
        "The key was used before with another request.",
    ),
    (
        "PAGE_TOKEN_INVALID",
        "The page token is not one that this list gave.",
    ),
    (
        "BILL_PAID",
        "The bill has been paid and must not be paid again.",
    ),
    ("BILL_WITHDRAWN", "The department withdrew the bill."),
    (
        "AMOUNT_TOO_HIGH",
        "More than is outstanding; metadata says how much is.",
    ),
    ("PART_PAYMENT_NOT_ALLOWED", "The bill must be paid whole."),
    (
        "METHOD_NOT_OFFERED",
        "The kind of bill cannot be paid by this rail.",
    ),
    (
        "NOT_CANCELLABLE",
        "The payment is past the point where it can be given up.",
    ),
    (
        "OUTCOME_UNCONFIRMED",
        "Whether it was carried out is not known: send it again with the same key.",
    ),
    (
        "NOTICE_SIGNATURE",
        "The notice is not signed as the channel asks; metadata says why.",
    ),
    (
        "NOTICE_ID_REUSED",
        "The message id was used before with another body.",
    ),
    ("BODY_TOO_LARGE", "The body has more bytes than are read."),
    (
        "UNSUPPORTED_MEDIA_TYPE",
        "The body is of a type that is not read here.",
    ),
    (
        "LOOKUPS_TOO_MANY",
        "Too many bills were looked for: try again after Retry-After.",
    ),
    ("OVERLOADED", "Too busy: try again after Retry-After."),
    (
        "UNAVAILABLE",
        "Something that the gateway needs does not answer.",
    ),
    (
        "DEADLINE_EXCEEDED",
        "The deadline passed; send again with the same key to learn what became of it.",
    ),
    (
        "INTERNAL",
        "A fault of the gateway, recorded under the request id.",
    ),
];

/// Both documents, ready to send.
#[derive(Debug, Clone)]
pub(crate) struct Docs {
    openapi: Bytes,
    page: Bytes,
}

impl Docs {
    /// Puts the generated document and the doors together.
    ///
    /// # Errors
    /// When one of the two is not JSON; a fault of the build, which a test notices.
    pub(crate) fn build() -> Result<Self, serde_json::Error> {
        let mut document: Value = serde_json::from_str(epay_proto::OPENAPI_JSON)?;
        let doors: Map<String, Value> = serde_json::from_str(DOORS_JSON)?;
        if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
            paths.extend(doors);
        }
        Ok(Self {
            openapi: serde_json::to_vec_pretty(&document)?.into(),
            page: page(&document).into(),
        })
    }

    /// `GET /openapi.json`.
    pub(crate) fn openapi(&self) -> Response {
        let headers = [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "public, max-age=300"),
        ];
        (headers, self.openapi.clone()).into_response()
    }

    /// `GET /docs`.
    pub(crate) fn page(&self) -> Response {
        let headers = [
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'",
            ),
            (CACHE_CONTROL, "public, max-age=300"),
        ];
        (headers, Html(self.page.clone())).into_response()
    }
}

fn page(document: &Value) -> String {
    let mut page = String::from(PAGE_HEAD);
    page.push_str("<h2>Operations</h2><table><tr><th>Method</th><th>Path</th><th>Does</th></tr>");
    let paths = document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (path, item) in paths {
        for (verb, operation) in item.as_object().into_iter().flatten() {
            let words = operation
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            row(&mut page, &[&verb.to_uppercase(), path, words]);
        }
    }
    page.push_str("</table><h2>Reasons</h2><table><tr><th>Reason</th><th>Meaning</th></tr>");
    for (reason, meaning) in REASONS {
        // Writing to a String cannot fail.
        let _infallible = write!(
            page,
            "<tr id=\"{reason}\"><td><code>{reason}</code></td><td>{meaning}</td></tr>"
        );
    }
    page.push_str("</table></main></body></html>\n");
    page
}

fn row(page: &mut String, [verb, path, words]: &[&str; 3]) {
    let _infallible = write!(
        page,
        "<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>",
        escape(verb),
        escape(path),
        escape(words)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_name_every_door_and_every_operation() {
        let docs = Docs::build().unwrap();
        let openapi: Value = serde_json::from_slice(&docs.openapi).unwrap();
        let page = String::from_utf8(docs.page.to_vec()).unwrap();
        for path in [
            "/rails/{rail}/notices",
            "/healthz",
            "/readyz",
            "/v1/billers/{biller}/bills/{bill}/payments",
            "/v1/billers/{biller}/payments/{payment}:watch",
        ] {
            assert!(openapi["paths"].get(path).is_some(), "{path}");
            assert!(page.contains(path), "{path}");
        }
        assert!(page.contains("id=\"BILL_PAID\""));
    }
}
