//! A worker is killed again and again in the middle of telling people. In the end everybody was told, and nobody twice.
//!
//! Whatever a worker had planned, taken up, sent or heard when it died is a row or it is not; another one goes on. What was sent without being
//! written is sent again under the same reference, which the gateway knows: it takes each reference once, as SMS gateways do, and people have
//! what it took.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router};
use epay_contact::{
    CONTACT_ROLE, Consent, ContactKeys, Contacts, NewPerson, NewSubscription, Point,
};
use epay_domain::notification::Preferences;
use epay_money::{Language, PersonId};
use epay_notice::{Channel, Tongue};
use epay_pg::{Cluster, ClusterConfig, PoolOptions, build_pool, connect};
use epay_tests::workspace_root;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::watch;
use uuid::Uuid;

use crate::child::{Served, built, finished};

const DATABASE: &str = "epay";
/// People, each told of one bill.
const PEOPLE: usize = 1_500;
/// How often a worker is killed.
const KILLS: usize = 20;
/// How long the gateway takes: long enough that a kill falls among messages under way.
const GATEWAY_TAKES: Duration = Duration::from_millis(60);
/// For everything that must happen by itself: what a dead worker had in hand is taken up after a minute and a half.
const PATIENCE: Duration = Duration::from_secs(240);
/// People written at once.
const WRITERS: usize = 8;
const CONTACT_KEY: [u8; 32] = *b"a-key-of-contacts-for-this-test!";

/// An SMS gateway: it takes each reference once.
#[derive(Debug)]
struct Gateway {
    url: String,
    /// By reference: whose telephone, and how often it was asked for.
    taken: watch::Sender<BTreeMap<Uuid, (String, usize)>>,
}

impl Gateway {
    async fn open() -> anyhow::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let gateway = Arc::new(Self {
            url: format!("http://{}/", listener.local_addr()?),
            taken: watch::Sender::default(),
        });
        let router = Router::new()
            .fallback(take)
            .with_state(Arc::clone(&gateway));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(gateway)
    }

    async fn takes(&self, count: usize) -> anyhow::Result<()> {
        let mut taken = self.taken.subscribe();
        let enough = taken.wait_for(|taken| taken.len() >= count);
        let enough = tokio::time::timeout(PATIENCE, enough).await;
        enough.with_context(|| format!("{count} messages did not come in time"))??;
        Ok(())
    }
}

async fn take(
    State(gateway): State<Arc<Gateway>>,
    Json(order): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let text = |field: &str| order.get(field).and_then(Value::as_str).unwrap_or_default();
    let reference: Uuid = text("clientReference").parse().unwrap_or_default();
    let to = text("to").to_owned();
    // Some die before the gateway has heard of them, some after it took them.
    tokio::time::sleep(GATEWAY_TAKES / 2).await;
    gateway.taken.send_modify(|taken| {
        let known = taken.entry(reference).or_insert((to, 0));
        known.1 += 1;
    });
    tokio::time::sleep(GATEWAY_TAKES / 2).await;
    let body = json!({"providerReference": format!("P-{reference}")});
    (StatusCode::ACCEPTED, Json(body))
}

/// One gateway of payments that stays, and workers that do not.
struct House {
    gateway: Served,
    department: String,
    client: reqwest::Client,
    cluster: Cluster,
    program: PathBuf,
    folder: TempDir,
}

