//! The one layer that authenticates, in front of gRPC and REST alike.
//!
//! It reads the bearer token, takes the header away so that nothing behind can log it, and carries the caller on in
//! two ways: as a request extension, and as a task-local value for the REST bridge, which drops extensions.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tonic::Status;

use super::Principal;
use super::current::CALLER;
use super::token::{TokenError, Verifier};
use crate::admission::read_away;
use crate::{fault, surface};

/// Lets a request through with its caller, or answers `UNAUTHENTICATED`.
pub(crate) async fn authenticate(
    State(verifier): State<Arc<Verifier>>,
    mut request: Request,
    next: Next,
) -> Response {
    match principal(&verifier, request.headers()).await {
        Ok(principal) => {
            request.headers_mut().remove(AUTHORIZATION);
            request.extensions_mut().insert(principal.clone());
            CALLER.scope(principal, next.run(request)).await
        }
        Err(status) => {
            let (head, body) = request.into_parts();
            read_away(body);
            surface::answer(&head.headers, status)
        }
    }
}

async fn principal(verifier: &Verifier, headers: &HeaderMap) -> Result<Principal, Status> {
    let Some(token) = bearer(headers) else {
        return Err(fault::unauthenticated(
            "TOKEN_MISSING",
            "Send a bearer token with the request.",
        ));
    };
    verifier
        .principal(token)
        .await
        .map_err(|error| match &error {
            TokenError::Keys(cause) => {
                tracing::error!(
                    error = cause as &dyn std::error::Error,
                    "No key set to check tokens against"
                );
                fault::unavailable(
                    "Tokens cannot be checked at the moment. Nothing was done; try again shortly.",
                )
            }
            refused => {
                fault::unauthenticated(error.code(), &format!("Not authenticated: {refused}."))
            }
        })
}

/// The token of exactly one `authorization: Bearer …` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn exactly_one_bearer_header_counts() {
        let table: [(&[&str], Option<&str>); 8] = [
            (&["Bearer abc"], Some("abc")),
            (&["bearer  abc "], Some("abc")),
            (&["BEARER abc"], Some("abc")),
            (&["Basic abc"], None),
            (&["Bearer"], None),
            (&["Bearer "], None),
            (&["Bearer a", "Bearer b"], None),
            (&[], None),
        ];
        for (values, expected) in table {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(bearer(&headers), expected, "{values:?}");
        }
    }
}
