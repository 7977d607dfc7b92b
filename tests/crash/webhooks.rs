//! A worker is killed while a department's receiver has calls of its: nobody knows whether they were taken. Another worker
//! takes them up when the dead one's claims have ended, sends them again under the same ids, and nothing is missing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use epay_pg::{Cluster, ClusterConfig, connect};
use epay_tests::workspace_root;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::watch;

use crate::child::{Served, built, finished};

const DATABASE: &str = "epay";
/// More than one worker sends to a receiver at once, so that some wait when it dies.
const BILLS: usize = 12;
/// What a worker sends to one receiver at once.
const AT_ONCE: usize = 8;
/// For everything that must happen by itself: a dead claim ends after twenty-five seconds.
const PATIENCE: Duration = Duration::from_secs(90);

/// A department's system: it hears, and answers only once it is well.
#[derive(Debug)]
struct Receiver {
    url: String,
    heard: watch::Sender<Vec<String>>,
    well: AtomicBool,
}

impl Receiver {
    async fn open() -> anyhow::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Arc::new(Self {
            url: format!("http://{}/hook", listener.local_addr()?),
            heard: watch::Sender::new(vec![]),
            well: AtomicBool::new(false),
        });
        let router = Router::new()
            .fallback(take)
            .with_state(Arc::clone(&receiver));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    async fn hears(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut heard = self.heard.subscribe();
        let enough = heard.wait_for(|heard| heard.len() >= count);
        let enough = tokio::time::timeout(PATIENCE, enough).await;
        let heard = enough.with_context(|| format!("{count} calls did not come in time"))??;
        Ok(heard.clone())
    }
}

async fn take(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default().to_owned();
    receiver.heard.send_modify(|heard| heard.push(id));
    if !receiver.well.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    StatusCode::NO_CONTENT
}

/// One gateway that stays, and workers that do not.
struct House {
    gateway: Served,
    department: String,
    client: reqwest::Client,
    cluster: Cluster,
    program: PathBuf,
    folder: TempDir,
}

impl House {
    async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        // When the tests run as root, the server's own user must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let program = built("EPAY_BIN", "epay")?;
        let config = ClusterConfig::new(folder.path().join("pg")).relaxed();
        let cluster = Cluster::start(config).await?;
        cluster.ensure_database(DATABASE).await?;
        let vault = folder.path().join("vault.key");
        std::fs::write(&vault, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n")?;
        std::fs::create_dir(folder.path().join("keys"))?;
        let settings = json!({
            "database": {"url": cluster.url(DATABASE)},
            "auth": {"jwks_file": folder.path().join("keys/jwks.json")},
            "gateway": {"listen": "127.0.0.1:0"},
            "webhooks": {"vault_keys": {"test": vault}, "allow_loopback": true},
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

    async fn worker(&self, name: &'static str) -> anyhow::Result<Served> {
        let serve = command(&self.program, &self.folder, &["serve", "--roles", "worker"]);
        Served::start(name, serve, &self.folder.path().join("worker.log")).await
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let url = format!("{}/v1/billers/rvd/{path}", self.gateway.said("gateway")?);
        let request = self.client.post(url).bearer_auth(&self.department);
        let answer = request.json(&body).send().await?;
        let status = answer.status();
        let said = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {said}");
        Ok(serde_json::from_str(&said)?)
    }

    async fn bill(&self, number: usize) -> anyhow::Result<()> {
        let bill = json!({
            "billType": "rvd-rates",
            "number": crate::house::with_check_digit(number),
            "amount": {"minorUnits": "372000", "currencyCode": "HKD"},
            "dueDate": {"iso": "2099-12-31"},
            "description": "a bill of the crash test",
        });
        let body = json!({"bill": bill, "idempotencyKey": format!("issue-{number}")});
        self.post("bills", body).await.map(drop)
    }
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
async fn a_worker_killed_in_the_middle_of_webhooks_leaves_them_to_another_that_loses_none()
-> anyhow::Result<()> {
    let mut house = House::open().await?;
    let outcome = kill_and_compare(&house).await;
    if outcome.is_err() {
        let log = house.folder.path().join("worker.log");
        println!("{}", crate::house::tail(&log));
    }
    outcome?;
    house.gateway.stop().await?;
    house.cluster.stop().await?;
    Ok(())
}

async fn kill_and_compare(house: &House) -> anyhow::Result<()> {
    let receiver = Receiver::open().await?;
    let endpoint = json!({"url": receiver.url, "idempotencyKey": "k"});
    house.post("webhookEndpoints", endpoint).await?;
    let mut first = house.worker("the first worker").await?;
    for number in 1..=BILLS {
        house.bill(number).await?;
    }
    let before = receiver.hears(AT_ONCE).await?;
    // It has heard, and its answers are not coming: nothing but rows say that it was called.
    first.kill().await?;
    receiver.well.store(true, Ordering::SeqCst);
    ensure!(before.len() == AT_ONCE, "one receiver holds so many places");

    let second = house.worker("the second worker").await?;
    let heard = receiver.hears(AT_ONCE + BILLS).await?;
    second.stop().await?;
    let again = heard.get(AT_ONCE..).unwrap_or_default();
    ensure!(
        before.iter().all(|id| again.contains(id)),
        "what was under way was sent again under its id"
    );
    let session = connect(&house.cluster.config(DATABASE)).await?;
    let query = "SELECT count(*) FILTER (WHERE state = 'delivered'), count(*) FILTER (WHERE attempts = 2), count(*) \
         FROM webhook.delivery";
    let row = session.client().query_one(query, &[]).await?;
    let found: (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let (all, twice) = (i64::try_from(BILLS)?, i64::try_from(AT_ONCE)?);
    ensure!(found == (all, twice, all), "{found:?}");
    session.close().await;
    Ok(())
}
