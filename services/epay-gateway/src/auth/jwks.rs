//! The public keys that sign tokens: given in configuration, or fetched from the issuer and kept fresh.
//!
//! Fetched keys are read again when a token names a key that is not there, at most once in
//! [`REFRESH_INTERVAL_MIN`]; so a new key works at once and an attacker with made-up key ids cannot make us hammer the
//! issuer. When the issuer cannot be reached, the keys that we have go on. Keys that the issuer removed are noticed at
//! the next read, at the latest after [`KEYS_AGE_MAX`].

use std::collections::HashMap;
use std::time::Duration;

use arc_swap::ArcSwap;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::JwksSource;

/// Longest key set that is read, in bytes.
const JWKS_BYTES_MAX: usize = 64 * 1024;
/// Most keys that are kept.
const JWKS_KEYS_MAX: usize = 64;
/// How long a fetch may take.
const FETCH_DEADLINE: Duration = Duration::from_secs(5);
/// Shortest time between two fetches.
const REFRESH_INTERVAL_MIN: Duration = Duration::from_secs(10);
/// Fetched keys are read again after this long, so that a withdrawn key stops working.
const KEYS_AGE_MAX: Duration = Duration::from_secs(600);

/// One key with the only algorithm that it may be used for.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    pub(crate) decoding: DecodingKey,
}

/// Key material, even public, has no place in logs.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Why a key set cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The HTTP client cannot be made.
    #[error("the HTTP client for the key set cannot be made")]
    Client(#[source] reqwest::Error),
    /// The issuer did not answer, or not with a key set.
    #[error("the key set cannot be fetched from {url}")]
    Fetch {
        /// Where it was asked for.
        url: String,
        /// What went wrong.
        #[source]
        cause: reqwest::Error,
    },
    /// The answer is larger than a key set may be.
    #[error("the key set has more than {JWKS_BYTES_MAX} bytes or {JWKS_KEYS_MAX} keys")]
    TooLarge,
    /// The answer is not a key set.
    #[error("the key set is not valid JSON of RFC 7517")]
    Malformed(#[source] serde_json::Error),
    /// No key of the set can be used.
    #[error(
        "the key set has no usable key: an Ed25519, P-256 or RSA signing key with a \"kid\" is needed"
    )]
    Empty,
}

type KeySet = HashMap<String, Key>;

/// The keys, and where they come from.
#[derive(Debug)]
pub(crate) struct Keys {
    current: ArcSwap<KeySet>,
    remote: Option<Remote>,
}

#[derive(Debug)]
struct Remote {
    url: String,
    client: reqwest::Client,
    /// When the last fetch began, whatever became of it; `None` before the first. Held while fetching, so that one
    /// fetch serves everybody who waits.
    last: Mutex<Option<Instant>>,
    fetched: ArcSwap<Option<Instant>>,
}

impl Keys {
    /// Reads the keys. A remote set is fetched at first use, so that the gateway starts before its issuer does.
    pub(crate) fn open(source: &JwksSource) -> Result<Self, KeysError> {
        match source {
            JwksSource::Inline(json) => Ok(Self {
                current: ArcSwap::from_pointee(parse(json.as_bytes())?),
                remote: None,
            }),
            JwksSource::Url(url) => Ok(Self {
                current: ArcSwap::from_pointee(KeySet::new()),
                remote: Some(Remote {
                    url: url.clone(),
                    client: reqwest::Client::builder()
                        .timeout(FETCH_DEADLINE)
                        .redirect(reqwest::redirect::Policy::none())
                        .build()
                        .map_err(KeysError::Client)?,
                    last: Mutex::new(None),
                    fetched: ArcSwap::from_pointee(None),
                }),
            }),
        }
    }

