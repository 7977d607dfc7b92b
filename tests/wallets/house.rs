//! A sandbox with wallets, the rails opened against it, a transport between them, and the door that notices come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use epay_money::{Money, RailId};
use epay_pg::testing::TestDatabase;
use epay_rail::{
    Ask, Collect, Decoded, Door, Finding, Genuine, Header, Inbound, NotGenuine, Order, OrderKind,
    Outbound, Question, Rail, Refund, Report, Unverified,
};
use epay_rail_kit::transport::{Sent, Transport};
use epay_rails::Registry;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const DEMO: &str = include_str!("../../deploy/demo/sandbox.toml");
const CHANNEL_SECRET: &str = "a-secret-for-tests-of-32-bytes-x";
const OURS: &str = include_str!("../../adapters/rail-wallet/tests/keys/ours.pem");
const OURS_PUBLIC: &str = include_str!("../../adapters/rail-wallet/tests/keys/ours.pub.pem");
const PLATFORM: &str = include_str!("../../adapters/rail-wallet/tests/keys/platform.pem");
const PLATFORM_PUBLIC: &str =
    include_str!("../../adapters/rail-wallet/tests/keys/platform.pub.pem");
const NEXT: &str = include_str!("../../adapters/rail-wallet/tests/keys/platform-next.pem");
const NEXT_PUBLIC: &str =
    include_str!("../../adapters/rail-wallet/tests/keys/platform-next.pub.pem");
const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEXT_SECRET: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const API_V3_KEY: &str = "TEST-APIv3-key-of-32-characters!";

/// Every wallet: rail, and its merchant for rates.
pub(crate) const WALLETS: [(&str, &str); 4] = [
    ("wechat", "1999000201"),
    ("alipay", "M-TEST-201"),
    ("payme", "PM-TEST-201"),
    ("octopus", "OCT-TEST-201"),
];

/// A notice as the rail read it.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) rail: String,
    pub(crate) genuine: Result<Genuine, NotGenuine>,
    pub(crate) decoded: Decoded,
}

#[derive(Clone)]
struct DoorState {
    rails: Arc<Registry>,
    heard: UnboundedSender<Heard>,
}

pub(crate) struct House {
    pub(crate) rails: Arc<Registry>,
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    transport: Transport,
    heard: UnboundedReceiver<Heard>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
}

fn tables(url: &str, door: &str) -> toml::Table {
    let notify = |rail: &str| format!("{door}/rails/{rail}/notices");
    let address = |rail: &str| format!("{url}/wallets/{rail}");
    format!(
        "[wechat]\nurl = '{}'\nsp_appid = 'wx1'\nsp_mchid = '1999000109'\nserial_no = '5157'\nnotify_url = '{}'\n\
         api_v3_key = '{API_V3_KEY}'\nprivate_key = '''\n{OURS}'''\n\
         [wechat.platform_keys]\nPUB_KEY_ID_TEST_01 = '''\n{PLATFORM_PUBLIC}'''\nPUB_KEY_ID_TEST_02 = '''\n{NEXT_PUBLIC}'''\n\
         [alipay]\nurl = '{}'\nclient_id = 'SANDBOX_TEST_0001'\nnotify_url = '{}'\nprivate_key = '''\n{OURS}'''\n\
         [alipay.alipay_keys]\n1 = '''\n{PLATFORM_PUBLIC}'''\n2 = '''\n{NEXT_PUBLIC}'''\n\
         [payme]\nurl = '{}'\nclient_id = 'epay-demo'\nclient_secret = 'test-client-secret'\nnotify_url = '{}'\n\
         signing_key_id = 'demo-1'\n[payme.signing_keys]\ndemo-1 = '{SECRET}'\ndemo-2 = '{NEXT_SECRET}'\n\
         [octopus]\nurl = '{}'\nnotify_url = '{}'\napi_key = 'test-api-key'\n\
         [octopus.webhook_secrets]\nfirst = '{SECRET}'\nnext = '{NEXT_SECRET}'\n",
        address("wechat"),
        notify("wechat"),
        address("alipay"),
        notify("alipay"),
        address("payme"),
        notify("payme"),
        address("octopus"),
        notify("octopus"),
    )
    .parse()
    .unwrap()
}

