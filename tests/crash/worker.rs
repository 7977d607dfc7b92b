//! A worker is killed between sending a capture and hearing its answer: the acquirer has taken the money, and nobody here
//! knows. Another worker takes the order up when the dead one's claim has ended, does not send it again, because that rail
//! does not promise to know a repeat, asks, and books what it hears once.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use epay_pg::{Cluster, ClusterConfig, connect};
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use epay_proto::v1::{self, CheckPaymentRequest, CreateBillRequest, CreatePaymentRequest};
use epay_tests::workspace_root;
use tempfile::TempDir;
use tokio::process::Command;
use tokio_postgres::Client;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

use crate::acquirer::Acquirer;
use crate::child::{Served, built, finished};

const DATABASE: &str = "epay";
const NUMBER: &str = "000123456789011";
const MINOR: i64 = 372_000;
/// How long one call to the acquirer may take, in milliseconds. A claim lasts twice that and ten seconds.
const CALL_MILLIS: u32 = 1_000;
/// For everything that must happen by itself: a dead claim ends after twelve seconds, questions follow after five.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One gateway that stays, and workers that do not.
struct House {
    gateway: Served,
    channel: Channel,
    portal: String,
    department: String,
    cluster: Cluster,
    program: PathBuf,
    folder: TempDir,
}

impl House {
    async fn open(acquirer: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        // When the tests run as root, the server's own user must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let program = built("EPAY_BIN", "epay")?;
        // Only the worker dies here, so the database may take less care and start sooner.
        let config = ClusterConfig::new(folder.path().join("pg")).relaxed();
        let cluster = Cluster::start(config).await?;
        cluster.ensure_database(DATABASE).await?;
        let password = folder.path().join("password");
        std::fs::write(&password, "a-password-of-this-test")?;
        std::fs::create_dir(folder.path().join("keys"))?;
        let settings = serde_json::json!({
            "database": {"url": cluster.url(DATABASE)},
            "auth": {"jwks_file": folder.path().join("keys/jwks.json")},
            "gateway": {"listen": "127.0.0.1:0"},
            "rails": {"card": {
                "base_url": acquirer,
                "call_millis": CALL_MILLIS,
                "merchants": {"TESTRVD": {"file": password}},
            }},
        });
        std::fs::write(folder.path().join("epay.toml"), toml::to_string(&settings)?)?;
        let epay = |arguments: &[&str]| epay(&program, &folder, arguments);
        finished(epay(&["migrate"])).await?;
        let kinds = workspace_root().join("deploy/demo/bill-types.json");
        finished(epay(&["load", "bill-types", &kinds.to_string_lossy()])).await?;
        let data = folder.path().to_string_lossy().into_owned();
        let token = ["token", "issue", "--data-dir", &data, "--role"];
        let portal = finished(epay(&[&token[..], &["citizen_portal"]].concat())).await?;
        let rvd = ["department", "--biller", "rvd"];
        let department = finished(epay(&[&token[..], &rvd].concat())).await?;
        let serve = epay(&["serve", "--roles", "gateway"]);
        let gateway = Served::start("epay", serve, &folder.path().join("gateway.log")).await?;
        let channel = Endpoint::from_shared(gateway.said("gateway")?)?.connect_lazy();
        Ok(Self {
            gateway,
            channel,
            portal,
            department,
            cluster,
            program,
            folder,
        })
    }

    async fn worker(&self, name: &'static str) -> anyhow::Result<Served> {
        let serve = epay(&self.program, &self.folder, &["serve", "--roles", "worker"]);
        Served::start(name, serve, &self.folder.path().join("worker.log")).await
    }

