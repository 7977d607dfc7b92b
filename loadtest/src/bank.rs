//! The collecting bank: booked credits, one a notice or several, signed as the bank channel asks.

mod gather;
mod notice;

pub(crate) use gather::Gathering;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
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
pub(crate) enum Told {
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
            Self::Each(bank) => bank.tell_all(&[credit]).await,
            Self::Together(gathering) => gathering.tell(credit).await,
        }
    }
}

impl Bank {
    pub(crate) const fn new(channel: Channel, secret: SecretSlice<u8>) -> Self {
        Self { channel, secret }
    }

    /// Tells of credits in one notice; done when the gateway has acknowledged it.
    pub(crate) async fn tell_all(&mut self, credits: &[Credit]) -> Result<()> {
        let told = self.try_tell(credits).await?;
        ensure!(
            told == Told::Acknowledged,
            "the gateway was too busy for a notice"
        );
        Ok(())
    }

    /// Tells of credits in one notice; the gateway may be too busy to hear. The first one's number is the notice's.
    pub(crate) async fn try_tell(&mut self, credits: &[Credit]) -> Result<Told> {
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
