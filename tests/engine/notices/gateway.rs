//! An SMS gateway: it writes down what it is asked, knows a repeat by its reference, and answers as the test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// How the gateway answers an order that it does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It takes it.
    Takes,
    /// It takes it, and the answer does not come until the test says so.
    TakesAndHangs,
    /// It takes nothing, with this status and word.
    Refuses(u16, &'static str),
    /// It answers with this status, and says the number back in all that it says.
    Echoes(u16),
}

/// One order, as often as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) reference: Uuid,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) times: usize,
}

#[derive(Debug)]
struct Shared {
    /// What people have.
    taken: watch::Sender<Vec<Order>>,
    /// What the next orders get, in order; then they are taken.
    answers: Mutex<VecDeque<Answer>>,
    gate: Semaphore,
    refused: Mutex<usize>,
}

/// A gateway on a port of its own.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    port: u16,
    shared: Arc<Shared>,
}

impl Gateway {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            taken: watch::Sender::new(vec![]),
            answers: Mutex::default(),
            gate: Semaphore::new(0),
            refused: Mutex::default(),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(super) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.shared.answers.lock().unwrap() = answers.into_iter().collect();
    }

    /// What people have.
    pub(super) fn taken(&self) -> Vec<Order> {
        self.shared.taken.borrow().clone()
    }

    pub(super) fn refused(&self) -> usize {
        *self.shared.refused.lock().unwrap()
    }

    /// Waits until so many are taken.
    pub(super) async fn takes(&self, count: usize) {
        let mut taken = self.shared.taken.subscribe();
        taken.wait_for(|taken| taken.len() >= count).await.unwrap();
    }

    /// Lets answers go that hang, now and later.
    pub(super) fn release(&self) {
        self.shared.gate.add_permits(1_000);
    }
}

/// The number in every field of an answer, where that is what is to come next.
fn echo(shared: &Shared, to: &str) -> Option<(StatusCode, Json<Value>)> {
    let mut answers = shared.answers.lock().unwrap();
    let Some(Answer::Echoes(status)) = answers.front().copied() else {
        return None;
    };
    answers.pop_front();
    let word = format!("unknown-{}", to.trim_start_matches('+'));
    let body = json!({"code": word, "providerReference": word, "message": to});
    Some((StatusCode::from_u16(status).unwrap(), Json(body)))
}

async fn take(
    State(shared): State<Arc<Shared>>,
    Json(order): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let text = |field: &str| order[field].as_str().unwrap().to_owned();
    let reference: Uuid = text("clientReference").parse().unwrap();
    if let Some(answer) = echo(&shared, &text("to")) {
        return answer;
    }
    let known = shared
        .taken
        .borrow()
        .iter()
        .any(|one| one.reference == reference);
    let answer = if known {
        Answer::Takes
    } else {
        let next = shared.answers.lock().unwrap().pop_front();
        next.unwrap_or(Answer::Takes)
    };
    if let Answer::Refuses(status, code) = answer {
        *shared.refused.lock().unwrap() += 1;
        let status = StatusCode::from_u16(status).unwrap();
        return (status, Json(json!({"code": code})));
    }
    shared.taken.send_modify(|taken| {
        let again = taken.iter_mut().find(|one| one.reference == reference);
        match again {
            Some(known) => known.times += 1,
            None => taken.push(Order {
                reference,
                to: text("to"),
                text: text("text"),
                times: 1,
            }),
        }
    });
    if answer == Answer::TakesAndHangs {
        shared.gate.acquire().await.unwrap().forget();
    }
    let body = json!({"providerReference": format!("P-{reference}")});
    (StatusCode::ACCEPTED, Json(body))
}
