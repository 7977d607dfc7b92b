//! Posts notices until each is acknowledged.
//!
//! One task for all counterparties: claim what is due, post up to [`IN_FLIGHT_MAX`] at once, record each outcome, sleep until the next is due or new
//! rows wake it. A failed attempt comes back after a delay that doubles from [`BACKOFF_MS_FIRST`] to
//! [`BACKOFF_MS_MAX`]; there is no last attempt, because a booked credit stays true. On shutdown it claims no more and
//! waits for the posts on the way, each bounded by `ANSWER_SECONDS_MAX`.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::CONTENT_TYPE;
use thiserror::Error;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::books::{BooksError, DueNotice, Outcome};
use crate::counterparties::Opened;
use crate::frame::{Attempt, Frame, Header};

/// Posts on the way at once: enough to keep a gateway busy that gathers notices before it acknowledges them, few enough for its connection limit.
pub const IN_FLIGHT_MAX: usize = 64;

/// The delay after the first failed attempt.
pub const BACKOFF_MS_FIRST: i64 = 100;

/// The longest delay between attempts: short, so that a restarted gateway hears the news soon.
pub const BACKOFF_MS_MAX: i64 = 5_000;

/// How long an answer may take.
const ANSWER_SECONDS_MAX: u64 = 10;

/// How much of an answer is read: enough for the word that a counterparty looks for.
const ANSWER_BYTES_MAX: usize = 4_096;

/// The pause after the database did not answer.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Why there is no sender.
#[derive(Debug, Error)]
pub enum SenderError {
    /// The HTTP client cannot be built.
    #[error("the channel's HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
    /// The gateway's URL has no place for a path.
    #[error("the gateway URL cannot carry the notices path")]
    GatewayUrl,
}

/// The sending half of the channel.
#[derive(Debug, Clone)]
pub struct Sender {
    frame: Frame,
    counterparties: Opened,
    client: reqwest::Client,
    base: String,
}

/// The posts on the way.
struct Flight {
    posts: JoinSet<()>,
    message_ids: HashMap<Id, String>,
    /// Whether rows may be marked as on the way that are not: at the start, after a claim whose answer was lost, after a panic.
    in_doubt: bool,
}

impl Flight {
    fn land(&mut self, landed: Result<(Id, ()), JoinError>) {
        let id = match landed {
            Ok((id, ())) => id,
            Err(error) => {
                self.in_doubt = true;
                error.id()
            }
        };
        self.message_ids.remove(&id);
    }
}

