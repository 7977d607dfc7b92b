//! An e-Cheque from the issuer's page to the bank's notice: the sandbox makes, takes and clears it, the rail judges and reads,
//! over real sockets and the bank channel, and nobody waits for tomorrow.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use epay_money::{Money, RailId};
use epay_pg::testing::TestDatabase;
use epay_rail::{
    Ask, Call, Collect, Decoded, Finding, Header, Inbound, Instrument, Order, Outbound,
    Presentation, Question, Rail, Refusal, Report,
};
use epay_rail_kit::transport::{ChannelKey, Sent, Transport};
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose};
use secrecy::{SecretSlice, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

const DEMO: &str = include_str!("../deploy/demo/sandbox.toml");
/// What the citizen pages say, in each language.
const LOCALES: [&str; 3] = [
    include_str!("../services/epay-portal/locales/en-HK/portal.ftl"),
    include_str!("../services/epay-portal/locales/zh-HK/portal.ftl"),
    include_str!("../services/epay-portal/locales/zh-CN/portal.ftl"),
];
const KEY_ID: &str = "sandbox-bank-1";
const SECRET: &str = "a-secret-for-tests-of-32-bytes-x";
const ACCOUNT: &str = "999000000201";
const PAYER: &str = "998000000001";
/// Somebody with five million dollars.
const POORER: &str = "998000000002";
const TABLE: &str = "
    bank_code = '998'
    branch = '001'
    bank_name = 'TEST Harbour Bank'
    payee_name = 'The Government of the HKSAR'
    payer_policy = '1.3.6.1.4.1.99999.1.1'
    bank_policy = '1.3.6.1.4.1.99999.1.2'
";

/// Both sides, and what came to our door.
struct Scene {
    rail: Box<dyn Rail>,
    transport: Transport,
    sandbox: String,
    client: reqwest::Client,
    notices: UnboundedReceiver<Bytes>,
    _database: TestDatabase,
    stop: CancellationToken,
}

fn rail_id() -> RailId {
    "echeque".parse().unwrap()
}

/// A root that nobody has seen before: certificate and key, PEM.
fn root() -> (String, String) {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

impl Scene {
    async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let (heard, notices) = unbounded_channel();
        let hear = async move |body: Bytes| {
            heard.send(body).unwrap();
            StatusCode::NO_CONTENT
        };
        let door = Router::new().route("/rails/echeque/notices", post(hear));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, door).await.unwrap() });
        let (certificate, key) = root();
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some(gateway),
            ..Overrides::default()
        };
        let mut config = Config::read(DEMO, overrides).unwrap();
        let table: toml::Table = TABLE.parse().unwrap();
        config.counterparties = BTreeMap::from([("echeque".to_owned(), table.into())]);
        let secrets = Secrets::from(SecretString::from(SECRET))
            .with("echeque-root", &certificate)
            .with("echeque-root-key", &key);
        let server = Server::bind(config, secrets).await.unwrap();
        let sandbox = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let settings = format!(
            "dropbox_url = '{sandbox}/echeque/drop-box'\nroots = ['''\n{certificate}''']\n\
             payer_policy = '1.3.6.1.4.1.99999.1.1'\nbank_policy = '1.3.6.1.4.1.99999.1.2'\n\
             [banks]\n998 = 'TEST Harbour Bank'\n"
        );
        Self {
            rail: rail_echeque::open(&rail_id(), &settings).unwrap(),
            transport: transport(SECRET),
            sandbox,
            client: reqwest::Client::new(),
            notices,
            _database: database,
            stop,
        }
    }

    /// A cheque from the issuer's page.
    async fn issue(&self, amount: &str, note: &str) -> Vec<u8> {
        self.issue_for(PAYER, amount, note).await
    }

    async fn issue_for(&self, payer: &str, amount: &str, note: &str) -> Vec<u8> {
        let form = [("payer", payer), ("amount", amount), ("note", note)];
        let form: Vec<String> = form
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+").replace('=', "%3D")))
            .to_vec();
        let answer = self
            .client
            .post(format!("{}/echeque/issue", self.sandbox))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.join("&"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        answer.bytes().await.unwrap().to_vec()
    }

    fn call(&self, order: &Order) -> Call {
        match self.rail.encode(order) {
            Ok(Outbound::Call(call)) => call,
            other => panic!("a call was expected, not {other:?}"),
        }
    }

    /// Sends an order and reads the one report of its answer.
    async fn ask(&self, order: &Order) -> (u16, Report) {
        let call = self.call(order);
        let profile = self.rail.profile();
        match self.transport.send(profile, &call, &order.header.key).await {
            Sent::Replied { status, body, .. } => {
                let inbound = Inbound::reply(order, status, &body, Timestamp::now());
                (status, only(self.rail.decode(&inbound).unwrap()))
            }
            other => panic!("an answer was expected, not {other:?}"),
        }
    }

    /// Six days pass; what is due is done on the way.
    async fn next_week(&self) {
        let answer = self
            .client
            .post(format!("{}/api/clock", self.sandbox))
            .json(&json!({ "advance_seconds": 6 * 86_400 }))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    async fn notice(&mut self) -> Report {
        let body = self.notices.recv().await.unwrap();
        let inbound = Inbound::notice(&body, Timestamp::now());
        only(self.rail.decode(&inbound).unwrap())
    }

    async fn books(&self) -> Value {
        let address = format!("{}/api/books/summary", self.sandbox);
        let answer = self.client.get(address).send().await.unwrap();
        answer.json().await.unwrap()
    }

    fn close(self) {
        self.stop.cancel();
    }
}

fn transport(secret: &str) -> Transport {
    let key = ChannelKey {
        id: KEY_ID.to_owned(),
        secrets: vec![SecretSlice::from(secret.as_bytes().to_vec())],
    };
    Transport::new(BTreeMap::from([(rail_id(), key)])).unwrap()
}

fn only(decoded: Decoded) -> Report {
    assert_eq!(decoded.unreadable, []);
    let [report] = <[Report; 1]>::try_from(decoded.reports).unwrap();
    report
}

fn order(reference: &str, minor: i64, ask: Ask) -> Order {
    let at = Timestamp::now();
    Order {
        header: Header {
            key: format!("{reference}-1"),
            at,
            nonce: [1; 16],
            kept: None,
            bearer: None,
        },
        collect: Collect {
            method: "echeque".to_owned(),
            payee: ACCOUNT.to_owned(),
            amount: Money::hkd(minor),
            amount_editable: false,
            reference: reference.to_owned(),
            bill_number: "000123456789011".to_owned(),
            bills: 2,
            description: "Rates".to_owned(),
            return_url: None,
            asked_at: at,
            expires_at: at + SignedDuration::from_hours(1),
        },
        ask,
    }
}

fn tender(reference: &str, minor: i64, bytes: &[u8]) -> Order {
    let kind = rail_echeque::INSTRUMENT.to_owned();
    let bytes = bytes.to_vec();
    order(reference, minor, Ask::Tender(Instrument { kind, bytes }))
}

fn query(reference: &str, minor: i64) -> Order {
    order(reference, minor, Ask::Query(Question::Collection))
}

const ONE: &str = "EP0AB1CD2EF3GH4JK5MN";
const TWO: &str = "EP1AB1CD2EF3GH4JK5MN";

#[tokio::test]
async fn a_cheque_that_the_issuers_page_made_is_taken_presented_and_honoured() {
    let mut scene = Scene::open().await;
    let shown = scene.rail.encode(&order(ONE, 670_000, Ask::Collect));
    assert!(matches!(
        shown,
        Ok(Outbound::Present(Presentation::Handover { .. }))
    ));
    let pdf = scene.issue("6700.00", "for two bills").await;
    let asked = tender(ONE, 670_000, &pdf);
    let (status, taken) = scene.ask(&asked).await;
    assert_eq!((status, taken.finding), (201, Finding::Conditional));
    assert_eq!(taken.rail_account, ACCOUNT);
    assert_eq!(taken.rail_reference, format!("998-001-{PAYER}-000001"));
    let (status, again) = scene.ask(&asked).await;
    assert_eq!((status, again.finding), (200, Finding::Conditional));
    scene.next_week().await;
    let settled = scene.notice().await;
    assert_eq!(settled.finding, Finding::Settled);
    assert_eq!(settled.amount, Money::hkd(670_000));
    assert_eq!(settled.reference.as_deref(), Some(ONE));
    assert_eq!(
        (settled.rail_account, settled.rail_reference),
        (taken.rail_account, taken.rail_reference),
        "answer and notice speak of one movement"
    );
    assert_eq!(scene.books().await["balanced"], true);
    scene.close();
}

#[tokio::test]
async fn a_cheque_that_comes_back_is_dishonoured_with_its_reason_and_moves_nothing() {
    let mut scene = Scene::open().await;
    for (payer, reference, minor, note, reason) in [
        (
            PAYER,
            ONE,
            10_000,
            "FAULT RETURNED=AC04",
            "AC04 account closed",
        ),
        (POORER, TWO, 600_000_000, "", "AM04 insufficient funds"),
    ] {
        let amount = Money::hkd(minor).to_decimal().to_string();
        let pdf = scene.issue_for(payer, &amount, note).await;
        let (_status, taken) = scene.ask(&tender(reference, minor, &pdf)).await;
        assert_eq!(taken.finding, Finding::Conditional);
        scene.next_week().await;
        let returned = scene.notice().await;
        assert_eq!(returned.finding, Finding::Dishonoured);
        assert_eq!(returned.reason.as_deref(), Some(reason));
        assert_eq!(returned.rail_reference, taken.rail_reference);
        let (_status, told) = scene.ask(&query(reference, minor)).await;
        assert_eq!(told.finding, Finding::Dishonoured);
        assert_eq!(scene.books().await["sum_cents"], 0);
        // Its clock has gone on: the next cheque needs a sandbox of today.
        scene.close();
        scene = Scene::open().await;
    }
    scene.close();
}

#[tokio::test]
async fn the_drop_box_refuses_what_was_presented_before_what_it_does_not_know_and_what_it_is_told_to()
 {
    let scene = Scene::open().await;
    let pdf = scene.issue("50.00", "").await;
    let (_status, first) = scene.ask(&tender(ONE, 5_000, &pdf)).await;
    assert_eq!(first.finding, Finding::Conditional);
    let (status, second) = scene.ask(&tender(TWO, 5_000, &pdf)).await;
    assert_eq!((status, second.finding), (422, Finding::Declined));
    assert_eq!(
        second.reason.as_deref(),
        Some("the cheque was presented before")
    );
    let other = scene.issue("50.00", "").await;
    let (status, conflict) = scene.ask(&tender(ONE, 5_000, &other)).await;
    assert_eq!((status, conflict.finding), (409, Finding::Unclear));
    let told = scene.issue("51.00", "FAULT DECLINED").await;
    let third = "EP2AB1CD2EF3GH4JK5MN";
    let (_status, declined) = scene.ask(&tender(third, 5_100, &told)).await;
    assert_eq!(declined.finding, Finding::Declined);
    let (status, nothing) = scene.ask(&query("EP3AB1CD2EF3GH4JK5MN", 5_100)).await;
    assert_eq!((status, nothing.finding), (404, Finding::NotFound));
    scene.close();
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_found_by_asking_later() {
    let mut scene = Scene::open().await;
    let pdf = scene.issue("70.00", "FAULT UNKNOWN=3600").await;
    let (status, unclear) = scene.ask(&tender(ONE, 7_000, &pdf)).await;
    assert_eq!((status, unclear.finding), (503, Finding::Unclear));
    let (_status, still) = scene.ask(&query(ONE, 7_000)).await;
    assert_eq!(still.finding, Finding::Unclear);
    scene.next_week().await;
    let (_status, known) = scene.ask(&query(ONE, 7_000)).await;
    assert_eq!(known.finding, Finding::Conditional);
    assert_eq!(scene.notice().await.finding, Finding::Settled);
    scene.close();
}

#[tokio::test]
async fn a_request_without_the_banks_own_seal_is_not_believed() {
    let scene = Scene::open().await;
    let stranger = transport("another-secret-of-at-least-32-bytes");
    let asked = query(ONE, 100);
    let call = scene.call(&asked);
    let profile = scene.rail.profile();
    let sent = stranger.send(profile, &call, &asked.header.key).await;
    assert!(
        matches!(sent, Sent::Replied { status: 401, .. }),
        "{sent:?}"
    );
    scene.close();
}

#[tokio::test]
async fn a_changed_byte_of_the_issuers_cheque_is_refused_by_the_rail() {
    let scene = Scene::open().await;
    let mut pdf = scene.issue("80.00", "").await;
    let place = pdf
        .windows(6)
        .position(|window| window == b"80.00)")
        .unwrap();
    pdf[place] = b'9';
    let refused = scene.rail.encode(&tender(ONE, 8_000, &pdf));
    assert!(
        matches!(
            refused,
            Err(Refusal::BadInstrument {
                code: "bad_signature",
                ..
            })
        ),
        "{refused:?}"
    );
    scene.close();
}

#[test]
fn every_reason_for_not_taking_a_cheque_has_a_sentence_of_its_own_in_each_language() {
    let codes: BTreeSet<String> = rail_echeque::FAULTS
        .iter()
        .map(|row| row.code.replace('_', "-"))
        .collect();
    for locale in LOCALES {
        let sentences: BTreeMap<&str, &str> = locale
            .lines()
            .filter_map(|line| line.strip_prefix("hand-bad-echeque-")?.split_once(" = "))
            .collect();
        let told: BTreeSet<String> = sentences.keys().map(|code| (*code).to_owned()).collect();
        assert_eq!(told, codes);
        let different: BTreeSet<&str> = sentences.values().copied().collect();
        assert_eq!(different.len(), codes.len());
    }
}
