//! The departments' bank as the sandbox plays it, over real sockets: it takes our orders, and its notices come to a door that
//! verifies the bank channel before anything is believed.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use epay_pg::testing::TestDatabase;
use epay_rail_kit::channel::{self, KeyRing, TOLERANCE_SECONDS};
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::server::Server;
use jiff::Timestamp;
use secrecy::{SecretSlice, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::house::{CHANNEL_KEY, CHANNEL_SECRET, House};

const DEMO: &str = include_str!("../../deploy/demo/sandbox.toml");

/// How long a bank that was given an order may be silent. Nothing waits that long but a test that would hang.
const SILENCE_MAX: std::time::Duration = std::time::Duration::from_mins(1);

/// A message that was found genuine: the sender's name for it, and its body.
type Told = (String, String);

/// The bank.
pub(crate) struct PayeeBank {
    url: String,
    http: reqwest::Client,
    told: UnboundedReceiver<Told>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
    /// Bodies of all messages so far.
    pub(crate) heard: Vec<String>,
}

impl PayeeBank {
    pub(crate) async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let (heard, told) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = format!("http://{}", listener.local_addr().unwrap());
        let door = Router::new().fallback(hear).with_state(heard);
        tokio::spawn(async move { axum::serve(listener, door).await.unwrap() });
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some(gateway),
            channel_key_id: Some(CHANNEL_KEY.to_owned()),
            ..Overrides::default()
        };
        let mut config = Config::read(DEMO, overrides).unwrap();
        let of_bank = |name: &str| ["payouts", "statements"].contains(&name);
        config.counterparties.retain(|name, _| of_bank(name));
        let secret = SecretString::from(CHANNEL_SECRET);
        let server = Server::bind(config, secret).await.unwrap();
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        Self {
            url,
            http: reqwest::Client::new(),
            told,
            stop,
            serving,
            database,
            heard: Vec::new(),
        }
    }

    /// The rails' settings with this bank.
    pub(crate) fn rails(&self) -> String {
        let door = format!("{}/payouts", self.url);
        format!("[fps]\npayout_url = '{door}/orders'\nrecall_url = '{door}/investigations'")
    }

    pub(crate) async fn close(self) {
        drop(self.http);
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }

    /// Hands the next message to the gateway, and waits until it is booked.
    pub(crate) async fn tell(&mut self, house: &mut House) {
        // An end of the time is an `Err` here: the bank says nothing more, and the test waits for a word.
        let next = tokio::time::timeout(SILENCE_MAX, self.told.recv()).await;
        let (id, body) = next.unwrap().unwrap();
        house.receive(&id, &body).await.unwrap();
        house.settle().await;
        self.heard.push(body);
    }

    /// Hands over everything that was said up to now.
    pub(crate) async fn tell_rest(&mut self, house: &mut House) {
        // One message at least: what was just done is being told.
        self.tell(house).await;
        while let Ok((id, body)) = self.told.try_recv() {
            house.receive(&id, &body).await.unwrap();
            house.settle().await;
            self.heard.push(body);
        }
    }

    /// A payer pays a reference from another bank, so many times.
    pub(crate) async fn pay(&self, reference: &str, cents: i64, times: usize) {
        let once = json!({ "fps_id": "999900201", "amount_cents": cents, "reference": reference });
        let list = json!({ "instructions": vec![once; times] });
        self.post("/api/pay-many", &list).await;
    }

    pub(crate) async fn fault(&self, fault: &str) {
        let order = json!({ "rail": "fps-payout", "fault": fault });
        self.post("/api/faults", &order).await;
    }

    /// The statement of an account since the last one, as camt.053; with a fault, if one is given.
    pub(crate) async fn statement(&self, account: &str, fault: Option<&str>) -> String {
        if let Some(fault) = fault {
            let order = json!({ "rail": "statement", "fault": fault });
            self.post("/api/faults", &order).await;
        }
        let asked = json!({ "account": account });
        let made = self.post("/statements/api/make", &asked).await;
        let names = made["files"].as_array().unwrap().iter();
        let mut names = names.filter_map(|name| name.as_str());
        let name = names.find(|name| name.ends_with(".xml"));
        let path = format!("/statements/api/files/{}", name.unwrap());
        self.page(&path).await
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        let moved = json!({ "advance_seconds": seconds });
        self.post("/api/clock", &moved).await;
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.url));
        request.send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.url));
        request.send().await.unwrap().text().await.unwrap()
    }

    /// What an account of the bank holds, in cents.
    pub(crate) async fn balance(&self, account: &str) -> i64 {
        let accounts = self.get("/api/books/accounts").await;
        let rows = accounts["accounts"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["account"] == account);
        row.unwrap()["balance_cents"].as_i64().unwrap()
    }
}

async fn hear(
    State(heard): State<UnboundedSender<Told>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let secret = SecretSlice::from(CHANNEL_SECRET.as_bytes().to_vec());
    let ring = KeyRing::new([(CHANNEL_KEY.to_owned(), vec![secret])]).unwrap();
    let target = uri.to_string();
    let request = channel::Request {
        method: "POST",
        path: &target,
        body: &body,
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let verified = channel::verify(&ring, header, &request, Timestamp::now(), TOLERANCE_SECONDS);
    let Ok(genuine) = verified else {
        return StatusCode::UNAUTHORIZED;
    };
    let body = String::from_utf8(body.to_vec()).unwrap();
    heard.send((genuine.message_id, body)).unwrap();
    StatusCode::NO_CONTENT
}