impl House {
    async fn open(sms: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        // When the tests run as root, the server's own user must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let program = built("EPAY_BIN", "epay")?;
        let config = ClusterConfig::new(folder.path().join("pg")).relaxed();
        let cluster = Cluster::start(config).await?;
        cluster.ensure_database(DATABASE).await?;
        let (contact_key, sms_key) = (
            folder.path().join("contact.key"),
            folder.path().join("sms.key"),
        );
        std::fs::write(&contact_key, CONTACT_KEY)?;
        std::fs::write(&sms_key, "a-secret-for-tests-of-32-bytes-x")?;
        std::fs::create_dir(folder.path().join("keys"))?;
        let settings = json!({
            "database": {"url": cluster.url(DATABASE)},
            "auth": {"jwks_file": folder.path().join("keys/jwks.json")},
            "gateway": {"listen": "127.0.0.1:0"},
            "contacts": {"key_files": [contact_key]},
            "notices": {"at_once": 32, "sms": {
                "endpoint": sms, "sender": "#TEST-Pay", "key_id": "test", "secret_files": [sms_key],
            }},
        });
        std::fs::write(folder.path().join("epay.toml"), toml::to_string(&settings)?)?;
        let epay = |arguments: &[&str]| command(&program, &folder, arguments);
        finished(epay(&["migrate"])).await?;
        let kinds = workspace_root().join("deploy/demo/bill-types.json");
        finished(epay(&["load", "bill-types", &kinds.to_string_lossy()])).await?;
        let data = folder.path().to_string_lossy().into_owned();
        let token = ["token", "issue", "--data-dir", &data, "--role"];
        let rvd = ["department", "--biller", "rvd"];
        let department = finished(epay(&[&token[..], &rvd].concat())).await?;
        let serve = epay(&["serve", "--roles", "gateway"]);
        let gateway = Served::start("epay", serve, &folder.path().join("gateway.log")).await?;
        let _already_set = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Ok(Self {
            gateway,
            department,
            client: reqwest::Client::new(),
            cluster,
            program,
            folder,
        })
    }

    async fn worker(&self) -> anyhow::Result<Served> {
        let serve = command(&self.program, &self.folder, &["serve", "--roles", "worker"]);
        Served::start("a worker", serve, &self.folder.path().join("worker.log")).await
    }

    /// People by their number, each with a telephone, each told of one account.
    async fn subscribe_everybody(&self) -> anyhow::Result<()> {
        let options = PoolOptions {
            size: WRITERS,
            role: Some(CONTACT_ROLE.to_owned()),
            ..PoolOptions::named("people of a test")
        };
        let pool = build_pool(&self.cluster.config(DATABASE), &options)?;
        let contacts = Contacts::new(pool, ContactKeys::new(&[CONTACT_KEY.to_vec().into()])?);
        let text = std::fs::read_to_string(workspace_root().join("deploy/demo/bill-types.json"))?;
        let kinds: Vec<epay_domain::BillType> = serde_json::from_str(&text)?;
        let kind = kinds.iter().find(|kind| kind.code.as_str() == "rvd-rates");
        let kind = kind.context("a kind of the demo")?;
        futures_util::stream::iter(1..=PEOPLE)
            .map(|number| subscribe(&contacts, kind, number))
            .buffer_unordered(WRITERS)
            .try_collect()
            .await
    }

    async fn bill(&self, number: usize) -> anyhow::Result<()> {
        let bill = json!({
            "billType": "rvd-rates",
            "number": crate::house::with_check_digit(number),
            "amount": {"minorUnits": "372000", "currencyCode": "HKD"},
            "dueDate": {"iso": LAST_DAY},
            "description": "a bill of the crash test",
        });
        let body = json!({"bill": bill, "idempotencyKey": format!("issue-{number}")});
        let url = format!("{}/v1/billers/rvd/bills", self.gateway.said("gateway")?);
        let request = self.client.post(url).bearer_auth(&self.department);
        let answer = request.json(&body).send().await?;
        let status = answer.status();
        let said = answer.text().await?;
        ensure!(status.is_success(), "a bill: {status} {said}");
        Ok(())
    }
}

/// A last business day of a quarter whose holidays are known.
const LAST_DAY: &str = "2027-01-29";

