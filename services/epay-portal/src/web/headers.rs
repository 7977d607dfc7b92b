//! Headers that every answer carries.
//!
//! Pages run only our own style and script, are framed by nobody, send no referrer (an address may carry the key
//! to a payment's page) and are kept by no cache.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};

const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-site"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=()"),
    ),
];

/// The policy of a page whose form goes to another origin as well.
pub(crate) fn policy_with_form(origin: &str) -> String {
    CONTENT_POLICY.replace(
        "form-action 'self'",
        &format!("form-action 'self' {origin}"),
    )
}

/// The origin of an address of the web: scheme, host and port. Nothing where it has characters that would end the
/// origin in a policy.
pub(crate) fn origin_of(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if !matches!(scheme, "http" | "https") || host.is_empty() || !host.bytes().all(plain) {
        return None;
    }
    address.get(..scheme.len().checked_add(3)?.checked_add(host.len())?)
}

/// Adds them, and keeps pages out of caches unless a handler said otherwise.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_POLICY));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_an_origin_and_nothing_that_could_widen_it() {
        let table = [
            ("https://pay.example/b2c?x=1", Some("https://pay.example")),
            (
                "http://127.0.0.1:9900/pps/pay",
                Some("http://127.0.0.1:9900"),
            ),
            ("https://pay.example", Some("https://pay.example")),
            ("https://pay.example;script-src/", None),
            ("https://*/", None),
            ("https://user@pay.example/", None),
            ("ftp://pay.example/", None),
            ("/relative", None),
        ];
        for (address, origin) in table {
            assert_eq!(origin_of(address), origin, "{address}");
        }
        let policy = policy_with_form("https://pay.example");
        assert!(
            policy.contains("form-action 'self' https://pay.example;"),
            "{policy}"
        );
    }
}
