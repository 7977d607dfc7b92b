//! Both houses: each a PostgreSQL cluster and a process, and what they know of each other.
//!
//! The gateway's port is held for the whole run by a socket that never listens, so that nobody else gets it while the
//! gateway is dead. The bank has a cluster of its own: it goes on while the gateway's is down. The gateway's is fully
//! durable, as in production.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::ensure;
use epay_pg::{Cluster, ClusterConfig, connect};
use epay_tests::workspace_root;
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::process::Command;

use crate::bank::Bank;
use crate::books::{self, Books};
use crate::caller::{Caller, Progress};
use crate::child::{Served, built, finished};

/// Databases of the two houses.
const DATABASE: &str = "epay";
const BANK_DATABASE: &str = "bank";
/// The key id of the channel between them, and its secret. Nothing outside this run knows them.
const CHANNEL_KEY: &str = "sandbox-bank-1";
const CHANNEL_SECRET: &str = "a-secret-of-the-crash-test-and-of-nothing-else";
/// Departments that issue bills.
const DEPARTMENTS: [&str; 4] = ["ird", "rvd", "td", "wsd"];
/// How long everything that was left behind may take: a message that a crash left is taken up again five seconds
/// after it came, the bank's longest pause is as long, and a dead worker's jobs are given back after twenty.
const SETTLE_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How much of each log is shown after a failure.
const LOG_LINES_SHOWN: usize = 30;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    /// The process with the gateway and the worker.
    Gateway,
    /// The gateway's PostgreSQL, every process of it.
    Database,
}

/// One kill, for the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kill {
    pub(crate) acknowledged: usize,
    /// Creations under way when it fell.
    pub(crate) in_flight: usize,
    /// Notices that nobody had acknowledged while it was dead.
    pub(crate) open_notices: u64,
    /// From the kill to an answer.
    pub(crate) away: Duration,
}

/// Everything that runs. Fields are dropped in this order: programs, servers, files.
#[derive(Debug)]
pub(crate) struct House {
    gateway: Served,
    sandbox: Served,
    pub(crate) bank: Bank,
    caller_tokens: (String, BTreeMap<&'static str, String>),
    cluster: Cluster,
    bank_cluster: Cluster,
    files: Files,
    _port: TcpSocket,
}

/// Where things lie.
#[derive(Debug)]
struct Files {
    program: PathBuf,
    gateway: String,
    folder: TempDir,
}

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn epay(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.path("epay.toml"));
        command
    }

    async fn serve(&self) -> anyhow::Result<Served> {
        let command = self.epay(&["serve", "--roles", "gateway,worker"]);
        Served::start("epay", command, &self.path("epay.log")).await
    }
}

impl House {
    /// Starts both houses.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        // reqwest is built without a choice of TLS library; a second test's choice is the same.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let folder = tempfile::tempdir()?;
        // When the tests run as root, the server's own user must get through.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let port = TcpSocket::new_v4()?;
        port.set_reuseaddr(true)?;
        port.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let files = Files {
            program: built("EPAY_BIN", "epay")?,
            gateway: port.local_addr()?.to_string(),
            folder,
        };
        let (cluster, bank_cluster) = tokio::try_join!(
            Cluster::start(durable(files.path("pg-epay"))),
            // Never killed, so it may take less care and start sooner.
            Cluster::start(ClusterConfig::new(files.path("pg-bank")).relaxed()),
        )?;
        cluster.ensure_database(DATABASE).await?;
        bank_cluster.ensure_database(BANK_DATABASE).await?;
        let caller_tokens = furnish(&files, &cluster).await?;
        let gateway = files.serve().await?;
        let sandbox = open_bank(&files, &bank_cluster).await?;
        Ok(Self {
            gateway,
            bank: Bank::new(sandbox.said("listening")?),
            sandbox,
            caller_tokens,
            cluster,
            bank_cluster,
            files,
            _port: port,
        })
    }

    /// A caller of the gateway.
    pub(crate) fn caller(&self) -> anyhow::Result<Caller> {
        let (citizen, departments) = self.caller_tokens.clone();
        let url = format!("http://{}", self.files.gateway);
        Caller::new(&url, citizen, departments)
    }

    /// Kills the victim without warning and starts it again.
    pub(crate) async fn kill_and_start(
        &mut self,
        victim: Victim,
        reached: Progress,
    ) -> anyhow::Result<Kill> {
        let begun = Instant::now();
        match victim {
            Victim::Gateway => self.gateway.kill().await?,
            Victim::Database => self.cluster.kill().await?,
        }
        let open_notices = self.bank.summary().await?.notices.open();
        match victim {
            Victim::Gateway => self.gateway = self.files.serve().await?,
            Victim::Database => {
                self.cluster.restart().await?;
                // A gateway without its database refuses work; it does not die of it.
                self.gateway.still_runs()?;
            }
        }
        Ok(Kill {
            acknowledged: reached.acknowledged,
            in_flight: reached.in_flight(),
            open_notices,
            away: begun.elapsed(),
        })
    }

    /// Waits until nothing is under way: the bank has told everything, every message is booked, every effect
    /// performed, and no job waits.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        self.bank.hurry().await?;
        let session = connect(&self.cluster.config(DATABASE)).await?;
        let begun = Instant::now();
        loop {
            self.gateway.still_runs()?;
            let notices = self.bank.summary().await?.notices.open();
            let left = books::left_to_do(session.client()).await?;
            if notices == 0 && left.is_nothing() {
                session.close().await;
                return Ok(());
            }
            ensure!(
                begun.elapsed() < SETTLE_WAIT,
                "still to do after {SETTLE_WAIT:?}: {notices} notices at the bank, {left:?}"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Everything that is compared, read from both houses. The ledger is verified by the program's own verb first.
    pub(crate) async fn read_books(&self) -> anyhow::Result<Books> {
        finished(self.files.epay(&["ledger", "verify"])).await?;
        let session = connect(&self.cluster.config(DATABASE)).await?;
        let books = Books::read(session.client(), &self.bank).await;
        session.close().await;
        books
    }

    /// Ends everything in good order, which also shows that the survivors can.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        self.sandbox.stop().await?;
        self.gateway.stop().await?;
        self.bank_cluster.stop().await?;
        self.cluster.stop().await?;
        Ok(())
    }

    /// The ends of the logs.
    pub(crate) fn last_words(&self) -> String {
        let logs = [
            self.files.path("epay.log"),
            self.files.path("bank.log"),
            self.cluster.log_file(),
        ];
        logs.iter().map(|log| tail(log)).collect()
    }
}

