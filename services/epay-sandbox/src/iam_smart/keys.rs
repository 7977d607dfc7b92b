//! Content keys: handed out sealed for the service, good for a while, taken back on request.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Oaep, PublicKey};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;

use super::envelope::{Code, plain};
use super::{IamSmart, PUBLIC_KEY};
use crate::api::Problem;
use crate::books::{BooksError, Sql};

pub(super) fn routes() -> Router<IamSmart> {
    Router::new()
        .route("/api/v1/security/getKey", post(get_key))
        .route("/api/v1/security/revokeKey", post(revoke_key))
}

/// The key that the service was given last, while it is good.
pub(super) async fn current(
    client: &impl Sql,
    house: &IamSmart,
) -> Result<Option<[u8; 32]>, BooksError> {
    let sql = "SELECT content_key FROM iam_smart_keys WHERE client_id = $1 AND expires_at > $2 ORDER BY key_no DESC LIMIT 1";
    let row = client
        .query_opt(sql, &[&house.settings.client_id, &house.frame.now()])
        .await?;
    let bytes: Option<Vec<u8>> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
}

/// Ends every key of the service.
pub(super) async fn expire_all(client: &impl Sql, house: &IamSmart) -> Result<(), BooksError> {
    let sql = "UPDATE iam_smart_keys SET expires_at = $2 WHERE client_id = $1 AND expires_at > $2";
    client
        .execute(sql, &[&house.settings.client_id, &house.frame.now()])
        .await?;
    Ok(())
}

/// Hands out the key that is good, or a new one.
async fn get_key(
    State(house): State<IamSmart>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    if !house.is_signed(&headers, &body) {
        return Ok(plain(Code::Signature, Value::Null));
    }
    let client = house.frame.client().await?;
    let now = house.frame.now();
    let life = SignedDuration::from_secs(house.settings.key_seconds);
    let expires = now.saturating_add(life).unwrap_or(now);
    let key: [u8; 32] = match current(&client, &house).await? {
        Some(key) => key,
        None => {
            let key: [u8; 32] = rand::random();
            let sql = "INSERT INTO iam_smart_keys (client_id, content_key, issued_at, expires_at) VALUES ($1, $2, $3, $4)";
            let id = &house.settings.client_id;
            client
                .execute(sql, &[id, &key.as_slice(), &now, &expires])
                .await
                .map_err(BooksError::from)?;
            key
        }
    };
    let Some(sealed) = house.sealed_for_the_service(&key) else {
        return Ok(plain(Code::KeyMissing, Value::Null));
    };
    let life_ms = house.settings.key_seconds.saturating_mul(1_000);
    Ok(plain(
        Code::Success,
        json!({ "secretKey": sealed, "issueAt": now.as_millisecond(), "expiresIn": life_ms }),
    ))
}

async fn revoke_key(
    State(house): State<IamSmart>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    if !house.is_signed(&headers, &body) {
        return Ok(plain(Code::Signature, Value::Null));
    }
    expire_all(&house.frame.client().await?, &house).await?;
    Ok(plain(Code::Success, Value::Null))
}

impl IamSmart {
    /// RSA-OAEP with SHA-256, in Base64.
    pub(super) fn sealed_for_the_service(&self, key: &[u8; 32]) -> Option<String> {
        let pem = self.frame.secrets.read(PUBLIC_KEY)?;
        let public = PublicKey::from_public_key_pem(pem.expose_secret()).ok()?;
        let sealed = public
            .encrypt(&mut rand::rng(), Oaep::<Sha256>::new(), key)
            .ok()?;
        Some(STANDARD.encode(sealed))
    }
}
