//! Keys of receivers, opened once and kept while nothing of the receiver changes.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::GenericClient;
use epay_domain::webhook::Endpoint;
use epay_engine::key_place;
use epay_money::WebhookEndpointId;
use epay_store::webhook::{StoredKey, signing_keys};
use epay_webhook::{SigningKey, Vault};
use jiff::Timestamp;
use tracing::error;

use crate::WorkerError;

/// What signs for one receiver.
#[derive(Debug)]
struct Ring {
    version: i32,
    /// When the first of its keys ends.
    until: Option<Timestamp>,
    keys: Arc<Vec<SigningKey>>,
}

/// What signs for receivers that were served lately.
#[derive(Debug)]
pub(super) struct Rings {
    vault: Arc<Vault>,
    known: HashMap<WebhookEndpointId, Ring>,
}

impl Rings {
    pub(super) fn new(vault: Arc<Vault>) -> Self {
        Self {
            vault,
            known: HashMap::new(),
        }
    }

    /// Sees to it that what is known of these receivers is as new as they are.
    pub(super) async fn refresh(
        &mut self,
        client: &impl GenericClient,
        endpoints: &[Endpoint],
        now: Timestamp,
    ) -> Result<(), WorkerError> {
        let stale = |one: &&Endpoint| {
            self.known.get(&one.id).is_none_or(|ring| {
                ring.version != one.version || ring.until.is_some_and(|until| until <= now)
            })
        };
        let stale: Vec<&Endpoint> = endpoints.iter().filter(stale).collect();
        if stale.is_empty() {
            return Ok(());
        }
        let of: Vec<_> = stale
            .iter()
            .map(|one| (one.biller.clone(), one.id))
            .collect();
        let mut found: HashMap<WebhookEndpointId, Vec<StoredKey>> = HashMap::new();
        for (endpoint, key) in signing_keys(client, &of, now).await? {
            found.entry(endpoint).or_default().push(key);
        }
        for endpoint in stale {
            let stored = found.remove(&endpoint.id).unwrap_or_default();
            let ring = self.open(endpoint, &stored);
            self.known.insert(endpoint.id, ring);
        }
        Ok(())
    }

    fn open(&self, endpoint: &Endpoint, stored: &[StoredKey]) -> Ring {
        let open = |key: &StoredKey| {
            let place = key_place(&endpoint.biller, endpoint.id, key.id);
            let opened = self.vault.open(&place, &key.sealed);
            let opened = opened.map_err(|fault| fault.to_string());
            let signing = opened.and_then(|bytes| {
                SigningKey::from_bytes(&bytes).map_err(|fault| fault.to_string())
            });
            signing
                .inspect_err(|fault| {
                    error!(endpoint = %endpoint.id, key = %key.id, fault, "A webhook key does not open");
                })
                .ok()
        };
        Ring {
            version: endpoint.version,
            until: stored.iter().filter_map(|key| key.expires_at).min(),
            keys: Arc::new(stored.iter().filter_map(open).collect()),
        }
    }

    /// What signs for a receiver now.
    pub(super) fn of(&self, endpoint: WebhookEndpointId) -> Arc<Vec<SigningKey>> {
        self.known
            .get(&endpoint)
            .map_or_else(Arc::default, |ring| Arc::clone(&ring.keys))
    }
}
