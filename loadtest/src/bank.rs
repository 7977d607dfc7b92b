//! The collecting bank: booked credits, one a notice or several, signed as the bank channel asks.

mod gather;
mod notice;

pub(crate) use gather::Gathering;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use epay_rail_kit::channel::{Request, sign};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http_body_util::{BodyExt, Full};
use jiff::Timestamp;
use secrecy::SecretSlice;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service, ServiceExt};

use crate::house::CHANNEL_KEY_ID;

/// The door for notices.
const PATH: &str = "/rails/fps/notices";

/// Tries to be heard, and to hear, before a run is given up.
pub(crate) const TELLS_MAX: u32 = 200;
/// Between two of them, where nobody said how long.
pub(crate) const TELL_AGAIN: Duration = Duration::from_millis(200);

/// The bank's sending half.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    channel: Channel,
    secret: SecretSlice<u8>,
}

/// A credit on a department's account.
#[derive(Debug, Clone)]
pub(crate) struct Credit {
    /// Counts the bank's bookings.
    pub(crate) number: u64,
    pub(crate) account: Arc<str>,
    pub(crate) amount_minor: i64,
    pub(crate) bill_number: String,
    pub(crate) reference: String,
}

/// What the gateway said to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It has it.
    Acknowledged,
    /// It is too busy; come back, where it says so after this time.
    Later(Option<Duration>),
}

/// How a payer's bank tells of its credits.
#[derive(Debug, Clone)]
pub(crate) enum Teller {
    /// A notice each.
    Each(Bank),
    /// Several in one notice.
    Together(Gathering),
}

impl Teller {
    /// Done when the gateway has acknowledged the notice.
    pub(crate) async fn tell(&mut self, credit: Credit) -> Result<()> {
        match self {
            Self::Each(bank) => bank.tell(&[credit]).await,
            Self::Together(gathering) => gathering.tell(credit).await,
        }
    }
}

impl Bank {
    pub(crate) const fn new(channel: Channel, secret: SecretSlice<u8>) -> Self {
        Self { channel, secret }
    }

    /// Tells of credits in one notice, again where the gateway is too busy; done when it has acknowledged it.
    pub(crate) async fn tell(&mut self, credits: &[Credit]) -> Result<()> {
        for _ in 0..TELLS_MAX {
            match self.try_tell(credits).await? {
                Told::Acknowledged => return Ok(()),
                Told::Later(wait) => tokio::time::sleep(wait.unwrap_or(TELL_AGAIN)).await,
            }
        }
        bail!("the bank was not heard in {TELLS_MAX} tries")
    }

    /// Tells of credits in one notice; the gateway may be too busy to hear. The first one's number is the notice's.
    async fn try_tell(&mut self, credits: &[Credit]) -> Result<Told> {
        let number = credits.first().context("no credit")?.number;
        let now = Timestamp::now();
        let body = notice::of(number, credits, now);
        let covered = Request {
            method: "POST",
            path: PATH,
            body: body.as_bytes(),
        };
        let message_id = format!("LOAD-{number:012}");
        let secrets = std::slice::from_ref(&self.secret);
        let signed = sign(CHANNEL_KEY_ID, secrets, &message_id, &covered, now)?;
        let mut request = http::Request::post(PATH).header(CONTENT_TYPE, "application/xml");
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::new(Full::new(Bytes::from(body))))?;
        let answer = self.channel.ready().await?.call(request).await?;
        let (head, body) = answer.into_parts();
        if matches!(
            head.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            let wait = head.headers.get(RETRY_AFTER);
            let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
            return Ok(Told::Later(wait.map(Duration::from_secs)));
        }
        let body = body.collect().await.context("the answer")?.to_bytes();
        ensure!(
            head.status == StatusCode::ACCEPTED,
            "notice {message_id} was answered with {}: {}",
            head.status,
            String::from_utf8_lossy(&body)
        );
        Ok(Told::Acknowledged)
    }
}
