//! A receiver: it writes down what it hears, and answers as the test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_engine::WebhookEndpointView;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    headers: HeaderMap,
    text: String,
}

/// How the sink answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With a status and a text.
    Status(u16, String),
    /// To look elsewhere.
    Elsewhere(String),
    /// When [`Sink::release`] is called.
    Later,
}

#[derive(Debug)]
struct Shared {
    heard: watch::Sender<Vec<Heard>>,
    /// What the next calls get, in order; the last one stays.
    answers: Mutex<VecDeque<Answer>>,
    gate: Semaphore,
}

/// A receiver on a port of its own.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    port: u16,
    shared: Arc<Shared>,
}

impl Sink {
    /// One that takes everything.
    pub(crate) async fn open() -> Self {
        Self::answering([Answer::Status(204, String::new())]).await
    }

    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            heard: watch::Sender::new(vec![]),
            answers: Mutex::new(answers.into_iter().collect()),
            gate: Semaphore::new(0),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.shared.answers.lock().unwrap() = answers.into_iter().collect();
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.shared.heard.borrow().clone()
    }

    /// Waits until so many calls have come.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Heard> {
        let mut heard = self.shared.heard.subscribe();
        heard
            .wait_for(|heard| heard.len() >= count)
            .await
            .unwrap()
            .clone()
    }

    /// Lets calls that wait, now or later, have their answer.
    pub(crate) fn release(&self) {
        self.shared.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    shared
        .heard
        .send_modify(|heard| heard.push(Heard { headers, text }));
    let answer = {
        let mut answers = shared.answers.lock().unwrap();
        let next = answers.front().cloned().unwrap();
        if answers.len() > 1 {
            answers.pop_front();
        }
        next
    };
    match answer {
        Answer::Status(status, text) => {
            (StatusCode::from_u16(status).unwrap(), text).into_response()
        }
        Answer::Elsewhere(url) => (StatusCode::FOUND, [("location", url)]).into_response(),
        Answer::Later => {
            let _passed = shared.gate.acquire().await.unwrap();
            StatusCode::OK.into_response()
        }
    }
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn event_type(&self) -> String {
        self.body()["type"].as_str().unwrap().to_owned()
    }

    pub(crate) fn signatures(&self) -> usize {
        self.header("webhook-signature").split(' ').count()
    }
}

/// How many keys of an endpoint, as its department holds them, have signed a call in both ways; a key whose secret is not
/// in the view is judged by its public half. Not the sender's own code.
pub(crate) fn verified(heard: &Heard, view: &WebhookEndpointView) -> usize {
    let (id, at) = (
        heard.header("webhook-id"),
        heard.header("webhook-timestamp"),
    );
    let text = format!("{id}.{at}.{}", heard.text);
    let header = heard.header("webhook-signature");
    let of = |version: &str| -> Vec<Vec<u8>> {
        let signatures = header.split(' ').filter_map(|one| one.split_once(','));
        signatures
            .filter(|(known, _)| *known == version)
            .map(|(_, signature)| STANDARD.decode(signature).unwrap())
            .collect()
    };
    let believed = |key: &&epay_engine::WebhookKeyView| {
        let public = STANDARD
            .decode(key.public_key.strip_prefix("whpk_").unwrap())
            .unwrap();
        let public = UnparsedPublicKey::new(&ED25519, public);
        let by_public = of("v1a")
            .iter()
            .any(|signature| public.verify(text.as_bytes(), signature).is_ok());
        let by_shared = key.secret.as_ref().is_none_or(|secret| {
            let secret = secret.expose_secret().strip_prefix("whsec_").unwrap();
            let secret = STANDARD.decode(secret).unwrap();
            of("v1").iter().any(|signature| {
                let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
                mac.update(text.as_bytes());
                mac.verify_slice(signature).is_ok()
            })
        });
        by_public && by_shared
    };
    view.keys.iter().filter(believed).count()
}
