//! iAM Smart: our client against the sandbox's, which shares no code with it, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

use epay_channels::{Address, Channels, ChannelsOptions, Message, Sent};
use epay_domain::notification::Failure;
use epay_iamsmart::{Code, Returned, Scope, SignIn};
use epay_iamsmart_client::{CallFault, IamSmart, IamSmartOptions};
use epay_money::Language;
use epay_notice::Tongue;
use epay_pg::testing::TestDatabase;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use reqwest::header::LOCATION;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

const DEMO: &str = include_str!("../deploy/demo/sandbox.toml");
const SECRET: &str = "epay-demo-secret-not-real";
const STATE: &str = "a state + of / this = browser";
const BACK: &str = "http://127.0.0.1:8080/en/sign-in/back";

struct House {
    url: Url,
    private_key: SecretString,
    http: reqwest::Client,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
}

impl House {
    async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let overrides = Overrides {
            database_url: Some(database.url()),
            gateway_url: Some("http://127.0.0.1:9".to_owned()),
            ..Overrides::default()
        };
        let mut config = Config::read(DEMO, overrides).unwrap();
        let needed = ["iam-smart", "arrivals"];
        config
            .counterparties
            .retain(|name, _| needed.contains(&name.as_str()));
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let secrets = Secrets::from(SecretString::from("a-secret-for-tests-of-32-bytes-x"))
            .with("iam-smart-secret", SECRET)
            .with("iam-smart-service.pub.pem", &pair.public_key_pem());
        let server = Server::bind(config, secrets).await.unwrap();
        let address = server.address().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let no_redirect = reqwest::redirect::Policy::none();
        Self {
            url: format!("http://{address}/iam-smart").parse().unwrap(),
            private_key: pair.serialize_pem().into(),
            http: reqwest::Client::builder()
                .redirect(no_redirect)
                .build()
                .unwrap(),
            stop,
            serving,
            database,
        }
    }

    fn client(&self) -> IamSmart {
        self.client_with(SECRET)
    }

    fn client_with(&self, secret: &str) -> IamSmart {
        IamSmart::new(&self.options(secret)).unwrap()
    }

    fn options(&self, secret: &str) -> IamSmartOptions {
        IamSmartOptions {
            url: self.url.clone(),
            client_id: "epay-demo-portal".to_owned(),
            secret: secret.into(),
            private_key: self.private_key.clone(),
        }
    }

    /// The channels to it, for whoever knows this secret.
    fn channels(&self, secret: &str) -> Channels {
        Channels::open(ChannelsOptions {
            iam_smart: Some(self.options(secret)),
            ..ChannelsOptions::default()
        })
        .unwrap()
    }

    /// What arrived: by what, for whom, what became of it, and how often it was handed over.
    async fn arrived(&self) -> Vec<(String, String, String, i64)> {
        let address = self.url.join("/arrivals/list").unwrap();
        let answer = self.http.get(address).send().await.unwrap();
        let list: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
        let rows = list["arrived"].as_array().unwrap().iter();
        rows.map(|row| {
            let copies = row["copies"].as_i64().unwrap();
            (
                text(row, "channel"),
                text(row, "recipient"),
                text(row, "fate"),
                copies,
            )
        })
        .collect()
    }

    /// A browser goes there, presses a button, and comes back: with what.
    async fn pressed(&self, client: &IamSmart, button: &str) -> String {
        let sign_in = SignIn {
            client_id: client.client_id(),
            redirect: BACK,
            scopes: &[Scope::Authentication],
            state: STATE,
            language: "en-US",
            source: "PC_Browser",
        };
        let address = sign_in.address(client.url()).unwrap();
        let page = self.location(self.http.get(address)).await;
        assert!(page.path().starts_with("/iam-smart/sign-ins/"), "{page}");
        let form = format!("person=TEST+Chan+Tai+Man&do={button}");
        let post = self
            .http
            .post(page)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let back = self.location(post).await;
        assert!(back.as_str().starts_with(BACK), "{back}");
        back.query().unwrap().to_owned()
    }

    async fn location(&self, request: reqwest::RequestBuilder) -> Url {
        let answer = request.send().await.unwrap();
        let to = answer
            .headers()
            .get(LOCATION)
            .map(|to| to.to_str().unwrap());
        let to = to.unwrap_or_else(|| panic!("no redirect, but {}", answer.status()));
        self.url.join(to).unwrap()
    }

    async fn code(&self, client: &IamSmart) -> String {
        let query = self.pressed(client, "approve").await;
        match Returned::read(&query, STATE).unwrap() {
            Returned::Code(code) => code,
            Returned::Refused(code) => panic!("refused with {code}"),
        }
    }

    async fn order_fault(&self, fault: &str) {
        let order = json!({ "rail": "iam_smart", "fault": fault }).to_string();
        let address = self.url.join("/api/faults").unwrap();
        let post = self
            .http
            .post(address)
            .header("content-type", "application/json");
        let answer = post.body(order).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{}", answer.text().await.unwrap());
    }

    async fn close(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }
}

