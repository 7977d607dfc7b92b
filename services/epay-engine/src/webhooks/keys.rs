//! What signs for a receiver: drawn, sealed, changed for another.

use aws_lc_rs::rand;
use epay_domain::Refusal;
use epay_domain::webhook::{Endpoint, KEY_OVERLAP_MAX, KEYS_MAX};
use epay_money::{BillerId, WebhookEndpointId};
use epay_store::StoreError;
use epay_store::webhook as store;
use epay_store::webhook::StoredKey;
use epay_webhook::{KEY_BYTES, NONCE_BYTES, SigningKey, Vault};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{WebhookEndpointView, answered, keep, locked};
use crate::command::keyed;
use crate::{Engine, EngineError};

/// A key of a receiver as its department sees it.
#[derive(Debug)]
pub struct WebhookKeyView {
    /// Its id.
    pub id: Uuid,
    /// `whpk_…`, for `v1a`.
    pub public_key: String,
    /// `whsec_…`, for `v1`: only in the answer to whoever had it made.
    pub secret: Option<SecretString>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops signing.
    pub expires_at: Option<Timestamp>,
}

/// Make a new key for a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateWebhookKey {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// How long the old ones go on signing beside it; cut to [`KEY_OVERLAP_MAX`].
    pub overlap: SignedDuration,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Where a key lies: what it is sealed for.
#[must_use]
pub fn key_place(biller: &BillerId, endpoint: WebhookEndpointId, key: Uuid) -> String {
    format!("webhook.signing_key/{biller}/{endpoint}/{key}")
}

fn broken(fault: impl std::fmt::Display) -> EngineError {
    EngineError::Broken(format!("a key of a webhook: {fault}"))
}

/// A new key, sealed.
pub(super) fn draw(
    endpoint: &Endpoint,
    (id, now): (Uuid, Timestamp),
    vault: &Vault,
) -> Result<StoredKey, EngineError> {
    let mut secret = Zeroizing::new([0_u8; KEY_BYTES]);
    let mut nonce = [0_u8; NONCE_BYTES];
    rand::fill(secret.as_mut_slice()).map_err(broken)?;
    rand::fill(&mut nonce).map_err(broken)?;
    let key = SigningKey::from_bytes(secret.as_slice()).map_err(broken)?;
    let place = key_place(&endpoint.biller, endpoint.id, id);
    Ok(StoredKey {
        id,
        sealed: vault
            .seal(&place, secret.as_slice(), nonce)
            .map_err(broken)?,
        public_key: key.public_key(),
        created_at: now,
        expires_at: None,
    })
}

/// A key as it is shown; with its secret where it is the one to be opened.
pub(super) fn view(
    endpoint: &Endpoint,
    key: StoredKey,
    opened: Option<(Uuid, &Vault)>,
) -> Result<WebhookKeyView, EngineError> {
    let secret = match opened {
        Some((id, vault)) if id == key.id => {
            let place = key_place(&endpoint.biller, endpoint.id, id);
            let bytes = vault.open(&place, &key.sealed).map_err(broken)?;
            let signing = SigningKey::from_bytes(&bytes).map_err(broken)?;
            Some(signing.shared_secret())
        }
        _ => None,
    };
    Ok(WebhookKeyView {
        id: key.id,
        public_key: key.public_key,
        secret,
        created_at: key.created_at,
        expires_at: key.expires_at,
    })
}

impl Engine {
    /// Makes a new key for a receiver; the old ones sign beside it for a while. Without an overlap they end at once, which
    /// is for a key that somebody else has seen.
    ///
    /// # Errors
    /// [`EngineError`], [`Refusal::TooManyKeys`] among them.
    pub async fn rotate_webhook_key(
        &self,
        command: RotateWebhookKey,
        vault: &Vault,
    ) -> Result<WebhookEndpointView, EngineError> {
        let RotateWebhookKey {
            biller, endpoint, ..
        } = &command;
        let overlap = command.overlap.clamp(SignedDuration::ZERO, KEY_OVERLAP_MAX);
        let fields = [endpoint.to_string(), overlap.to_string()];
        let fields = fields.each_ref().map(String::as_str);
        let key = &command.idempotency_key;
        let key = keyed(biller, &command.caller, "webhook_key", key, &fields);
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        store::lock_biller_in(&tx, biller).await?;
        if let Some(answer) = answered(&tx, &key).await? {
            tx.rollback().await.map_err(StoreError::from)?;
            drop(client);
            return self.shown(biller, *endpoint, Some((answer, vault))).await;
        }
        let mut found = locked(&tx, biller, *endpoint).await?;
        let ends = now.checked_add(overlap).map_err(broken)?;
        store::expire_keys_in(&tx, &found, ends).await?;
        let of = [(biller.clone(), found.id)];
        if store::signing_keys(&tx, &of, now).await?.len() >= KEYS_MAX {
            let most = KEYS_MAX;
            return Err(EngineError::Refused(Refusal::TooManyKeys { most }));
        }
        let id = self.core.ids.next();
        let made = draw(&found, (id, now), vault)?;
        store::insert_key_in(&tx, &found, &made).await?;
        found.changed_at = now;
        found.version = found.version.saturating_add(1);
        store::update_endpoint_in(&tx, &found).await?;
        keep(&tx, key, id, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        drop(client);
        self.shown(biller, *endpoint, Some((id, vault))).await
    }
}
