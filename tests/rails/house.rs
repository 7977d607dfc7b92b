//! A sandbox with books of its own, a door for what it tells, and a transport to it.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use epay_money::RailId;
use epay_pg::testing::TestDatabase;
use epay_rail::{
    Ask, Collect, Decoded, Door, Header, Inbound, NotGenuine, Order, Outbound, Question, Rail,
    Unverified,
};
use epay_rail_kit::channel::{self, KeyRing, TOLERANCE_SECONDS};
use epay_rail_kit::transport::{Sent, Transport};
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use jiff::Timestamp;
use secrecy::{SecretSlice, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const SANDBOX: &str = include_str!("../../deploy/demo/sandbox.toml");
const CHANNEL: &str = "a-secret-for-tests-of-32-bytes-x";

/// A message that the sandbox posted.
#[derive(Debug)]
pub(crate) struct Told {
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The sandbox and everything around it.
pub(crate) struct House {
    pub(crate) url: String,
    pub(crate) gateway: String,
    pub(crate) http: reqwest::Client,
    transport: Transport,
    told: UnboundedReceiver<Told>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
}

impl House {
    /// Opens a sandbox whose secrets are these beside the channel's.
    pub(crate) async fn open(secrets: &[(&str, &str)]) -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let (gateway, told) = listen().await;
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some(gateway.clone()),
            ..Overrides::default()
        };
        let config = Config::read(SANDBOX, overrides).unwrap();
        let mut known = Secrets::from(SecretString::from(CHANNEL));
        for (name, secret) in secrets {
            known = known.with(name, secret);
        }
        let server = Server::bind(config, known).await.unwrap();
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            url,
            gateway,
            http,
            transport: Transport::new(BTreeMap::new()).unwrap(),
            told,
            stop,
            serving,
            database,
        }
    }

    /// Stops the sandbox and drops its database.
    pub(crate) async fn close(self) {
        drop(self.http);
        drop(self.transport);
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }

    /// Sends an order, and reads the answer if there is one.
    pub(crate) async fn send(&self, rail: &dyn Rail, order: &Order) -> Answer {
        let Outbound::Call(call) = rail.encode(order).unwrap() else {
            panic!("{order:?} is no call");
        };
        let key = &order.header.key;
        match self.transport.send(rail.profile(), &call, key).await {
            Sent::Replied {
                status,
                headers,
                body,
            } => {
                let at = self.now().await;
                let unverified = Unverified {
                    door: Door::Reply { order, status },
                    headers: &headers,
                    body: &body,
                    received_at: at,
                };
                rail.authenticate(&unverified).unwrap();
                let inbound = Inbound::reply(order, status, &body, at);
                Answer::Read(rail.decode(&inbound).unwrap())
            }
            Sent::Unknown(_why) => Answer::Unknown,
            Sent::NotSent(why) => panic!("not sent: {why}"),
        }
    }

    /// The next thing that the sandbox told of its own accord, judged as a gateway does: by the rail's own proof, else by the
    /// bank channel.
    pub(crate) async fn next(&mut self, rail: &dyn Rail) -> Result<Heard, NotGenuine> {
        let told = self.told.recv().await.unwrap();
        let at = self.now().await;
        let unverified = Unverified {
            door: Door::Notice {
                target: &told.target,
            },
            headers: &told.headers,
            body: &told.body,
            received_at: at,
        };
        let message_id = match rail.authenticate(&unverified) {
            Ok(genuine) => genuine.message_id,
            Err(NotGenuine::NoDoor) => by_channel(&told),
            Err(why) => return Err(why),
        };
        let decoded = rail.decode(&Inbound::notice(&told.body, at)).unwrap();
        Ok(Heard {
            message_id,
            decoded,
        })
    }

    /// What the sandbox told and nobody has asked for yet.
    pub(crate) fn untold(&mut self) -> usize {
        self.told.len()
    }

    /// What time it is in the sandbox.
    pub(crate) async fn now(&self) -> Timestamp {
        let state = self.get("/api/clock").await;
        state["now"].as_str().unwrap().parse().unwrap()
    }

    /// Moves the sandbox's clock; all work that falls due on the way is done.
    pub(crate) async fn advance(&self, seconds: i64) {
        self.post("/api/clock", &json!({ "advance_seconds": seconds }))
            .await;
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.url));
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn delete(&self, path: &str) {
        let request = self.http.delete(format!("{}{path}", self.url));
        let status = request.send().await.unwrap().status();
        assert!(status.is_success(), "{path}: {status}");
    }
}

/// What became of an order.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a test has a handful of answers")]
pub(crate) enum Answer {
    /// The rail answered, and this is what it said.
    Read(Decoded),
    /// It may have acted.
    Unknown,
}

impl Answer {
    pub(crate) fn read(self) -> Decoded {
        match self {
            Self::Read(decoded) => decoded,
            Self::Unknown => panic!("there is no answer"),
        }
    }
}

/// A message that was found genuine.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) message_id: String,
    pub(crate) decoded: Decoded,
}

/// Verifies the bank channel's signature, and gives the message's id.
fn by_channel(told: &Told) -> String {
    let secret = SecretSlice::from(CHANNEL.as_bytes().to_vec());
    let ring = KeyRing::new([("sandbox-bank-1".to_owned(), vec![secret])]).unwrap();
    let request = channel::Request {
        method: "POST",
        path: &told.target,
        body: &told.body,
    };
    let header = |name: &str| {
        let mut values = told.headers.iter().filter(|(given, _)| given == name);
        values.next().map(|(_, value)| value.as_str())
    };
    let now = Timestamp::now();
    let verified = channel::verify(&ring, header, &request, now, TOLERANCE_SECONDS);
    verified.unwrap().message_id
}

/// A door that takes everything.
async fn listen() -> (String, UnboundedReceiver<Told>) {
    let (heard, told) = unbounded_channel();
    let router = Router::new().fallback(hear).with_state(heard);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, told)
}

async fn hear(
    State(heard): State<UnboundedSender<Told>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let told = Told {
        target: uri.to_string(),
        headers,
        body: body.to_vec(),
    };
    heard.send(told).unwrap();
    StatusCode::OK
}

/// An order about a collection, under a key of its own.
pub(crate) fn order(collect: &Collect, key: &str, ask: Ask, kept: Option<&str>) -> Order {
    Order {
        header: Header {
            key: format!("{}-{key}", collect.reference),
            at: Timestamp::now(),
            nonce: [0; 16],
            kept: kept.map(str::to_owned),
            bearer: None,
        },
        collect: collect.clone(),
        ask,
    }
}

/// The question what became of a collection.
pub(crate) const fn whole() -> Ask {
    Ask::Query(Question::Collection)
}

pub(crate) fn rail_id(text: &str) -> RailId {
    RailId::new(text).unwrap()
}
