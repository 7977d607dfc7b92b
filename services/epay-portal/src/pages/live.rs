//! How an open page learns that its payment changed: server-sent events, and a small answer for those that ask.
//!
//! Each open page holds one stream, which holds one watch at the gateway. The stream says which screen the page
//! should show, never more: the page then fetches itself, so that there is one place that renders. A stream ends
//! when nothing more is expected, after [`STREAM_SECONDS_MAX`], or when the portal drains; beyond
//! [`LIVE_STREAMS_MAX`] a page is refused one and asks now and then instead.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use epay_proto::v1;
use futures_util::Stream;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Streaming;

use super::common::payment_of;
use super::pay::Seen;
use crate::pages::Problem;
use crate::view::{Live, Payment};
use crate::web::Visit;

/// Live streams that are open at the same time, over all visitors: below what the watch connections carry.
pub(crate) const LIVE_STREAMS_MAX: usize = 2_000;
/// Longest life of a stream: a code lives 15 minutes, and a page that wants more opens another.
const STREAM_SECONDS_MAX: u64 = 1_800;
/// Quiet time after which a comment is sent, so that no proxy takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After how long a browser opens a broken stream again.
const REOPEN: Duration = Duration::from_secs(3);
/// Changes that wait for a slow browser; it only ever needs the last one.
const CHANGES_WAITING_MAX: usize = 4;

/// Which screen the page should show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Standing {
    screen: &'static str,
    version: i64,
    live: &'static str,
}

impl Standing {
    fn of(payment: &Payment, now: Timestamp) -> Self {
        let screen = payment.screen(now);
        Self {
            screen: screen.word(),
            version: payment.version,
            live: payment.live(now).word(),
        }
    }

    fn event(&self) -> Event {
        let event = Event::default().event("payment").retry(REOPEN);
        event
            .json_data(self)
            .unwrap_or_else(|_never| Event::default().comment("unreadable"))
    }
}

/// How the payment stands, for a page that asks.
pub(crate) async fn status(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let seen = Seen::look(&visit, &biller, id).await?;
        Ok::<_, Problem>(Json(Standing::of(&seen.payment, seen.now)).into_response())
    };
    visit.answer(answer.await)
}

/// A stream of how the payment stands: at once, and at every change.
pub(crate) async fn events(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let permits = Arc::clone(&visit.portal.live_streams);
        let permit = permits
            .try_acquire_owned()
            .map_err(|_all_taken| Problem::Busy)?;
        let watch = visit
            .portal
            .gateway
            .watch_payment(&biller, id)
            .await
            .map_err(Problem::of_payment)?;
        let draining = visit.portal.draining.clone();
        Ok::<_, Problem>(
            Sse::new(stream(watch, permit, draining))
                .keep_alive(heartbeat())
                .into_response(),
        )
    };
    match answer.await {
        Ok(response) => response,
        // The script only needs the status; a page of words would be read by nobody.
        Err(Problem::NotFound | Problem::PaymentNotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn heartbeat() -> KeepAlive {
    KeepAlive::new().interval(HEARTBEAT).text("still here")
}

fn stream(
    watch: Streaming<v1::WatchPaymentResponse>,
    permit: OwnedSemaphorePermit,
    draining: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let (changes, changed) = mpsc::channel(CHANGES_WAITING_MAX);
    tokio::spawn(async move {
        tokio::select! {
            () = follow(watch, &changes) => {}
            () = changes.closed() => {}
            () = draining.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(STREAM_SECONDS_MAX)) => {}
        }
        drop(permit);
    });
    ReceiverStream::new(changed)
}

/// Passes on what the gateway says, and the one change that time makes by itself: a code that expires.
async fn follow(
    mut watch: Streaming<v1::WatchPaymentResponse>,
    changes: &mpsc::Sender<Result<Event, Infallible>>,
) {
    let mut known: Option<(Payment, Standing)> = None;
    loop {
        let answer = tokio::select! {
            answer = watch.next() => answer,
            () = expiry(known.as_ref().map(|(payment, _)| payment)) => None,
        };
        let payment = match answer {
            Some(Ok(answer)) => match answer.payment.map(Payment::read) {
                Some(Ok(payment)) => payment,
                Some(Err(_)) | None => return,
            },
            Some(Err(status)) => {
                tracing::info!(code = ?status.code(), "A watch of a payment ended");
                return;
            }
            None => match known.take() {
                Some((payment, standing))
                    if Standing::of(&payment, Timestamp::now()) != standing =>
                {
                    payment
                }
                _ => return,
            },
        };
        let standing = Standing::of(&payment, Timestamp::now());
        let is_over = payment.live(Timestamp::now()) != Live::Events;
        let is_news = known.as_ref().is_none_or(|(_, last)| *last != standing);
        if is_news && changes.send(Ok(standing.event())).await.is_err() {
            return;
        }
        if is_over {
            return;
        }
        known = Some((payment, standing));
    }
}

/// Waits until the code of the payment expires; for ever, where there is none or where it has expired.
async fn expiry(payment: Option<&Payment>) {
    let now = Timestamp::now();
    let left = payment
        .and_then(|payment| payment.expires_at)
        .filter(|expires_at| *expires_at > now)
        .and_then(|expires_at| Duration::try_from(expires_at.duration_since(now)).ok());
    match left.and_then(|left| Instant::now().checked_add(left)) {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
