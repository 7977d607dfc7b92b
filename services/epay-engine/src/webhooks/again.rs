//! Trying a receiver, and sending it again what it missed.

use epay_domain::Refusal;
use epay_domain::webhook::{EndpointState, WebhookEvent, test_event};
use epay_money::{BillerId, WebhookEndpointId};
use epay_store::StoreError;
use epay_store::webhook as store;
use epay_store::webhook::{Replay, ReplayRange};

use super::{NO_ENDPOINT, answered, keep, locked};
use crate::command::keyed;
use crate::{Engine, EngineError};

/// Send a receiver an event that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestWebhook {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
}

/// Send a receiver again what was told before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayWebhooks {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// What.
    pub range: ReplayRange,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

impl Engine {
    /// Queues a test event for a receiver. Its log tells what became of it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn test_webhook(&self, command: TestWebhook) -> Result<WebhookEvent, EngineError> {
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        let endpoint = locked(&tx, &command.biller, command.endpoint).await?;
        if endpoint.state == EndpointState::Disabled {
            return Err(EngineError::Refused(Refusal::EndpointDisabled));
        }
        let event = test_event(&endpoint.biller, endpoint.id, self.core.ids.next(), now)
            .map_err(|fault| EngineError::Broken(fault.to_string()))?;
        let events = std::slice::from_ref(&event);
        store::put_events(&tx, events, &[(&event, endpoint.id)], now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(event)
    }

    /// Queues events again; bounded in time by the request and in number by the store.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn replay_webhooks(&self, command: ReplayWebhooks) -> Result<Replay, EngineError> {
        let ReplayWebhooks { biller, range, .. } = &command;
        let fields = [
            command.endpoint.to_string(),
            range.from.to_string(),
            range.to.to_string(),
            range.delivered.to_string(),
        ];
        let fields = fields.each_ref().map(String::as_str);
        let key = &command.idempotency_key;
        let key = keyed(biller, &command.caller, "webhook_replay", key, &fields);
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        store::lock_biller_in(&tx, biller).await?;
        if let Some(answer) = answered(&tx, &key).await? {
            let known = store::replay(&tx, biller, answer).await?;
            return known.ok_or(NO_ENDPOINT);
        }
        let endpoint = locked(&tx, biller, command.endpoint).await?;
        if endpoint.state == EndpointState::Disabled {
            return Err(EngineError::Refused(Refusal::EndpointDisabled));
        }
        let kept_from = store::events_kept_from_in(&tx).await?;
        if let Some(kept_from) = kept_from.filter(|kept_from| range.from < *kept_from) {
            return Err(EngineError::Refused(Refusal::ReplayTooOld { kept_from }));
        }
        let id = self.core.ids.next();
        let what = (id, *range, command.caller.as_str());
        let replay = store::replay_events_in(&tx, &endpoint, what, now).await?;
        keep(&tx, key, id, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(replay)
    }
}