async fn subscribe(
    contacts: &Contacts,
    kind: &epay_domain::BillType,
    number: usize,
) -> anyhow::Result<()> {
    let at = jiff::Timestamp::now();
    let id = u128::try_from(number)?;
    let person = PersonId::new(Uuid::from_u128(id));
    let new = NewPerson {
        id: person,
        points: vec![Point::read(Channel::Sms, &telephone(number))?],
        preferences: Preferences {
            tongue: Tongue::One(Language::Traditional),
            channels: vec![Channel::Sms],
            reminders: true,
            quiet: None,
        },
        consent: Consent {
            id: Uuid::from_u128(id + 1_000_000),
            words: "2026-11".to_owned(),
            at,
        },
        client: "test".to_owned(),
        at,
    };
    contacts.create(&new).await?;
    let wish = NewSubscription {
        id: Uuid::from_u128(id + 2_000_000),
        person,
        kind,
        number: &crate::house::with_check_digit(number),
        at,
    };
    contacts.subscribe(&wish).await?;
    Ok(())
}

fn telephone(number: usize) -> String {
    format!("+85260{number:06}")
}

fn command(program: &PathBuf, folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("--config")
        .arg(folder.path().join("epay.toml"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_twenty_times_in_the_middle_of_notices_tells_everybody_once()
-> anyhow::Result<()> {
    let sms = Gateway::open().await?;
    let mut house = House::open(&sms.url).await?;
    let outcome = kill_and_compare(&house, &sms).await;
    if outcome.is_err() {
        println!(
            "{}",
            crate::house::tail(&house.folder.path().join("worker.log"))
        );
    }
    outcome?;
    house.gateway.stop().await?;
    house.cluster.stop().await?;
    Ok(())
}

async fn kill_and_compare(house: &House, sms: &Gateway) -> anyhow::Result<()> {
    house.subscribe_everybody().await?;
    let bills = async {
        futures_util::stream::iter(1..=PEOPLE)
            .map(|number| house.bill(number))
            .buffer_unordered(WRITERS)
            .try_collect::<()>()
            .await
    };
    let kills = async {
        for kill in 1..=KILLS {
            let mut worker = house.worker().await?;
            // What a dead worker had in hand comes later: it does not count towards the next kill.
            let before = sms.taken.borrow().len();
            let wanted = (before + PEOPLE / (2 * KILLS)).min(PEOPLE * kill / KILLS);
            sms.takes(wanted).await?;
            worker.kill().await?;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(bills, kills)?;
    let interrupted = count(
        house,
        "SELECT count(*) FROM epay.notice WHERE unsure AND state = 'created'",
    )
    .await?;
    ensure!(
        interrupted > 0,
        "no kill fell among messages, so the run proves nothing"
    );

    let worker = house.worker().await?;
    sms.takes(PEOPLE).await?;
    told_everybody(house).await?;
    worker.stop().await?;
    let taken = sms.taken.borrow().clone();
    let people: BTreeSet<&str> = taken.values().map(|(to, _times)| to.as_str()).collect();
    let expected: BTreeSet<String> = (1..=PEOPLE).map(telephone).collect();
    let missing = expected
        .iter()
        .filter(|one| !people.contains(one.as_str()))
        .count();
    let doubled = taken.len() - people.len();
    let repeated = taken.values().filter(|(_to, times)| *times > 1).count();
    println!(
        "{PEOPLE} people, {KILLS} kills: {missing} missing, {doubled} told twice, {repeated} messages repeated"
    );
    ensure!((missing, doubled) == (0, 0));
    ensure!(people.len() == PEOPLE, "somebody else was told");
    let plans = count(
        house,
        "SELECT count(*) FROM epay.notice WHERE kind = 'bill_ready'",
    )
    .await?;
    ensure!(plans == i64::try_from(PEOPLE)?, "{plans} plans");
    Ok(())
}

async fn count(house: &House, query: &str) -> anyhow::Result<i64> {
    let session = connect(&house.cluster.config(DATABASE)).await?;
    let count = session.client().query_one(query, &[]).await?.try_get(0)?;
    session.close().await;
    Ok(count)
}

/// Waits until it is written of everybody that they were told.
async fn told_everybody(house: &House) -> anyhow::Result<()> {
    let query = "SELECT count(*) FROM epay.notice WHERE kind = 'bill_ready' AND state = 'sending'";
    let begun = std::time::Instant::now();
    while count(house, query).await? < i64::try_from(PEOPLE)? {
        ensure!(
            begun.elapsed() < PATIENCE,
            "some were told, and it is not written"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