impl Sender {
    /// Prepares a sender to the configured gateway.
    ///
    /// # Errors
    /// [`SenderError`] when the URL or the client will not do.
    pub(crate) fn new(frame: Frame, counterparties: Opened) -> Result<Self, SenderError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SenderError::Client)?;
        let base = frame.config.gateway_url.trim_end_matches('/').to_owned();
        reqwest::Url::parse(&format!("{base}/rails"))
            .ok()
            .ok_or(SenderError::GatewayUrl)?;
        Ok(Self {
            frame,
            counterparties,
            client,
            base,
        })
    }

    /// Runs until `stop` is cancelled, then drains.
    pub async fn run(self, stop: CancellationToken) {
        let mut flight = Flight {
            posts: JoinSet::new(),
            message_ids: HashMap::new(),
            in_doubt: true,
        };
        while !stop.is_cancelled() {
            let pause = match self.fill(&mut flight, &stop).await {
                Ok(pause) => pause,
                Err(error) => {
                    warn!(error = %chain(&error), "The books did not answer; notices wait");
                    flight.in_doubt = true;
                    Some(STORE_PAUSE)
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                Some(landed) = flight.posts.join_next_with_id(), if !flight.posts.is_empty() => flight.land(landed),
                () = self.frame.wake_sender.notified() => {}
                () = sleep_or_forever(pause) => {}
            }
        }
        while flight.posts.join_next().await.is_some() {}
    }

    /// Claims as many notices as there is room for, and says how long until another is due.
    async fn fill(
        &self,
        flight: &mut Flight,
        stop: &CancellationToken,
    ) -> Result<Option<Duration>, BooksError> {
        let (books, now) = (&self.frame.books, self.frame.now());
        if flight.in_doubt {
            let on_the_way: Vec<&str> = flight.message_ids.values().map(String::as_str).collect();
            books.resume_notices(&on_the_way, now).await?;
            flight.in_doubt = false;
        }
        let room = IN_FLIGHT_MAX.saturating_sub(flight.posts.len());
        if room == 0 {
            return Ok(None);
        }
        let due = books.claim_notices(room, now).await?;
        let all_claimed = due.len() < room;
        for notice in due {
            let (sender, stop, message_id) =
                (self.clone(), stop.clone(), notice.message_id.clone());
            let post = flight
                .posts
                .spawn(async move { sender.post_and_record(notice, stop).await });
            flight.message_ids.insert(post.id(), message_id);
        }
        if !all_claimed {
            // The room is used up; the next finished post makes some.
            return Ok(None);
        }
        let next = books.next_notice_at(now).await?;
        Ok(next.map(|at| {
            Duration::try_from(at.duration_since(self.frame.now())).unwrap_or(Duration::ZERO)
        }))
    }

    async fn post_and_record(&self, notice: DueNotice, stop: CancellationToken) {
        let outcome = self.post(&notice).await;
        // An outcome that cannot be recorded is tried until it can; at a stop the row stays `sending`, and the next start sends
        // it again under the same id.
        while let Err(error) = self
            .frame
            .books
            .settle_notice(&notice.message_id, &outcome)
            .await
        {
            warn!(error = %chain(&error), message.id = notice.message_id, "An outcome could not be recorded yet");
            if stop
                .run_until_cancelled(tokio::time::sleep(STORE_PAUSE))
                .await
                .is_none()
            {
                return;
            }
        }
        // A delivered notice may let the next of its group go.
        self.frame.wake_sender.notify_one();
    }

    async fn post(&self, notice: &DueNotice) -> Outcome {
        let mut request = self
            .client
            .post(format!("{}{}", self.base, notice.path))
            .header(CONTENT_TYPE, &notice.content_type)
            .body(notice.body.clone());
        for (name, value) in self.headers(notice) {
            request = request.header(name, value);
        }
        let (delivered, answer) = match request.send().await {
            Ok(response) => self.judge(notice, response).await,
            Err(error) => (false, chain(&error.without_url())),
        };
        let now = self.frame.now();
        if delivered {
            info!(
                message.id = notice.message_id,
                "Notice {} is delivered", notice.message_id
            );
            return Outcome::Delivered { answer, at: now };
        }
        let own = self
            .counterparties
            .get(notice.counterparty.as_str())
            .and_then(|counterparty| counterparty.pause_ms(notice.attempts));
        let pause = SignedDuration::from_millis(own.unwrap_or_else(|| backoff_ms(notice.attempts)));
        info!(
            message.id = notice.message_id,
            answer, "Notice {} is not delivered yet", notice.message_id
        );
        Outcome::Failed {
            answer,
            next_attempt_at: now.saturating_add(pause).unwrap_or(now),
        }
    }

    /// What proves the notice: its counterparty's own signature, else the channel's.
    fn headers(&self, notice: &DueNotice) -> Vec<Header> {
        // The machine's time, because the receiver compares it with its own and allows a few minutes.
        let machine_now = Timestamp::now();
        let attempt = Attempt {
            message_id: &notice.message_id,
            path: &notice.path,
            body: notice.body.as_bytes(),
            extra: &notice.extra,
            machine_now,
        };
        let own = self
            .counterparties
            .get(notice.counterparty.as_str())
            .and_then(|counterparty| counterparty.sign(&attempt));
        own.unwrap_or_else(|| {
            self.frame
                .channel
                .sign(
                    machine_now.as_second(),
                    attempt.message_id,
                    attempt.path,
                    attempt.body,
                )
                .pairs()
        })
    }

    /// Whether the answer counts as delivered, and what it was.
    async fn judge(&self, notice: &DueNotice, mut response: reqwest::Response) -> (bool, String) {
        let status = response.status();
        let Some(counterparty) = self.counterparties.get(notice.counterparty.as_str()) else {
            return (status.is_success(), status.as_u16().to_string());
        };
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                break;
            }
        }
        let delivered = counterparty.delivered(status.as_u16(), &body);
        (delivered, status.as_u16().to_string())
    }
}

/// The delay after the given number of attempts.
fn backoff_ms(attempts: u32) -> i64 {
    let doubled = 1_i64
        .checked_shl(attempts.saturating_sub(1).min(16))
        .unwrap_or(i64::MAX);
    BACKOFF_MS_FIRST.saturating_mul(doubled).min(BACKOFF_MS_MAX)
}

pub(crate) async fn sleep_or_forever(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// An error with its sources, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_bound() {
        let rows = [
            (1, 100),
            (2, 200),
            (3, 400),
            (6, 3_200),
            (7, 5_000),
            (1_000_000, 5_000),
        ];
        for (attempts, expected) in rows {
            assert_eq!(backoff_ms(attempts), expected, "{attempts}");
        }
    }
}
