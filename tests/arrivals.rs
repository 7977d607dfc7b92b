//! The channels to people against the sandbox, over real sockets: two programs that share no code must agree on what was taken, what
//! arrived, and what became of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use epay_channels::receipt::{Outcome, Receipt, sms};
use epay_channels::{
    Address, Channels, ChannelsOptions, MailOptions, MailSecurity, Message, SMS_RECEIPTS_PATH,
    Sent, SmsOptions,
};
use epay_domain::notification::Failure;
use epay_money::Language;
use epay_notice::Tongue;
use epay_pg::testing::TestDatabase;
use epay_rail_kit::channel::{KeyRing, Request};
use epay_rail_kit::transport::ChannelKey;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use jiff::Timestamp;
use secrecy::{SecretSlice, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SANDBOX: &str = include_str!("../deploy/demo/sandbox.toml");
const CHANNEL: &str = "a-secret-for-tests-of-32-bytes-x";
const SMS_SECRET: &str = "an-sms-secret-of-at-least-32-bytes";

/// A sandbox, the channels to it, and a door for its receipts.
struct House {
    url: String,
    channels: Channels,
    receipts: UnboundedReceiver<Receipt>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
}

/// A door that takes receipts which the SMS gateway has signed.
async fn door() -> (String, UnboundedReceiver<Receipt>) {
    let (told, receipts) = unbounded_channel();
    let take = move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        assert_eq!(uri.path(), SMS_RECEIPTS_PATH);
        let secret = SecretSlice::from(SMS_SECRET.as_bytes().to_vec());
        let ring = KeyRing::new([("sms-1".to_owned(), vec![secret])]).unwrap();
        let request = Request {
            method: "POST",
            path: uri.path(),
            body: &body,
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let receipt = sms(&ring, header, &request, Timestamp::now()).unwrap();
        told.send(receipt).unwrap();
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(take);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receipts)
}

impl House {
    async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let (gateway, receipts) = door().await;
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some(gateway),
            ..Overrides::default()
        };
        let config = Config::read(SANDBOX, overrides).unwrap();
        let secrets = Secrets::from(SecretString::from(CHANNEL)).with("sms-gateway", SMS_SECRET);
        let server = Server::bind(config, secrets).await.unwrap();
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let smtp = list(&url).await["smtp"].as_str().unwrap().to_owned();
        let channels = Channels::open(ChannelsOptions {
            iam_smart: None,
            sms: Some(SmsOptions {
                endpoint: format!("{url}/arrivals/sms").parse().unwrap(),
                key: ChannelKey {
                    id: "sms-1".to_owned(),
                    secrets: vec![SecretSlice::from(SMS_SECRET.as_bytes().to_vec())],
                },
                sender: "#HKGovPay".parse().unwrap(),
            }),
            email: Some(MailOptions {
                host: "127.0.0.1".to_owned(),
                port: smtp.rsplit(':').next().unwrap().parse().unwrap(),
                security: MailSecurity::Plain,
                credentials: None,
                from: "TEST Bills <bills@pay.example>".to_owned(),
                unsubscribe: "stop@pay.example".to_owned(),
            }),
        });
        Self {
            url,
            channels: channels.unwrap(),
            receipts,
            stop,
            serving,
            database,
        }
    }

    async fn close(self) {
        drop(self.channels);
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }

    async fn send(&self, id: u128, to: Address) -> Sent {
        let message = Message {
            id: Uuid::from_u128(id),
            to,
            title: Some("差餉 Rates (帳目末四位 6789)，請於限期前繳付，多謝合作".to_owned()),
            body: BODY.to_owned(),
            tongue: Tongue::One(Language::Traditional),
        };
        self.channels.send(&message).await
    }

    /// What arrived, oldest first: recipient and how often it was handed over.
    async fn arrived(&self) -> Vec<(String, i64)> {
        let list = list(&self.url).await;
        let mut rows: Vec<_> = list["arrived"].as_array().unwrap().clone();
        rows.reverse();
        let row = |row: &Value| {
            let recipient = row["recipient"].as_str().unwrap().to_owned();
            (recipient, row["copies"].as_i64().unwrap())
        };
        rows.iter().map(row).collect()
    }
}