    fn asking<M>(token: &str, message: M) -> anyhow::Result<Request<M>> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {token}").parse()?;
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }

    /// A bill, and a payment of it by card.
    async fn begin(&self) -> anyhow::Result<v1::Payment> {
        let amount = v1::Amount {
            minor_units: MINOR,
            currency_code: "HKD".to_owned(),
        };
        let issue = CreateBillRequest {
            parent: "billers/rvd".to_owned(),
            bill: Some(v1::Bill {
                bill_type: "rvd-rates".to_owned(),
                number: NUMBER.to_owned(),
                amount: Some(amount),
                due_date: Some(v1::Date {
                    iso: "2099-12-31".to_owned(),
                }),
                description: "a bill of the crash test".to_owned(),
                ..v1::Bill::default()
            }),
            idempotency_key: "issue".to_owned(),
            ..CreateBillRequest::default()
        };
        let issue = Self::asking(&self.department, issue)?;
        let bill = BillServiceClient::new(self.channel.clone())
            .create_bill(issue)
            .await?;
        let pay = CreatePaymentRequest {
            bill: bill.into_inner().name,
            rail: "card".to_owned(),
            idempotency_key: "pay".to_owned(),
            ..CreatePaymentRequest::default()
        };
        let pay = Self::asking(&self.portal, pay)?;
        let mut payments = PaymentServiceClient::new(self.channel.clone());
        Ok(payments.create_payment(pay).await?.into_inner())
    }

    /// The payer says that it was paid, so the rail is asked.
    async fn check(&self, payment: &v1::Payment) -> anyhow::Result<()> {
        let check = CheckPaymentRequest {
            name: payment.name.clone(),
        };
        let check = Self::asking(&self.portal, check)?;
        let mut payments = PaymentServiceClient::new(self.channel.clone());
        payments.check_payment(check).await?;
        Ok(())
    }

    /// What stopped, with the ends of the logs.
    fn last_words(&self) -> String {
        ["gateway.log", "worker.log"]
            .map(|log| crate::house::tail(&self.folder.path().join(log)))
            .concat()
    }
}

fn epay(program: &Path, folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("--config")
        .arg(folder.path().join("epay.toml"));
    command
}

/// Waits until a payment is in a state.
async fn becomes(client: &Client, state: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let row = client
            .query_one("SELECT state FROM epay.payment", &[])
            .await?;
        let now: String = row.try_get(0)?;
        if now == state {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < PATIENCE,
            "the payment is {now} and not {state}"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One text from the database.
async fn says(client: &Client, query: &str) -> anyhow::Result<String> {
    Ok(client.query_one(query, &[]).await?.try_get(0)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_between_a_capture_and_its_answer_leaves_it_to_another_that_asks_and_books_once()
-> anyhow::Result<()> {
    let acquirer = Acquirer::open().await?;
    let mut house = House::open(&acquirer.url).await?;
    let outcome = kill_and_compare(&house, &acquirer).await;
    if outcome.is_err() {
        println!("{}", house.last_words());
    }
    outcome?;
    house.gateway.stop().await?;
    house.cluster.stop().await?;
    Ok(())
}

async fn kill_and_compare(house: &House, acquirer: &Acquirer) -> anyhow::Result<()> {
    let session = connect(&house.cluster.config(DATABASE)).await?;
    let client = session.client();
    let mut first = house.worker("the first worker").await?;
    let payment = house.begin().await?;
    becomes(client, "awaiting_payer").await?;
    house.check(&payment).await?;
    acquirer.captured().await?;
    // It has taken the money, and its answer is not coming: nothing but the order's row says that it was asked.
    first.kill().await?;
    let sent = "SELECT state FROM epay.rail_order WHERE kind = 'capture'";
    ensure!(
        says(client, sent).await? == "sent",
        "the order is on the wire"
    );
    ensure!(
        says(client, BOOKED).await? == HELD,
        "nothing is booked of it"
    );

    let second = house.worker("the second worker").await?;
    becomes(client, "settled")
        .await
        .context("after the second worker took it up")?;
    let (captures, questions) = acquirer.asked();
    ensure!(
        captures.len() == 1,
        "money was asked for again: {captures:?}"
    );
    ensure!(questions > 0, "it was booked without asking");
    let booked = says(client, BOOKED).await?;
    ensure!(booked == CAPTURED, "the books say {booked}");
    let receipts = "SELECT count(*)::text || ' of ' || sum(amount_minor)::text FROM epay.receipt";
    ensure!(says(client, receipts).await? == format!("1 of {MINOR}"));
    second.stop().await?;
    finished(epay(&house.program, &house.folder, &["ledger", "verify"])).await?;
    session.close().await;
    Ok(())
}

/// What the book holds, account by account.
const BOOKED: &str = "SELECT coalesce(string_agg(account.code || ' ' || (balance.debit - balance.credit), ', ' \
     ORDER BY account.code), '') FROM ledger.balance AS balance JOIN ledger.account AS account \
     ON account.id = balance.account WHERE balance.debit <> balance.credit";
/// Authorised, and not captured as far as we know.
const HELD: &str = "9010 372000, 9020 -372000";
const CAPTURED: &str = "1120 372000, 2010.rvd.02-gr -372000";