/// A cluster as in production, but for one thing: after a crash it asks the kernel once to write everything out, where
/// it can, instead of opening each of a thousand files, which takes seconds on a busy machine.
fn durable(data_dir: PathBuf) -> ClusterConfig {
    let mut config = ClusterConfig::new(data_dir);
    if cfg!(target_os = "linux") {
        let setting = ("recovery_init_sync_method", "syncfs");
        config
            .settings
            .push((setting.0.to_owned(), setting.1.to_owned()));
    }
    config
}

/// Schema, kinds of bill, configuration and tokens, all by the program's own verbs.
async fn furnish(
    files: &Files,
    cluster: &Cluster,
) -> anyhow::Result<(String, BTreeMap<&'static str, String>)> {
    let keys = files.path("keys");
    std::fs::create_dir(&keys)?;
    std::fs::write(files.path("channel.secret"), CHANNEL_SECRET)?;
    std::fs::write(files.path("epay.toml"), configuration(files, cluster)?)?;
    finished(files.epay(&["migrate"])).await?;
    let kinds = workspace_root().join("deploy/demo/bill-types.json");
    finished(files.epay(&["load", "bill-types", &kinds.to_string_lossy()])).await?;

    let folder = files.folder.path().to_string_lossy();
    let issue = async |role: &[&str]| {
        let mut command = files.epay(&["token", "issue", "--data-dir", &folder]);
        command.args(role);
        finished(command).await
    };
    let citizen = issue(&["--role", "citizen_portal"]).await?;
    let mut departments = BTreeMap::new();
    for biller in DEPARTMENTS {
        departments.insert(
            biller,
            issue(&["--role", "department", "--biller", biller]).await?,
        );
    }
    Ok((citizen, departments))
}

fn configuration(files: &Files, cluster: &Cluster) -> anyhow::Result<String> {
    let settings = serde_json::json!({
        "database": {"url": cluster.url(DATABASE)},
        "auth": {"jwks_file": files.path("keys/jwks.json")},
        "gateway": {"listen": files.gateway},
        "channels": {"fps": {CHANNEL_KEY: [files.path("channel.secret")]}},
        "rails": {"fps": {}},
    });
    Ok(toml::to_string(&settings)?)
}

async fn open_bank(files: &Files, cluster: &Cluster) -> anyhow::Result<Served> {
    let mut command = Command::new(built("EPAY_SANDBOX_BIN", "epay-sandbox")?);
    command
        .arg("--config")
        .arg(workspace_root().join("deploy/demo/sandbox.toml"))
        .args(["--listen", "127.0.0.1:0"])
        .args(["--database-url", &cluster.url(BANK_DATABASE)])
        .args(["--gateway-url", &format!("http://{}", files.gateway)])
        .args(["--channel-key-id", CHANNEL_KEY])
        .env("EPAY_SANDBOX_CHANNEL_SECRET", CHANNEL_SECRET);
    Served::start("epay-sandbox", command, &files.path("bank.log")).await
}

pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_else(|error| error.to_string());
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.len().saturating_sub(LOG_LINES_SHOWN);
    let end = lines.get(shown..).unwrap_or_default().join("\n");
    format!("--- the end of {}\n{end}\n", log.display())
}

/// A number of the rating department: fourteen digits and ISO 7064's MOD 11,10.
pub(crate) fn with_check_digit(number: usize) -> String {
    let digits = format!("{number:014}");
    let rest = digits.bytes().fold(10, |rest, digit| {
        let sum = (rest + u32::from(digit - b'0')) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    format!("{digits}{}", (11 - rest) % 10)
}
