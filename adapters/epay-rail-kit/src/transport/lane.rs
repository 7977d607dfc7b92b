//! One rail's lane: the tower layers around its calls.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use epay_rail::{Call, HttpMethod, Profile};
use tokio::sync::Notify;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_resilience::circuitbreaker::{
    CircuitBreakerError, CircuitBreakerLayer, CircuitState, SlidingWindowType,
};

use super::health::{Breaker, Health, Window};
use super::{NotSent, REPLY_BYTES_MAX, Sent, Unknown, patience};

/// The breaker judges by the calls of so long. (The library's other window, by count, must be full before it judges.)
const BREAKER_WINDOW: Duration = Duration::from_secs(30);
/// Fewer calls than this say nothing.
const BREAKER_CALLS_MIN: usize = 5;
/// Open when at least this share of them failed.
const BREAKER_SHARE: f64 = 0.5;
/// How long an open breaker stays open before it lets trial calls through.
const BREAKER_REST: Duration = Duration::from_secs(10);
/// Trial calls.
const BREAKER_TRIALS: usize = 2;

type Answer = (u16, Vec<(String, String)>, Vec<u8>);
type Breakers = Arc<dyn Fn() -> CircuitState + Send + Sync>;

/// A lane; clones share everything.
#[derive(Clone)]
pub(super) struct Lane {
    service: BoxCloneSyncService<reqwest::Request, Answer, BoxError>,
    breaker: Breakers,
    /// When the breaker last opened.
    opened: Arc<Mutex<Option<Instant>>>,
    window: Arc<Mutex<Window>>,
}

impl core::fmt::Debug for Lane {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Lane")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

/// What a call itself can end in, below the layers.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    NotSent(NotSent),
    #[error(transparent)]
    Unknown(Unknown),
}

impl Lane {
    /// Opens a lane; `changed` hears when its breaker opens or closes.
    pub(super) fn open(client: reqwest::Client, profile: &Profile, changed: Arc<Notify>) -> Self {
        let call = service_fn(move |request: reqwest::Request| {
            let client = client.clone();
            async move { exchange(&client, request).await.map_err(BoxError::from) }
        });
        let waited = ServiceBuilder::new()
            .timeout(patience(&profile.patience))
            .service(call);
        let opened = Arc::new(Mutex::new(None));
        let breaker = CircuitBreakerLayer::builder()
            .on_state_transition(note_opening(Arc::clone(&opened), changed))
            .name(profile.rail.to_string())
            .failure_rate_threshold(BREAKER_SHARE)
            .sliding_window_type(SlidingWindowType::TimeBased)
            .sliding_window_duration(BREAKER_WINDOW)
            .minimum_number_of_calls(BREAKER_CALLS_MIN)
            .wait_duration_in_open(BREAKER_REST)
            .permitted_calls_in_half_open(BREAKER_TRIALS)
            .failure_classifier(|result: &Result<Answer, BoxError>| {
                result.as_ref().map_or(true, |(status, ..)| *status >= 500)
            });
        // The numbers above are constants that the library accepts; should it not, the lane works without a breaker.
        let calls = usize::try_from(profile.calls_at_once).unwrap_or(usize::MAX);
        let around = ServiceBuilder::new().load_shed().concurrency_limit(calls);
        match breaker.build() {
            Ok(layer) => {
                let guarded = layer.layer(waited);
                let seen = guarded.clone();
                Self {
                    service: BoxCloneSyncService::new(around.service(guarded)),
                    breaker: Arc::new(move || seen.state_sync()),
                    opened,
                    window: Arc::default(),
                }
            }
            Err(error) => {
                tracing::error!(%error, "A rail's lane has no breaker");
                Self {
                    service: BoxCloneSyncService::new(around.service(waited)),
                    breaker: Arc::new(|| CircuitState::Closed),
                    opened,
                    window: Arc::default(),
                }
            }
        }
    }

