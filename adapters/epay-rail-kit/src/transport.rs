//! The transport: sends a rail's calls over HTTPS, and says honestly what is known of each.
//!
//! Every rail has a lane of its own, made of tower layers, outermost first: load shedding, a limit of calls at once
//! ([`Profile::calls_at_once`]), a circuit breaker over a sliding window, a time-out ([`Patience::call_millis`]), the
//! call. So one sick rail holds its own lane's places and nobody else's, and once its breaker is open it holds none.
//!
//! A call ends in one of three ways ([`Sent`]). *Not sent* is said only when certainly not a byte of the request
//! reached the rail: the lane was full, the breaker open, no connection could be made. Whatever else goes wrong after
//! that is *unknown*: a time-out, a broken connection, an answer that is too large or cut off. An answer with any
//! status is *replied*; what it means is the rail's business.
//!
//! Redirects are never followed: a signed request must not go where an answer points. Calls with
//! [`Seal::Channel`] are signed here, at the moment of sending, with the rail's key of our bank channel.

mod health;
mod lane;
mod seal;
mod sent;

pub use health::{Breaker, Health};
pub use seal::{ChannelKey, SealError};
pub use sent::{NotSent, Sent, Unknown};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use epay_money::RailId;
use epay_rail::{Call, Patience, Profile, Seal};
use jiff::Timestamp;
use tokio::sync::Notify;

use self::lane::Lane;

/// Most bytes of an answer that are read.
pub const REPLY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A connection that is not there after so long is not made: the rail is certainly not reached.
const CONNECT: Duration = Duration::from_secs(3);
/// An idle connection is kept for the next call for so long.
const IDLE: Duration = Duration::from_secs(30);

/// Why a transport cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made")]
pub struct TransportError(#[from] reqwest::Error);

/// Sends calls. A cheap handle: clones share lanes, connections and health.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    keys: Arc<BTreeMap<RailId, ChannelKey>>,
    lanes: Arc<Mutex<BTreeMap<RailId, Lane>>>,
    breaker_changed: Arc<Notify>,
}

impl Transport {
    /// A transport with the keys of those rails whose calls it seals.
    ///
    /// # Errors
    /// [`TransportError`] when the TLS library cannot be set up.
    pub fn new(keys: BTreeMap<RailId, ChannelKey>) -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("epay/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            keys: Arc::new(keys),
            lanes: Arc::default(),
            breaker_changed: Arc::default(),
        })
    }

    /// Sends one call on the rail's lane. `key` is the order's key: the message id of a sealed call.
    pub async fn send(&self, profile: &Profile, call: &Call, key: &str) -> Sent {
        let sealed = match call.seal {
            Seal::None => Ok(Vec::new()),
            Seal::Channel => seal::headers(
                self.keys.get(&profile.rail),
                call,
                key,
                // A seal is good for some minutes around the moment of sending, not of deciding.
                Timestamp::now(),
            ),
        };
        let request = sealed.map_err(|error| error.to_string()).and_then(|more| {
            lane::request(&self.client, call, more).map_err(|error| error.to_string())
        });
        match request {
            Ok(request) => self.lane(profile).send(request).await,
            Err(problem) => Sent::NotSent(NotSent::Unsendable { problem }),
        }
    }

    /// Waits until a breaker has opened or closed. A change before the call ends it at once; one caller hears of each.
    pub async fn breaker_changed(&self) {
        self.breaker_changed.notified().await;
    }

    /// How a rail has been doing; nothing before its first call.
    #[must_use]
    pub fn health(&self, rail: &RailId) -> Option<Health> {
        self.lanes().get(rail).map(Lane::health)
    }

    /// How every rail that was called has been doing.
    #[must_use]
    pub fn all_health(&self) -> BTreeMap<RailId, Health> {
        let lanes = self.lanes();
        lanes
            .iter()
            .map(|(rail, lane)| (rail.clone(), lane.health()))
            .collect()
    }

    fn lane(&self, profile: &Profile) -> Lane {
        self.lanes()
            .entry(profile.rail.clone())
            .or_insert_with(|| {
                let changed = Arc::clone(&self.breaker_changed);
                Lane::open(self.client.clone(), profile, changed)
            })
            .clone()
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, BTreeMap<RailId, Lane>> {
        // A panic elsewhere leaves the map whole: it only ever gains entries.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a rail's call is waited for.
fn patience(patience: &Patience) -> Duration {
    Duration::from_millis(u64::from(patience.call_millis))
}
