//! Receivers of webhooks: what departments register, change and ask for.
//!
//! Low traffic beside payments, and no money: each command is one transaction of its own. Commands of one department that
//! make something wait for each other, so that its bounds hold and a repeated key finds its first answer. What signs is
//! drawn here, shown once to whoever asked for it (and to whoever repeats the request), and stored sealed.

mod again;
mod keys;
mod retention;

pub use again::{ReplayWebhooks, TestWebhook};
pub use keys::{RotateWebhookKey, WebhookKeyView, key_place};
pub use retention::Removed;

use deadpool_postgres::Transaction;
use epay_domain::Refusal;
use epay_domain::webhook::{ENDPOINTS_MAX, Endpoint, EndpointChange, EndpointState, EventType};
use epay_money::{BillerId, WebhookEndpointId};
use epay_store::webhook as store;
use epay_store::webhook::{Delivery, DeliveryAttempt, DeliveryFilter};
use epay_store::{FirstAnswer, Page, PageRequest, StoreError};
use epay_webhook::{Lane, Vault};
use jiff::Timestamp;
use uuid::Uuid;

use crate::command::{Keyed, keyed};
use crate::{Engine, EngineError, Reader};

/// Register a receiver. Its URL has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateWebhookEndpoint {
    /// The department.
    pub biller: BillerId,
    /// Where it is.
    pub url: String,
    /// The department's words about it.
    pub description: String,
    /// What it wants to hear; everything when empty.
    pub event_types: Vec<EventType>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// A receiver with the keys that sign for it.
#[derive(Debug)]
pub struct WebhookEndpointView {
    /// The receiver.
    pub endpoint: Endpoint,
    /// The newest first.
    pub keys: Vec<WebhookKeyView>,
}

const NO_ENDPOINT: EngineError = EngineError::NotFound {
    what: "the webhook endpoint",
};

impl Engine {
    /// Registers a receiver; its first key has the same id.
    ///
    /// # Errors
    /// [`EngineError`], [`Refusal::TooManyEndpoints`] among them.
    pub async fn create_webhook_endpoint(
        &self,
        command: CreateWebhookEndpoint,
        vault: &Vault,
    ) -> Result<WebhookEndpointView, EngineError> {
        let key = command.keyed();
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        store::lock_biller_in(&tx, &command.biller).await?;
        if let Some(answer) = answered(&tx, &key).await? {
            tx.rollback().await.map_err(StoreError::from)?;
            drop(client);
            let id = WebhookEndpointId::new(answer);
            return self.shown(&command.biller, id, Some((answer, vault))).await;
        }
        if store::count_endpoints_in(&tx, &command.biller).await? >= ENDPOINTS_MAX {
            let most = ENDPOINTS_MAX;
            return Err(EngineError::Refused(Refusal::TooManyEndpoints { most }));
        }
        let id = self.core.ids.next();
        let endpoint = Endpoint {
            id: WebhookEndpointId::new(id),
            biller: command.biller,
            url: command.url,
            description: command.description,
            event_types: command.event_types,
            state: EndpointState::Enabled,
            lane: Lane::default(),
            created_at: now,
            changed_at: now,
            version: 1,
        };
        store::insert_endpoint_in(&tx, &endpoint).await?;
        let made = keys::draw(&endpoint, (id, now), vault)?;
        store::insert_key_in(&tx, &endpoint, &made).await?;
        keep(&tx, key, id, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        drop(client);
        self.shown(&endpoint.biller, endpoint.id, Some((id, vault)))
            .await
    }

    /// Changes what a department says of a receiver.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn update_webhook_endpoint(
        &self,
        biller: &BillerId,
        id: WebhookEndpointId,
        change: EndpointChange,
    ) -> Result<WebhookEndpointView, EngineError> {
        let now = self.core.clock.now();
        self.rewrite(biller, id, |endpoint| endpoint.changed(change, now))
            .await
    }

