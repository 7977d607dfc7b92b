//! A card acquirer that remembers what it was asked: the payer has approved, and the first capture is done and never
//! answered, so that whoever asked for it can be killed at exactly that moment.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

const CREATED: &str = "2026-01-20T15:45:20.120Z";

/// What it knows of its one order.
#[derive(Debug, Default)]
struct Order {
    /// As the merchant wrote it: `3720.00`.
    amount: Value,
    /// Ids of captures that it was asked for, repeats included.
    captures: Vec<String>,
    /// Questions that were asked after the first capture.
    questions: usize,
}

#[derive(Debug)]
struct Desk {
    order: Mutex<Order>,
    captured: watch::Sender<usize>,
}

impl Desk {
    fn order<T>(&self, look: impl FnOnce(&mut Order) -> T) -> T {
        look(&mut self.order.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// It, listening on this machine until the test ends.
#[derive(Debug)]
pub(crate) struct Acquirer {
    pub(crate) url: String,
    desk: Arc<Desk>,
}

impl Acquirer {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            order: Mutex::new(Order::default()),
            captured: watch::Sender::new(0),
        });
        let merchant = "/api/rest/version/100/merchant/{merchant}";
        let order = format!("{merchant}/order/{{order}}");
        let router = Router::new()
            .route(&format!("{merchant}/session"), post(begin))
            .route(&order, get(retrieve))
            .route(&format!("{order}/transaction/{{id}}"), put(capture))
            .with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, desk })
    }

    /// Waits until the first capture is done; its answer will never come.
    pub(crate) async fn captured(&self) -> anyhow::Result<()> {
        let mut captured = self.desk.captured.subscribe();
        captured.wait_for(|count| *count > 0).await?;
        Ok(())
    }

    /// Every capture that was asked for, and the questions after the first.
    pub(crate) fn asked(&self) -> (Vec<String>, usize) {
        self.desk
            .order(|order| (order.captures.clone(), order.questions))
    }
}

async fn begin(
    State(desk): State<Arc<Desk>>,
    Path(merchant): Path<String>,
    Json(asked): Json<Value>,
) -> Json<Value> {
    let amount = asked.pointer("/order/amount").cloned();
    desk.order(|order| order.amount = amount.unwrap_or_default());
    Json(json!({
        "checkoutMode": "WEBSITE",
        "merchant": merchant,
        "result": "SUCCESS",
        "session": {"id": "SESSION0002776555072F1187121H61", "updateStatus": "SUCCESS", "version": "74450b9d01"},
        "successIndicator": "a7c3f1e29b0d4c55",
    }))
}

/// The order with its transactions: authorised, and captured once it was.
async fn retrieve(
    State(desk): State<Arc<Desk>>,
    Path((merchant, order)): Path<(String, String)>,
) -> Json<Value> {
    let (amount, captures) = desk.order(|known| {
        if !known.captures.is_empty() {
            known.questions += 1;
        }
        (known.amount.clone(), known.captures.clone())
    });
    let status = if captures.is_empty() {
        "AUTHORIZED"
    } else {
        "CAPTURED"
    };
    let of = (merchant.as_str(), order.as_str(), &amount, status);
    let mut all = vec![transaction(of, "1", "AUTHORIZATION")];
    all.extend(captures.iter().map(|id| transaction(of, id, "CAPTURE")));
    Json(json!({
        "id": order, "merchant": merchant, "amount": amount, "currency": "HKD", "creationTime": CREATED,
        "status": status, "result": "SUCCESS", "transaction": all,
    }))
}

/// Takes the money and says nothing: whoever asked waits until it, or the call, is dead.
async fn capture(
    State(desk): State<Arc<Desk>>,
    Path((_merchant, _order, id)): Path<(String, String, String)>,
) -> Json<Value> {
    let count = desk.order(|order| {
        order.captures.push(id);
        order.captures.len()
    });
    desk.captured.send_replace(count);
    std::future::pending().await
}

fn transaction(
    (merchant, order, amount, status): (&str, &str, &Value, &str),
    id: &str,
    kind: &str,
) -> Value {
    json!({
        "merchant": merchant,
        "result": "SUCCESS",
        "response": {"gatewayCode": "APPROVED", "acquirerCode": "00", "acquirerMessage": "approved"},
        "transaction": {"id": id, "type": kind, "amount": amount, "currency": "HKD"},
        "timeOfRecord": "2026-01-20T15:45:30.120Z",
        "version": "100",
        "order": {"id": order, "amount": amount, "currency": "HKD", "creationTime": CREATED, "status": status},
    })
}