fn secrets() -> Secrets {
    [
        ("wechat-merchant.pub.pem", OURS_PUBLIC),
        ("wechat-platform.pem", PLATFORM),
        ("wechat-platform-next.pem", NEXT),
        ("wechat-api-v3-key", API_V3_KEY),
        ("alipay-merchant.pub.pem", OURS_PUBLIC),
        ("alipay.pem", PLATFORM),
        ("alipay-next.pem", NEXT),
        ("payme-client-secret", "test-client-secret"),
        ("payme-signing-key", SECRET),
        ("payme-signing-key-next", NEXT_SECRET),
        ("octopus-api-key", "test-api-key"),
        ("octopus-webhook-secret", SECRET),
        ("octopus-webhook-secret-next", NEXT_SECRET),
    ]
    .into_iter()
    .fold(
        Secrets::from(SecretString::from(CHANNEL_SECRET)),
        |secrets, (name, secret)| secrets.with(name, secret),
    )
}

impl House {
    pub(crate) async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = format!("http://{}", listener.local_addr().unwrap());
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some(door.clone()),
            ..Overrides::default()
        };
        let mut config = Config::read(DEMO, overrides).unwrap();
        config.counterparties.retain(|name, _| name == "wallets");
        let server = Server::bind(config, secrets()).await.unwrap();
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let rails = Arc::new(Registry::from_tables(&tables(&url, &door)).unwrap());
        let (sender, heard) = unbounded_channel();
        let state = DoorState {
            rails: Arc::clone(&rails),
            heard: sender,
        };
        let router = Router::new()
            .route("/rails/{rail}/notices", post(hear))
            .with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            rails,
            client: reqwest::Client::new(),
            url,
            transport: Transport::new(BTreeMap::new()).unwrap(),
            heard,
            stop,
            serving,
            database,
        }
    }

    pub(crate) async fn close(self) {
        drop(self.client);
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }

    pub(crate) fn rail(&self, rail: &str) -> &Arc<dyn Rail> {
        self.rails.get(&RailId::new(rail).unwrap()).unwrap()
    }

    /// Sends an order and reads the answer, as the worker does.
    pub(crate) async fn ask(&self, rail: &str, order: &mut Order) -> Decoded {
        let opened = self.rail(rail);
        order.header.at = Timestamp::now();
        order.header.nonce = *uuid::Uuid::now_v7().as_bytes();
        if let Some(grant) = opened.grant(order.header.at, order.header.nonce) {
            let Sent::Replied { status, body, .. } =
                self.transport.send(opened.profile(), &grant, "grant").await
            else {
                panic!("no token");
            };
            order.header.bearer = Some(opened.granted(status, &body).unwrap().0);
        }
        let Outbound::Call(call) = opened.encode(order).unwrap() else {
            panic!("a wallet is always called");
        };
        let sent = self
            .transport
            .send(opened.profile(), &call, &order.header.key)
            .await;
        let Sent::Replied {
            status,
            headers,
            body,
        } = sent
        else {
            panic!("{rail}: {sent:?}");
        };
        let received_at = Timestamp::now();
        let genuine = opened.authenticate(&Unverified {
            door: Door::Reply { order, status },
            headers: &headers,
            body: &body,
            received_at,
        });
        assert!(genuine.is_ok(), "{rail}: {genuine:?}");
        let decoded = opened.decode(&Inbound::reply(order, status, &body, received_at));
        let decoded = decoded.unwrap_or_else(|why| {
            panic!("{rail} {status}: {why}: {}", String::from_utf8_lossy(&body))
        });
        if decoded.keep.is_some() {
            order.header.kept.clone_from(&decoded.keep);
        }
        decoded
    }

    /// The next notice, which must be genuine.
    pub(crate) async fn notice(&mut self) -> Heard {
        let heard = self.heard.recv().await.unwrap();
        assert!(heard.genuine.is_ok(), "{heard:?}");
        heard
    }

    pub(crate) fn nothing_heard(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.text().await.unwrap()
        );
    }

    pub(crate) async fn fault(&self, rail: &str, fault: &str, value: Option<&str>) {
        let order = json!({ "rail": rail, "fault": fault, "value": value });
        self.post("/api/faults", &order).await;
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        self.post("/api/clock", &json!({ "advance_seconds": seconds }))
            .await;
    }

    /// A person opens the request in the wallet app and presses a button; `verb` is `pay` or `decline`.
    pub(crate) async fn person(&self, reference: &str, verb: &str) -> String {
        let token = self.request(reference).await;
        self.press(&token, verb).await
    }

    /// What the app calls the request.
    pub(crate) async fn request(&self, reference: &str) -> String {
        let list = self
            .client
            .get(format!("{}/wallets/app", self.url))
            .send()
            .await
            .unwrap();
        let page = list.text().await.unwrap();
        let mut token = None;
        for part in page.split("/wallets/app/pay/").skip(1) {
            let candidate = part.split('"').next().unwrap();
            let url = format!("{}/wallets/app/pay/{candidate}", self.url);
            let shown = self
                .client
                .get(url)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            if shown.contains(reference) {
                token = Some(candidate.to_owned());
                break;
            }
        }
        token.expect("the app lists the request")
    }

    /// Presses a button on it.
    pub(crate) async fn press(&self, token: &str, verb: &str) -> String {
        let url = format!("{}/wallets/app/{verb}/{token}", self.url);
        let form = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("payer=998000000001");
        form.send().await.unwrap().text().await.unwrap()
    }
}