    /// The key of this id; `None` when the set, read again if it is time, has none.
    ///
    /// # Errors
    /// [`KeysError`] when there has never been a set to look into.
    pub(crate) async fn find(&self, kid: &str) -> Result<Option<Key>, KeysError> {
        let found = self.current.load().get(kid).cloned();
        let Some(remote) = &self.remote else {
            return Ok(found);
        };
        let old = match **remote.fetched.load() {
            Some(at) => at.elapsed() > KEYS_AGE_MAX,
            None => true,
        };
        if found.is_some() && !old {
            return Ok(found);
        }
        match self.refresh(remote).await {
            Ok(()) => {}
            Err(error) if remote.fetched.load().is_none() => return Err(error),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "The key set could not be read again; the keys from before go on"
            ),
        }
        Ok(self.current.load().get(kid).cloned())
    }

    async fn refresh(&self, remote: &Remote) -> Result<(), KeysError> {
        let mut last = remote.last.lock().await;
        let never_fetched = remote.fetched.load().is_none();
        if !never_fetched && last.is_some_and(|last| last.elapsed() < REFRESH_INTERVAL_MIN) {
            return Ok(());
        }
        let began = Instant::now();
        *last = Some(began);
        let keys = parse(&fetch(remote).await?)?;
        self.current.store(Arc::new(keys));
        remote.fetched.store(Arc::new(Some(began)));
        Ok(())
    }
}

async fn fetch(remote: &Remote) -> Result<Vec<u8>, KeysError> {
    let failed = |cause| KeysError::Fetch {
        url: remote.url.clone(),
        cause,
    };
    let answer = remote
        .client
        .get(&remote.url)
        .send()
        .await
        .map_err(failed)?;
    let mut answer = answer.error_for_status().map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > JWKS_BYTES_MAX {
            return Err(KeysError::TooLarge);
        }
    }
    Ok(body)
}

/// Reads a key set. Keys of other kinds, symmetric ones above all, and keys without an id are passed over.
fn parse(json: &[u8]) -> Result<KeySet, KeysError> {
    if json.len() > JWKS_BYTES_MAX {
        return Err(KeysError::TooLarge);
    }
    let set: JwkSet = serde_json::from_slice(json).map_err(KeysError::Malformed)?;
    if set.keys.len() > JWKS_KEYS_MAX {
        return Err(KeysError::TooLarge);
    }
    let keys: KeySet = set
        .keys
        .iter()
        .filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            let decoding = DecodingKey::from_jwk(jwk).ok()?;
            Some((
                kid,
                Key {
                    algorithm: algorithm(jwk)?,
                    decoding,
                },
            ))
        })
        .collect();
    if keys.is_empty() {
        Err(KeysError::Empty)
    } else {
        Ok(keys)
    }
}

/// The one algorithm that a key may verify; `None` for kinds that are not accepted.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    match jwk.common.key_algorithm {
        Some(declared) if declared != algorithm.into() => None,
        _ => Some(algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn only_asymmetric_signing_keys_with_an_id_are_taken() {
        let table = [
            (format!(r#"{{"keys":[{ED}]}}"#), Some(vec!["a"])),
            (
                format!(r#"{{"keys":[{ED},{{"kty":"oct","kid":"b","k":"AAAA"}}]}}"#),
                Some(vec!["a"]),
            ),
            (
                format!(r#"{{"keys":[{ED},{{"kty":"new","kid":"c"}}]}}"#),
                Some(vec!["a"]),
            ),
            (
                r#"{"keys":[{"kty":"oct","kid":"b","k":"AAAA"}]}"#.to_owned(),
                None,
            ),
            (ED.replace(r#""kid":"a","#, ""), None),
            (
                format!(
                    r#"{{"keys":[{}]}}"#,
                    ED.replace("\"kid\"", "\"alg\":\"HS256\",\"kid\"")
                ),
                None,
            ),
            ("[]".to_owned(), None),
            (String::new(), None),
            (
                format!(r#"{{"keys":[{}]}}"#, vec![ED; JWKS_KEYS_MAX + 1].join(",")),
                None,
            ),
        ];
        for (json, expected) in table {
            let keys = parse(json.as_bytes())
                .ok()
                .map(|keys| keys.into_keys().collect::<Vec<_>>());
            assert_eq!(
                keys,
                expected.map(|ids| ids.into_iter().map(str::to_owned).collect()),
                "{json}"
            );
        }
    }
}