    /// Takes a receiver away. What waits for it is sent no more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn delete_webhook_endpoint(
        &self,
        biller: &BillerId,
        id: WebhookEndpointId,
    ) -> Result<WebhookEndpointView, EngineError> {
        let now = self.core.clock.now();
        self.rewrite(biller, id, |endpoint| endpoint.deleted(now))
            .await
    }

    async fn rewrite(
        &self,
        biller: &BillerId,
        id: WebhookEndpointId,
        change: impl FnOnce(Endpoint) -> Endpoint,
    ) -> Result<WebhookEndpointView, EngineError> {
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        let endpoint = change(locked(&tx, biller, id).await?);
        store::update_endpoint_in(&tx, &endpoint).await?;
        tx.commit().await.map_err(StoreError::from)?;
        drop(client);
        let reader = self.reader();
        let keys = reader.webhook_keys(&endpoint).await?;
        Ok(WebhookEndpointView { endpoint, keys })
    }

    /// A receiver with its keys, one of them with its secret.
    async fn shown(
        &self,
        biller: &BillerId,
        id: WebhookEndpointId,
        opened: Option<(Uuid, &Vault)>,
    ) -> Result<WebhookEndpointView, EngineError> {
        let client = self.core.pool.get().await?;
        let endpoint = store::endpoint(&client, biller, id)
            .await?
            .ok_or(NO_ENDPOINT)?;
        let now = self.core.clock.now();
        let stored = store::signing_keys(&client, &[(biller.clone(), id)], now).await?;
        let keys = stored
            .into_iter()
            .map(|(_endpoint, key)| keys::view(&endpoint, key, opened));
        Ok(WebhookEndpointView {
            keys: keys.collect::<Result<_, _>>()?,
            endpoint,
        })
    }
}

impl Reader {
    /// One receiver.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn webhook_endpoint(
        &self,
        biller: &BillerId,
        id: WebhookEndpointId,
    ) -> Result<WebhookEndpointView, EngineError> {
        let found = store::endpoint(&self.pool().get().await?, biller, id).await?;
        let endpoint = found.ok_or(NO_ENDPOINT)?;
        let keys = self.webhook_keys(&endpoint).await?;
        Ok(WebhookEndpointView { endpoint, keys })
    }

    async fn webhook_keys(&self, endpoint: &Endpoint) -> Result<Vec<WebhookKeyView>, EngineError> {
        let client = self.pool().get().await?;
        let of = [(endpoint.biller.clone(), endpoint.id)];
        let stored = store::signing_keys(&client, &of, Timestamp::UNIX_EPOCH).await?;
        stored
            .into_iter()
            .map(|(_endpoint, key)| keys::view(endpoint, key, None))
            .collect()
    }

    /// Receivers of a department, or of all, newest first; without their keys.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn webhook_endpoints(
        &self,
        biller: Option<&BillerId>,
        page: PageRequest,
    ) -> Result<Page<Endpoint>, EngineError> {
        Ok(store::endpoints(&self.pool().get().await?, biller, page).await?)
    }

    /// Deliveries of a receiver, the newest event first, each with the last lines of its log; and the event after which
    /// the next page begins.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn webhook_deliveries(
        &self,
        filter: &DeliveryFilter,
        size: i64,
    ) -> Result<(Vec<(Delivery, Vec<DeliveryAttempt>)>, Option<String>), EngineError> {
        let client = self.pool().get().await?;
        let (found, next) = store::deliveries(&client, filter, size).await?;
        let events: Vec<&str> = found.iter().map(|one| one.event.as_str()).collect();
        let log = store::attempts(&client, &filter.biller, filter.endpoint, &events).await?;
        let with_log = found.into_iter().map(|delivery| {
            let own = log.iter().filter(|line| line.event == delivery.event);
            let own = own.cloned().collect();
            (delivery, own)
        });
        Ok((with_log.collect(), next))
    }
}

/// A receiver that is not gone, locked.
async fn locked(
    tx: &Transaction<'_>,
    biller: &BillerId,
    id: WebhookEndpointId,
) -> Result<Endpoint, EngineError> {
    store::endpoint_in(tx, biller, id)
        .await?
        .filter(|endpoint| endpoint.state != EndpointState::Deleted)
        .ok_or(NO_ENDPOINT)
}

/// What was answered first under a key.
async fn answered(tx: &Transaction<'_>, key: &Keyed) -> Result<Option<Uuid>, EngineError> {
    let known = epay_store::first_answers(tx, std::slice::from_ref(&key.key)).await?;
    match known.into_iter().next() {
        None => Ok(None),
        Some(first) if first.digest == key.digest => Ok(Some(first.answer)),
        Some(_other_request) => Err(EngineError::KeyReused),
    }
}

async fn keep(
    tx: &Transaction<'_>,
    key: Keyed,
    answer: Uuid,
    now: Timestamp,
) -> Result<(), EngineError> {
    let first = FirstAnswer {
        key: key.key,
        digest: key.digest,
        answer,
        version: 1,
    };
    Ok(epay_store::insert_answers_in(tx, &[first], now).await?)
}

impl CreateWebhookEndpoint {
    fn keyed(&self) -> Keyed {
        let mut fields = vec![self.url.as_str(), &self.description];
        fields.extend(self.event_types.iter().map(|one| one.as_str()));
        keyed(
            &self.biller,
            &self.caller,
            "webhook_endpoint",
            &self.idempotency_key,
            &fields,
        )
    }
}
