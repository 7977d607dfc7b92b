//! A gateway, the sandbox's iAM Smart, a postman between them, and a person who is told of the bills of one account.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use epay_channels::{Channels, ChannelsOptions, SmsOptions};
use epay_contact::NewSubscription;
use epay_engine::V7Ids;
use epay_gateway::{ReceiptDoors, Role};
use epay_iamsmart::{Credentials, Signed};
use epay_iamsmart_client::{CallbackDoor, IamSmart, IamSmartOptions};
use epay_money::{BillTypeCode, PersonId};
use epay_notice::{Channel, Shelf};
use epay_pg::testing::TestDatabase;
use epay_proto::pbjson_types::Timestamp;
use epay_proto::v1;
use epay_proto::v1::notice_service_client::NoticeServiceClient;
use epay_proto::v1::notification_service_client::NotificationServiceClient;
use epay_rail_kit::transport::ChannelKey;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use epay_worker::{Lane, Planner, SenderOptions};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use secrecy::{SecretSlice, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::people::contacts;
use crate::support::{BILL_TYPE, House, http_client, number};

const SANDBOX: &str = include_str!("../../../../../deploy/demo/sandbox.toml");
const CHANNEL: &str = "a-secret-for-tests-of-32-bytes-x";
const SECRET: &str = "epay-demo-secret-not-real";
const CLIENT: &str = "epay-demo-portal";
pub(super) const PERSON: &str = "TEST Chan Tai Man";

/// Everything.
pub(super) struct World {
    pub(super) house: House,
    pub(super) sandbox: String,
    /// iAM Smart, as the pages know it.
    pub(super) iam_smart: IamSmart,
    /// What our door said to each receipt.
    answers: UnboundedReceiver<u16>,
    sender: SenderOptions,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    books: TestDatabase,
}

fn credentials() -> Credentials {
    Credentials {
        client_id: CLIENT.to_owned(),
        secret: SECRET.into(),
    }
}

/// Carries what the sandbox posts to our door, and tells what the door said.
async fn postman(door: String) -> (String, UnboundedReceiver<u16>) {
    type Way = (String, UnboundedSender<u16>);
    async fn carry(
        State((door, told)): State<Way>,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> StatusCode {
        let mut call = http_client().post(format!("{door}{uri}"));
        for (name, value) in &headers {
            if name != "host" && name != "content-length" {
                call = call.header(name, value);
            }
        }
        let status = call.body(body).send().await.unwrap().status();
        told.send(status.as_u16()).unwrap();
        status
    }
    let (told, answers) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(carry).with_state((door, told));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, answers)
}

impl World {
    pub(super) async fn open() -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let options = |url: &str| IamSmartOptions {
            url: url.parse().unwrap(),
            client_id: CLIENT.to_owned(),
            secret: SECRET.into(),
            private_key: pair.serialize_pem().into(),
        };
        let door = CallbackDoor::new(&options("http://127.0.0.1:9/")).unwrap();
        let house = House::start_with(|config| {
            config.receipt_doors = ReceiptDoors {
                iam_smart: Some(Arc::new(credentials())),
                forms: Some(Arc::new(door)),
                ..ReceiptDoors::default()
            };
        })
        .await;
        let (gateway, answers) = postman(house.url("")).await;
        let books = TestDatabase::create(&[]).await;
        let overrides = Overrides {
            database_url: Some(books.url()),
            gateway_url: Some(gateway),
            ..Overrides::default()
        };
        let config = Config::read(SANDBOX, overrides).unwrap();
        let secrets = Secrets::from(SecretString::from(CHANNEL))
            .with("iam-smart-secret", SECRET)
            .with("iam-smart-service.pub.pem", &pair.public_key_pem());
        let server = Server::bind(config, secrets).await.unwrap();
        let sandbox = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let iam_smart = options(&format!("{sandbox}/iam-smart"));
        // Nobody listens there: whom push does not reach waits for it.
        let sms = SmsOptions {
            endpoint: "http://127.0.0.1:9/".parse().unwrap(),
            key: ChannelKey {
                id: "sms-1".to_owned(),
                secrets: vec![SecretSlice::from(vec![3; 32])],
            },
            sender: "#TEST-Pay".parse().unwrap(),
        };
        let channels = Channels::open(ChannelsOptions {
            iam_smart: Some(iam_smart.clone()),
            sms: Some(sms),
            email: None,
        });
        let sender = SenderOptions {
            contacts: contacts(house.database()),
            channels: channels.unwrap(),
            shelf: Arc::new(Shelf::built_in().unwrap()),
            at_once: 8,
        };
        let world = Self {
            house,
            sandbox,
            iam_smart: IamSmart::new(&iam_smart).unwrap(),
            answers,
            sender,
            stop,
            serving,
            books,
        };
        world.subscribe(&number(1)).await;
        world
    }

    /// Has the sandbox's person told of an account, by push, then by SMS.
    async fn subscribe(&self, account: &str) {
        let caller = self.house.caller(Role::CitizenPortal).await;
        let mut portal = NotificationServiceClient::with_interceptor(caller.channel, caller.bearer);
        let ways = [v1::NoticeChannel::IamSmart, v1::NoticeChannel::Sms];
        let addresses = [open_id(), "6123 4567".to_owned()];
        let points = ways.into_iter().zip(addresses);
        let somebody = v1::Subscriber {
            language: v1::NoticeLanguage::English.into(),
            channels: ways.map(i32::from).to_vec(),
            reminders: true,
            contact_points: points
                .map(|(way, address)| v1::ContactPoint {
                    channel: way.into(),
                    address,
                })
                .collect(),
            consent: Some(v1::NoticeConsent {
                version: "2026-11".to_owned(),
                time: Some(Timestamp {
                    seconds: 1_795_400_000,
                    nanos: 0,
                }),
            }),
            ..v1::Subscriber::default()
        };
        let made = portal
            .create_subscriber(v1::CreateSubscriberRequest {
                subscriber: Some(somebody),
                subscriber_id: String::new(),
            })
            .await
            .unwrap()
            .into_inner();
        let id: Uuid = made.name.rsplit('/').next().unwrap().parse().unwrap();
        let catalogue = self.house.engine.reader().catalogue();
        let kind = catalogue.kind(&BillTypeCode::new(BILL_TYPE).unwrap());
        let wish = NewSubscription {
            id: Uuid::now_v7(),
            person: PersonId::new(id),
            kind: kind.unwrap(),
            number: account,
            at: self.house.engine.now(),
        };
        self.sender.contacts.subscribe(&wish).await.unwrap();
    }

    /// Issues a bill.
    pub(super) async fn bill(&self, number: &str) {
        self.house.bill(number, 372_000).await;
    }

    /// Plans what there is to tell, and sends what is due.
    pub(super) async fn tell(&self) {
        let database = self.house.database();
        let client = database.service_pool().get().await.unwrap();
        let batches = "SELECT batch_id FROM epay.outbox_batch ORDER BY batch_id";
        for row in client.query(batches, &[]).await.unwrap() {
            epay_store::notice::note_news(&client, &[row.get(0)])
                .await
                .unwrap();
        }
        let (config, engine) = (database.config(), self.house.engine.clone());
        let contacts = self.sender.contacts.clone();
        let planner = Planner::new(config, contacts, engine, Box::new(V7Ids::default())).unwrap();
        while planner.round().await.unwrap() > 0 {}
        let lane = |way| {
            let engine = self.house.engine.clone();
            Lane::new(config, engine, self.sender.clone(), way).unwrap()
        };
        let ways = [Some(Channel::IamSmartPush), Some(Channel::Sms), None];
        let mut lanes = ways.map(lane);
        loop {
            let mut taken = 0;
            for lane in &mut lanes {
                taken += lane.round().await.unwrap();
            }
            if taken == 0 {
                return;
            }
        }
    }

    /// Makes what waits for another try due now, as if its time had passed.
    pub(super) async fn make_due(&self) {
        let client = self.house.database().pool().get().await.unwrap();
        let due =
            "UPDATE epay.notice SET next_at = now() WHERE attempts > 0 AND next_at IS NOT NULL";
        client.execute(due, &[]).await.unwrap();
    }

    /// What our door said to the next receipt.
    pub(super) async fn acknowledged(&mut self) -> u16 {
        self.answers.recv().await.unwrap()
    }

    /// The notice that there is a bill, as its department sees it.
    pub(super) async fn notice(&self) -> v1::Notice {
        let caller = self.house.caller(Role::Department).await;
        let mut notices = NoticeServiceClient::with_interceptor(caller.channel, caller.bearer);
        let request = v1::ListNoticesRequest {
            parent: "billers/rvd".to_owned(),
            ..v1::ListNoticesRequest::default()
        };
        let listed = notices.list_notices(request).await.unwrap().into_inner();
        let mut found = listed.notices.into_iter();
        let ready = found.find(|one| one.kind() == v1::NoticeKind::BillReady);
        ready.unwrap()
    }

    /// What is on the telephone: what became of each message, and how often it was handed over.
    pub(super) async fn shown(&self) -> Vec<(String, i64)> {
        let url = format!("{}/arrivals/list", self.sandbox);
        let answer = http_client().get(url).send().await.unwrap();
        let list: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let rows = list["arrived"].as_array().unwrap().iter();
        rows.map(|row| {
            assert_eq!(row["recipient"], PERSON);
            let fate = row["fate"].as_str().unwrap().to_owned();
            (fate, row["copies"].as_i64().unwrap())
        })
        .collect()
    }

    pub(super) async fn order_fault(&self, fault: &str) {
        let order = json!({ "rail": "iam_smart", "fault": fault }).to_string();
        let call = http_client().post(format!("{}/api/faults", self.sandbox));
        let call = call.header("content-type", "application/json");
        let answer = call.body(order).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Lets go what the sandbox was ordered never to tell.
    pub(super) async fn release(&self) {
        let call = http_client().post(format!("{}/api/notices/release", self.sandbox));
        let call = call.header("content-type", "application/json");
        let answer = call.body(r#"{"group":"never"}"#).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Headers that iAM Smart would send with a body.
    pub(super) fn sign(&self, body: &str) -> Signed {
        let now = self.house.engine.now();
        credentials().sign(now.as_millisecond(), "0123456789abcdef", body)
    }

    pub(super) async fn close(self) {
        drop(self.sender);
        self.stop.cancel();
        self.serving.await.unwrap();
        self.house.stop().await;
        self.books.remove().await;
    }
}

/// The name by which the sandbox's iAM Smart knows its person at this service.
pub(super) fn open_id() -> String {
    let digest = Sha256::digest(format!("{CLIENT}\n{PERSON}"));
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.concat().chars().take(32).collect()
}
