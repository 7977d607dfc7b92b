//! The gateway's end of the channel: checks each signature by its own code and answers from a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::code::Code;
use super::{KEY_ID, SECRET};

/// One attempt as it arrived, with a good signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) message_id: String,
    pub(crate) body: String,
    pub(crate) answered: u16,
}

impl Attempt {
    /// The text of the first element of a name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0)
    }
}

/// A receiver; attempts are taken by [`next`](Receiver::next) in the order of arrival.
pub(crate) struct Receiver {
    pub(crate) url: String,
    attempts: UnboundedReceiver<Attempt>,
}

#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<u16>>>,
    then: u16,
    heard: UnboundedSender<Attempt>,
}

impl Receiver {
    /// Answers with `first` in turn, then always with `then`.
    pub(crate) async fn start(first: &[u16], then: u16) -> Self {
        let (heard, attempts) = unbounded_channel();
        let script = Script {
            answers: Arc::new(Mutex::new(first.iter().copied().collect())),
            then,
            heard,
        };
        let router = Router::new()
            .route("/rails/fps/notices", post(hear))
            .route(
                "/codes/bill.png",
                get(async || ([(header::CONTENT_TYPE, "image/png")], Code::bill().png())),
            )
            .route(
                "/codes/away.png",
                get(async || (StatusCode::FOUND, [(header::LOCATION, "/codes/bill.png")])),
            )
            .with_state(script);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, attempts }
    }

    /// The next attempt, as soon as it arrives.
    pub(crate) async fn next(&mut self) -> Attempt {
        self.attempts.recv().await.unwrap()
    }

    /// Attempts that have arrived and were not taken.
    pub(crate) fn left(&mut self) -> usize {
        let mut count = 0;
        while self.attempts.try_recv().is_ok() {
            count += 1;
        }
        count
    }
}

async fn hear(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (key, timestamp) = (header("epay-channel-key"), header("epay-channel-timestamp"));
    let message_id = header("epay-channel-message-id");
    assert_eq!(key, KEY_ID);
    assert_eq!(header("content-type"), "application/xml");
    let age = jiff::Timestamp::now().as_second() - timestamp.parse::<i64>().unwrap();
    assert!((0..=60).contains(&age), "the timestamp is fresh");
    let lines = [
        "EPAY-CHANNEL-V1",
        &key,
        &timestamp,
        &message_id,
        "POST /rails/fps/notices",
        &hex::encode(Sha256::digest(&body)),
    ];
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(lines.join("\n").as_bytes());
    let expected = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(header("epay-channel-signature"), expected);
    let answered = script
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or(script.then);
    let body = String::from_utf8(body.to_vec()).unwrap();
    script
        .heard
        .send(Attempt {
            message_id,
            body,
            answered,
        })
        .ok();
    StatusCode::from_u16(answered).unwrap()
}