async fn hear(
    State(door): State<DoorState>,
    Path(rail): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let opened = door.rails.get(&RailId::new(&rail).unwrap()).unwrap();
    let given: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                value.to_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let received_at = Timestamp::now();
    let target = format!("/rails/{rail}/notices");
    // The settlement file comes by the bank channel, which the gateway verifies by itself.
    let by_channel = headers.contains_key("epay-channel-signature");
    let genuine = if by_channel {
        Ok(Genuine {
            message_id: "channel".to_owned(),
            key_id: "channel".to_owned(),
            acknowledgement: epay_rail::Acknowledgement::NO_CONTENT,
        })
    } else {
        opened.authenticate(&Unverified {
            door: Door::Notice { target: &target },
            headers: &given,
            body: &body,
            received_at,
        })
    };
    let decoded = opened.decode(&Inbound::notice(&body, received_at)).unwrap();
    let answer = match &genuine {
        Ok(genuine) => (
            StatusCode::from_u16(genuine.acknowledgement.status).unwrap(),
            genuine.acknowledgement.body.to_owned(),
        ),
        Err(_) => (StatusCode::UNAUTHORIZED, String::new()),
    };
    let _test_is_over = door.heard.send(Heard {
        rail,
        genuine,
        decoded,
    });
    answer
}

/// An order about a new collection of a wallet's.
pub(crate) fn order(wallet: usize, cents: i64, letters: &str) -> Order {
    let (_, payee) = WALLETS[wallet];
    let asked_at = Timestamp::now();
    let mut order = Order::collect(Collect {
        method: ["wechat_pay", "alipay_hk", "payme", "octopus"][wallet].to_owned(),
        payee: payee.to_owned(),
        amount: Money::hkd(cents),
        amount_editable: false,
        reference: format!("EP0000000000000{letters}{wallet}"),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates and Government rent".to_owned(),
        return_url: Some("http://127.0.0.1:9/back".to_owned()),
        asked_at,
        expires_at: asked_at + SignedDuration::from_mins(15),
    });
    order.header.nonce = [1; 16];
    order
}

/// Another order about the same collection.
pub(crate) fn about(order: &Order, key: &str, ask: Ask) -> Order {
    let key = match key {
        "" => order.header.key.clone(),
        suffix => format!("{}-{suffix}", order.collect.reference),
    };
    Order {
        header: Header {
            key,
            ..order.header.clone()
        },
        collect: order.collect.clone(),
        ask,
    }
}

pub(crate) fn query(order: &Order) -> Order {
    about(order, "Q1", Ask::Query(Question::Collection))
}

pub(crate) fn refund_query(order: &Order) -> Order {
    let key = format!("{}-R1", order.collect.reference);
    let kind = OrderKind::Refund;
    about(order, "Q2", Ask::Query(Question::Order { key, kind }))
}

pub(crate) fn refund(order: &Order, cents: i64, movement: &str) -> Order {
    let refund = Refund {
        amount: Money::hkd(cents),
        original_rail_reference: movement.to_owned(),
        account: None,
        reason: "paid twice".to_owned(),
    };
    about(order, "R1", Ask::Refund(refund))
}

/// The one report of an answer or notice.
pub(crate) fn only(decoded: &Decoded) -> &Report {
    assert_eq!(decoded.reports.len(), 1, "{decoded:?}");
    &decoded.reports[0]
}

pub(crate) fn finding(decoded: &Decoded) -> Finding {
    only(decoded).finding
}