/// A message under a name, to whom iAM Smart knows by an ID.
fn message(name: u128, person: &str) -> Message {
    Message {
        id: Uuid::from_u128(name),
        to: Address::IamSmart(person.into()),
        title: Some("TEST head".to_owned()),
        body: "TEST words".to_owned(),
        tongue: Tongue::One(Language::English),
    }
}

/// How it certainly was not taken.
fn failure(sent: &Sent) -> Option<Failure> {
    match sent {
        Sent::Failed { failure, .. } => Some(*failure),
        Sent::Taken { .. } | Sent::Unknown { .. } => None,
    }
}

fn refused(fault: CallFault) -> (Code, String) {
    match fault {
        CallFault::Refused { code, word } => (code, word),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_person_signs_in_and_a_code_is_good_once() {
    let house = House::open().await;
    let client = house.client();
    let code = house.code(&client).await;
    let token = client.token(&code).await.unwrap();
    assert_eq!(token.open_id.len(), 32);
    assert!(!token.access_token.expose_secret().is_empty());
    let again = refused(client.token(&code).await.unwrap_err());
    assert_eq!(again, (Code::Unclear, "D50001".to_owned()));
    // The same person has the same name at this service.
    let code = house.code(&client).await;
    assert_eq!(client.token(&code).await.unwrap().open_id, token.open_id);
    house.close().await;
}

#[tokio::test]
async fn who_does_not_approve_comes_back_with_the_reason() {
    let house = House::open().await;
    let client = house.client();
    for (button, meant) in [("refuse", Code::Rejected), ("cancel", Code::Cancelled)] {
        let query = house.pressed(&client, button).await;
        let Returned::Refused(code) = Returned::read(&query, STATE).unwrap() else {
            panic!("{button} gave a code");
        };
        assert_eq!(Code::of(&code), meant);
    }
    house.close().await;
}

#[tokio::test]
async fn a_content_key_that_expired_is_fetched_anew_and_the_request_made_once_more() {
    let house = House::open().await;
    let client = house.client();
    let first = house.code(&client).await;
    client.token(&first).await.unwrap();
    let second = house.code(&client).await;
    house.order_fault("key-expired").await;
    client.token(&second).await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_wrong_secret_and_no_iam_smart_are_told_apart() {
    let house = House::open().await;
    let stranger = house.client_with("another secret");
    let fault = refused(stranger.token("code").await.unwrap_err());
    assert_eq!(fault.0, Code::SignatureRefused);
    let client = house.client();
    house.close().await;
    let fault = client.token("code").await.unwrap_err();
    assert!(matches!(fault, CallFault::NotSent(_)), "{fault}");
}

#[tokio::test]
async fn a_push_message_that_is_sent_again_is_shown_once() {
    let house = House::open().await;
    let client = house.client();
    let code = house.code(&client).await;
    let person = client.token(&code).await.unwrap().open_id;
    let channels = house.channels(SECRET);
    house.order_fault("lost-answer").await;
    let lost = channels.send(&message(1, &person)).await;
    assert!(matches!(lost, Sent::Unknown { .. }), "{lost:?}");
    house.order_fault("key-expired").await;
    let first = channels.send(&message(1, &person)).await;
    let again = channels.send(&message(1, &person)).await;
    let expected = Sent::Taken {
        provider_reference: "P-000000001".to_owned(),
    };
    assert_eq!((&first, &again), (&expected, &expected));
    let mut other = message(1, &person);
    other.body = "TEST other words".to_owned();
    let reused = channels.send(&other).await;
    assert_eq!(failure(&reused), Some(Failure::Technical), "{reused:?}");
    // What has another text under its name is not counted.
    let copies = 3;
    let once = ["iam-smart", "TEST Chan Tai Man", "delivered"].map(str::to_owned);
    let [by, to, fate] = once;
    assert_eq!(house.arrived().await, [(by, to, fate, copies)]);
    house.close().await;
}

#[tokio::test]
async fn what_is_not_taken_says_whether_trying_again_helps() {
    let house = House::open().await;
    let client = house.client();
    let code = house.code(&client).await;
    let person = client.token(&code).await.unwrap().open_id;
    let channels = house.channels(SECRET);
    let table = [
        ("busy", Failure::Technical),
        ("switched-off", Failure::Permanent),
    ];
    for (fault, expected) in table {
        house.order_fault(fault).await;
        let sent = channels.send(&message(2, &person)).await;
        assert_eq!(failure(&sent), Some(expected), "{fault}: {sent:?}");
    }
    let nobody = channels.send(&message(3, "nobody")).await;
    assert_eq!(failure(&nobody), Some(Failure::Permanent), "{nobody:?}");
    let mut long = message(4, &person);
    long.body = "long ".repeat(500);
    let long = channels.send(&long).await;
    assert_eq!(failure(&long), Some(Failure::Technical), "{long:?}");
    let stranger = house.channels("another secret");
    let unsigned = stranger.send(&message(5, &person)).await;
    assert_eq!(failure(&unsigned), Some(Failure::Technical), "{unsigned:?}");
    assert!(house.arrived().await.is_empty());
    house.close().await;
    let away = stranger.send(&message(6, &person)).await;
    assert_eq!(failure(&away), Some(Failure::Technical), "{away:?}");
}