    pub(super) async fn send(&self, request: reqwest::Request) -> Sent {
        let started = Instant::now();
        let sent = match self.service.clone().oneshot(request).await {
            Ok((status, headers, body)) => Sent::Replied {
                status,
                headers,
                body,
            },
            Err(error) => judge(&*error),
        };
        if let Some(failed) = counts(&sent) {
            let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
            window.note(failed, started.elapsed(), Instant::now());
        }
        sent
    }

    pub(super) fn health(&self) -> Health {
        let now = Instant::now();
        let opened = *self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let open_for = opened.map(|since| now.saturating_duration_since(since));
        let breaker = Breaker::of((self.breaker)(), open_for, BREAKER_REST);
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.health(breaker, now)
    }
}

/// Notes when the breaker opens, and tells of every change.
fn note_opening(
    opened: Arc<Mutex<Option<Instant>>>,
    changed: Arc<Notify>,
) -> impl Fn(CircuitState, CircuitState) + Send + Sync + 'static {
    move |_from, to| {
        if to == CircuitState::Open {
            *opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        changed.notify_one();
    }
}

/// Whether a call that was really made failed; nothing for one that was turned away before.
const fn counts(sent: &Sent) -> Option<bool> {
    match sent {
        Sent::Replied { status, .. } => Some(*status >= 500),
        Sent::Unknown(_) | Sent::NotSent(NotSent::NoConnection { .. }) => Some(true),
        Sent::NotSent(NotSent::LaneFull | NotSent::BreakerOpen | NotSent::Unsendable { .. }) => {
            None
        }
    }
}

/// Which layer ended the call, and so what is known of it. What no layer names is unknown.
fn judge(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Sent {
    if error.is::<Overloaded>() {
        return Sent::NotSent(NotSent::LaneFull);
    }
    let inner = match error.downcast_ref::<CircuitBreakerError<BoxError>>() {
        Some(CircuitBreakerError::OpenCircuit) => return Sent::NotSent(NotSent::BreakerOpen),
        Some(CircuitBreakerError::Inner(inner)) => inner.as_ref(),
        None => error,
    };
    if inner.is::<Elapsed>() {
        return Sent::Unknown(Unknown::TimedOut);
    }
    match inner.downcast_ref::<Fault>() {
        Some(Fault::NotSent(why)) => Sent::NotSent(why.clone()),
        Some(Fault::Unknown(why)) => Sent::Unknown(why.clone()),
        None => Sent::Unknown(Unknown::Broken {
            problem: inner.to_string(),
        }),
    }
}

/// A call as a request of the HTTP library.
///
/// # Errors
/// When the address or a header cannot be sent.
pub(super) fn request(
    client: &reqwest::Client,
    call: &Call,
    more: Vec<(&'static str, String)>,
) -> Result<reqwest::Request, reqwest::Error> {
    let method = match call.method {
        HttpMethod::Get => reqwest::Method::GET,
        HttpMethod::Post => reqwest::Method::POST,
        HttpMethod::Put => reqwest::Method::PUT,
        HttpMethod::Delete => reqwest::Method::DELETE,
    };
    let mut request = client.request(method, &call.url);
    for (name, value) in call.headers.iter().chain(&more) {
        request = request.header(*name, value);
    }
    if !call.body.is_empty() {
        request = request.body(call.body.clone());
    }
    request.build()
}

/// Sends a request and reads the whole answer.
async fn exchange(client: &reqwest::Client, request: reqwest::Request) -> Result<Answer, Fault> {
    let mut answer = client.execute(request).await.map_err(|error| {
        let problem = innermost(&error);
        if error.is_connect() {
            Fault::NotSent(NotSent::NoConnection { problem })
        } else {
            Fault::Unknown(Unknown::Broken { problem })
        }
    })?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let mut body = Vec::new();
    loop {
        let chunk = answer.chunk().await.map_err(|error| {
            let problem = innermost(&error);
            Fault::Unknown(Unknown::Broken { problem })
        })?;
        let Some(chunk) = chunk else {
            return Ok((status, headers, body));
        };
        if body.len().saturating_add(chunk.len()) > REPLY_BYTES_MAX {
            return Err(Fault::Unknown(Unknown::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
}

/// The last cause of an error, which names the fault; the outer ones name the address, which may hold a secret.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
