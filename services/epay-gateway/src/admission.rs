//! How many requests are in work at a time, and what becomes of those for which there is no room.
//!
//! They are turned away at once, because a queue would only hide the wait, and what they still say is read behind the answer. An
//! answer whose request is left unread has HTTP/2 reset its stream; a connection bears so many resets (hyper: 1,024 in its life) and
//! is then ended with everything that is under way on it. So a busy gateway would cut off the very banks and pages whom it tells to
//! come back. The same goes for whoever comes without a token that counts.
//!
//! Bounds: [`Limits::requests_max`](crate::config::Limits) in work; of each request that is refused [`UNREAD_BYTES_MAX`] are read, for
//! [`UNREAD_WAIT_MAX`] at most, and as many at a time as connections have streams. Nobody waits for that, and it takes no room.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode};
use tokio::sync::Semaphore;

use crate::web::problem::Problem;
use crate::{fault, surface};

/// Most bytes that are read of a request that is refused. Calls and notices have fewer; uploads may lose their connection.
const UNREAD_BYTES_MAX: usize = 64 * 1_024;
/// Longest wait for them.
const UNREAD_WAIT_MAX: Duration = Duration::from_secs(1);

/// The room that all doors share.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    room: Arc<Semaphore>,
}

impl Admission {
    pub(crate) fn new(requests_max: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(requests_max.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Serves the request where there is room; the place is held until the answer begins.
    async fn serve(&self, request: Request, next: Next) -> Result<Response, HeaderMap> {
        let Ok(_place) = self.room.try_acquire() else {
            let (head, body) = request.into_parts();
            read_away(body);
            return Err(head.headers);
        };
        Ok(next.run(request).await)
    }
}

/// For callers, who are answered in their own protocol.
pub(crate) async fn callers(
    State(admission): State<Admission>,
    request: Request,
    next: Next,
) -> Response {
    let served = admission.serve(request, next).await;
    served
        .unwrap_or_else(|headers| surface::answer(&headers, fault::overloaded(fault::RETRY_AFTER)))
}

/// For rails, by 503: banks' senders understand it better than 429.
pub(crate) async fn rails(
    State(admission): State<Admission>,
    request: Request,
    next: Next,
) -> Response {
    let words = "The gateway is busy. Nothing was stored; send the same message again.";
    let served = admission.serve(request, next).await;
    served.unwrap_or_else(|headers| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            words,
            &headers,
        )
        .retry_after(fault::RETRY_AFTER)
        .into_response()
    })
}

/// Reads what a request that is answered without it still says, while its answer goes out.
pub(crate) fn read_away(body: Body) {
    // It ends by itself, in UNREAD_WAIT_MAX at most.
    drop(tokio::spawn(read(body)));
}

async fn read(body: Body) {
    let mut unread = body.into_data_stream();
    let mut room = UNREAD_BYTES_MAX;
    let reading = async {
        while let Some(Ok(bytes)) = unread.next().await {
            let Some(left) = room.checked_sub(bytes.len()) else {
                break;
            };
            room = left;
        }
    };
    // What has not come by then is left where it is.
    let _late = tokio::time::timeout(UNREAD_WAIT_MAX, reading).await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use futures_util::stream;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_read_away_is_bounded_by_bytes_and_by_time() {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let endless = stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1_024]))
        });
        read(Body::from_stream(endless)).await;
        assert_eq!(taken.load(Ordering::Relaxed), 65);

        let began = Instant::now();
        let silent = stream::pending::<Result<Bytes, std::io::Error>>();
        read(Body::from_stream(silent)).await;
        assert_eq!(began.elapsed(), UNREAD_WAIT_MAX);
    }
}