const BODY: &str = "你的差餉已發出。\n.\n= Your rates are ready. =3D";

async fn list(url: &str) -> Value {
    let answer = reqwest::get(format!("{url}/arrivals/list")).await.unwrap();
    answer.json().await.unwrap()
}

fn taken(sent: &Sent) -> bool {
    matches!(sent, Sent::Taken { .. })
}

fn failure(sent: &Sent) -> Option<Failure> {
    match sent {
        Sent::Failed { failure, .. } => Some(*failure),
        Sent::Taken { .. } | Sent::Unknown { .. } => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_a_telephone_once_and_its_receipt_comes_back() {
    let mut house = House::open().await;
    let number = |text: &str| Address::Sms(text.into());
    let first = house.send(1, number("+85291234567")).await;
    let again = house.send(1, number("+85291234567")).await;
    let expected = Sent::Taken {
        provider_reference: "S-000000001".to_owned(),
    };
    assert_eq!((&first, &again), (&expected, &expected));
    // Taken, and nobody heard of it: the same again is the same message.
    let lost = house.send(2, number("+85250000006")).await;
    assert!(matches!(lost, Sent::Unknown { .. }), "{lost:?}");
    assert!(taken(&house.send(2, number("+85250000006")).await));
    let off = house.send(3, number("+85250000002")).await;
    assert!(taken(&off), "{off:?}");
    let table = [
        ("+85250000001", Failure::Permanent),
        ("+85250000005", Failure::Technical),
        ("no number", Failure::Permanent),
    ];
    for (to, expected) in table {
        let sent = house.send(4, number(to)).await;
        assert_eq!(failure(&sent), Some(expected), "{to}: {sent:?}");
    }
    let arrived = [
        ("+85291234567", 2),
        ("+85250000006", 2),
        ("+85250000002", 1),
    ];
    let arrived = arrived.map(|(to, copies)| (to.to_owned(), copies));
    assert_eq!(house.arrived().await, arrived);
    let mut told = Vec::new();
    while told.len() < 3 {
        let receipt = house.receipts.recv().await.unwrap();
        told.push((receipt.message.as_u128(), receipt.outcome));
    }
    told.sort_by_key(|(message, _)| *message);
    let off = Outcome::Failed(Failure::Temporary);
    let expected = [(1, Outcome::Delivered), (2, Outcome::Delivered), (3, off)];
    assert_eq!(told, expected);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_reaches_a_box_once_and_says_what_was_written() {
    let house = House::open().await;
    let mail = |text: &str| Address::Email(text.into());
    for _again in 0..2 {
        let sent = house.send(1, mail("chan@mail.example")).await;
        assert!(taken(&sent), "{sent:?}");
    }
    let lost = house.send(2, mail("lost@mail.example")).await;
    assert!(matches!(lost, Sent::Unknown { .. }), "{lost:?}");
    let sent = house.send(2, mail("lost@mail.example")).await;
    assert!(taken(&sent), "{sent:?}");
    let table = [
        ("nobody@mail.example", Failure::Permanent),
        ("full@mail.example", Failure::Temporary),
        ("busy@mail.example", Failure::Technical),
    ];
    for (to, expected) in table {
        let sent = house.send(3, mail(to)).await;
        assert_eq!(failure(&sent), Some(expected), "{to}: {sent:?}");
    }
    let arrived = [("chan@mail.example", 2), ("lost@mail.example", 2)];
    let arrived = arrived.map(|(to, copies)| (to.to_owned(), copies));
    assert_eq!(house.arrived().await, arrived);
    let list = list(&house.url).await;
    let letter = &list["arrived"][1];
    let title = "差餉 Rates (帳目末四位 6789)，請於限期前繳付，多謝合作";
    assert_eq!(letter["title"], json!(title));
    assert_eq!(letter["body"], json!(BODY));
    assert_eq!(letter["language"], json!("zh-HK"));
    house.close().await;
}
