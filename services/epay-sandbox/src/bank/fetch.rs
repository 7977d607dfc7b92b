//! Fetches a QR image for the bank app, from the configured places and nowhere else.
//!
//! A server that fetches any URL is a way into the network behind it. So: the URL must have the scheme, host and port of a
//! configured prefix and a path below it, no user name, no redirect is followed, and the answer is cut off at the image cap.

use std::time::Duration;

use reqwest::Url;
use thiserror::Error;

use crate::qr::image::IMAGE_BYTES_MAX;

/// How long a fetch may take.
const FETCH_SECONDS_MAX: u64 = 5;

/// Why an image was not fetched.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Not under a configured prefix.
    #[error("the bank app may not fetch images from this address")]
    NotAllowed,
    /// No answer, or one that stopped.
    #[error("the image could not be fetched")]
    NoAnswer(#[source] reqwest::Error),
    /// An answer other than 200.
    #[error("the image's address answered {0}")]
    Status(u16),
    /// More bytes than an image may have.
    #[error("the image is larger than {IMAGE_BYTES_MAX} bytes")]
    TooLarge,
}

/// A client that fetches from a list of prefixes.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    prefixes: Vec<Url>,
}

impl Fetcher {
    /// Prepares a fetcher. A prefix that is not a URL allows nothing.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(prefixes: &[String]) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(FETCH_SECONDS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            prefixes: prefixes
                .iter()
                .filter_map(|text| Url::parse(text).ok())
                .collect(),
        })
    }

    /// Whether any place is configured.
    #[must_use]
    pub fn any_allowed(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// Fetches the bytes at an address.
    ///
    /// # Errors
    /// [`FetchError`] says why not.
    pub async fn fetch(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        let url = self.allowed(address).ok_or(FetchError::NotAllowed)?;
        let mut response = self
            .client
            .get(url)
            .send()
            .await
            .map_err(|error| FetchError::NoAnswer(error.without_url()))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| FetchError::NoAnswer(error.without_url()))?
        {
            if bytes.len().saturating_add(chunk.len()) > IMAGE_BYTES_MAX {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn allowed(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let is_plain = ["http", "https"].contains(&url.scheme())
            && url.username().is_empty()
            && url.password().is_none();
        let allowed = self.prefixes.iter().any(|prefix| is_under(&url, prefix));
        Some(url).filter(|_| is_plain && allowed)
    }
}

/// Whether a URL has the origin of a prefix and a path at or below its path, by whole segments.
fn is_under(url: &Url, prefix: &Url) -> bool {
    let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let path = prefix.path().trim_end_matches('/');
    url.origin() == prefix.origin() && url.path().strip_prefix(path).is_some_and(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_under_a_prefix_are_fetched() {
        crate::server::install_crypto_provider();
        let fetcher = Fetcher::new(&[
            "http://127.0.0.1:8080".into(),
            "https://pay.example/qr/".into(),
        ])
        .unwrap();
        let rows = [
            ("http://127.0.0.1:8080/pay/1.png?x=1", true),
            ("http://127.0.0.1:8080", true),
            ("https://pay.example/qr/1.png", true),
            ("https://pay.example/qrx/1.png", false),
            ("https://pay.example/qr/../admin", false),
            ("https://pay.example/qr/%2e%2e/admin", false),
            ("http://127.0.0.1:8081/pay/1.png", false),
            ("https://127.0.0.1:8080/", false),
            ("http://127.0.0.1:8080@169.254.169.254/", false),
            ("http://me:it@127.0.0.1:8080/", false),
            ("http://127.0.0.1:8080.example/", false),
            ("file:///etc/passwd", false),
            ("/pay/1.png", false),
        ];
        for (address, expected) in rows {
            assert_eq!(fetcher.allowed(address).is_some(), expected, "{address}");
        }
    }
}
