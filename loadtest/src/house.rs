//! The house under load: a private cluster with full durability, and `epay serve` in a process of its own.
//!
//! Everything is done by the shipped binary's own verbs (migrate, load, token, serve), so what is measured is
//! what is deployed. All files lie in a temporary folder that goes with the house.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use epay_domain::BillType;
use epay_pg::{Cluster, ClusterConfig};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretSlice;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::cpu::Parties;
use crate::yardstick;

/// The gateway's database.
pub(crate) const DATABASE: &str = "epay";
/// The rail that the scenario pays by, and the key id under which its bank signs.
pub(crate) const RAIL: &str = "fps";
pub(crate) const CHANNEL_KEY_ID: &str = "load-bank-1";
/// The kinds of bill of the demonstration: four departments, nothing real.
const BILL_TYPES: &str = include_str!("../../deploy/demo/bill-types.json");
/// How long `epay serve` may take until it answers.
const READY_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long it may take to drain.
const DRAIN_WAIT: Duration = Duration::from_secs(60);

/// How the house is built.
#[derive(Debug, clap::Args)]
pub(crate) struct HouseOptions {
    /// The `epay` binary; the one beside this program unless given.
    #[arg(long)]
    epay: Option<PathBuf>,
    /// Worker threads of `epay serve`; its own choice unless given.
    #[arg(long)]
    server_threads: Option<usize>,
    /// Print which statements of the gateway cost the most. Slows PostgreSQL a little, also for pgbench.
    #[arg(long)]
    pub(crate) statements: bool,
    /// More settings of the server, as `name=value`.
    #[arg(long)]
    postgres: Vec<String>,
}

/// What runs.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) cluster: Cluster,
    pub(crate) gateway: String,
    pub(crate) kinds: Vec<BillType>,
    pub(crate) secret: String,
    epay: PathBuf,
    child: Child,
    folder: TempDir,
}

impl House {
    /// Starts the cluster with the yardstick's and the gateway's databases, then the gateway.
    pub(crate) async fn start(options: &HouseOptions) -> Result<Self> {
        let epay = match &options.epay {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("epay"),
        };
        ensure!(
            epay.is_file(),
            "{} is missing: build it with --release, or give --epay",
            epay.display()
        );
        let folder = tempfile::Builder::new()
            .prefix("epay-loadtest-")
            .tempdir()?;
        let cluster = start_cluster(options, folder.path()).await?;
        let secret: [u8; 32] = rand::random();
        let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let secret_file = folder.path().join("bank.secret");
        std::fs::write(&secret_file, &secret)?;
        let types = folder.path().join("bill-types.json");
        std::fs::write(&types, BILL_TYPES)?;
        write_config(&cluster, folder.path(), &secret_file)?;
        // The first token makes the signing key and its JWKS, which the configuration names.
        std::fs::create_dir(folder.path().join("keys"))?;
        token(&epay, folder.path(), "auditor", None).await?;
        verb(&epay, folder.path(), ["migrate".as_ref()]).await?;
        let load = ["load".as_ref(), "bill-types".as_ref(), types.as_os_str()];
        verb(&epay, folder.path(), load).await?;
        let (child, gateway) = serve(&epay, folder.path(), options.server_threads).await?;
        Ok(Self {
            cluster,
            gateway,
            kinds: serde_json::from_str(BILL_TYPES)?,
            secret,
            epay,
            child,
            folder,
        })
    }

    /// A token in a role.
    pub(crate) async fn token(&self, role: &str, biller: Option<&str>) -> Result<String> {
        token(&self.epay, self.folder.path(), role, biller).await
    }

    /// The shipped binary with this house's configuration, for a verb.
    pub(crate) fn command(&self) -> Command {
        command(&self.epay, self.folder.path())
    }

    /// Where files of the run lie.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The secret that the bank and the gateway share.
    pub(crate) fn channel_secret(&self) -> SecretSlice<u8> {
        SecretSlice::from(self.secret.as_bytes().to_vec())
    }

    /// Whose processor time is counted.
    pub(crate) fn parties(&self) -> Result<Parties> {
        let file = self.cluster.data_dir().join("postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        Ok(Parties {
            gateway: self.child.id().context("epay serve is not running")?,
            postmaster: text.lines().next().unwrap_or_default().trim().parse()?,
        })
    }

    /// Fails if `epay serve` is no longer there.
    pub(crate) fn assert_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("epay serve ended with {status}: {}", self.log_tail()),
        }
    }

    /// Asks `epay serve` to drain and waits; the cluster stays, for the audit.
    pub(crate) async fn close(&mut self) -> Result<()> {
        self.assert_alive()?;
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).context("no process id")?;
        kill_process(pid, Signal::TERM)?;
        let status = tokio::time::timeout(DRAIN_WAIT, self.child.wait())
            .await
            .context("epay serve did not drain in time")??;
        ensure!(
            status.success(),
            "epay serve ended with {status}: {}",
            self.log_tail()
        );
        Ok(())
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("epay.log"));
        let text = text.unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

async fn start_cluster(options: &HouseOptions, folder: &Path) -> Result<Cluster> {
    let mut config = ClusterConfig::new(folder.join("postgres"));
    if options.statements {
        let library = ("shared_preload_libraries", "pg_stat_statements");
        config
            .settings
            .push((library.0.to_owned(), library.1.to_owned()));
    }
    for setting in &options.postgres {
        let (name, value) = setting
            .split_once('=')
            .context("--postgres takes name=value")?;
        config.settings.push((name.to_owned(), value.to_owned()));
    }
    let cluster = Cluster::start(config).await?;
    cluster.ensure_database(DATABASE).await?;
    cluster.ensure_database(yardstick::DATABASE).await?;
    Ok(cluster)
}

fn write_config(cluster: &Cluster, folder: &Path, secret: &Path) -> Result<()> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let text = format!(
        "[database]\nurl = {url}\n[auth]\njwks_file = {jwks}\n[gateway]\nlisten = \"127.0.0.1:0\"\n\
         [channels.{RAIL}]\n{CHANNEL_KEY_ID} = [{secret}]\n[rails.{RAIL}]\n",
        url = quoted(&cluster.url(DATABASE)),
        jwks = quoted(&folder.join("keys/jwks.json").to_string_lossy()),
        secret = quoted(&secret.to_string_lossy()),
    );
    std::fs::write(folder.join("epay.toml"), text)?;
    Ok(())
}

fn command(epay: &Path, folder: &Path) -> Command {
    let mut command = Command::new(epay);
    command
        .arg("--config")
        .arg(folder.join("epay.toml"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs a verb to its end; answers what it printed.
async fn verb<'a>(
    epay: &Path,
    folder: &Path,
    arguments: impl IntoIterator<Item = &'a OsStr>,
) -> Result<String> {
    let output = command(epay, folder).args(arguments).output().await?;
    ensure!(
        output.status.success(),
        "epay ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn token(epay: &Path, folder: &Path, role: &str, biller: Option<&str>) -> Result<String> {
    let mut arguments = ["token", "issue", "--role", role].map(OsStr::new).to_vec();
    arguments.extend([OsStr::new("--data-dir"), folder.as_os_str()]);
    if let Some(biller) = biller {
        arguments.extend(["--biller", biller].map(OsStr::new));
    }
    verb(epay, folder, arguments).await
}

async fn serve(epay: &Path, folder: &Path, threads: Option<usize>) -> Result<(Child, String)> {
    let ready = folder.join("ready.json");
    let mut command = command(epay, folder);
    command
        .args(["serve", "--roles", "gateway,worker", "--ready-file"])
        .arg(&ready)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("epay.log"))?);
    if let Some(threads) = threads {
        command.env("TOKIO_WORKER_THREADS", threads.to_string());
    }
    let mut child = command.spawn().context("epay serve cannot be started")?;
    let wait = async {
        while !ready.exists() {
            if let Some(status) = child.try_wait()? {
                let log = std::fs::read_to_string(folder.join("epay.log"))?;
                bail!("epay serve ended with {status}: {log}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let addresses: serde_json::Value = serde_json::from_slice(&std::fs::read(&ready)?)?;
        let gateway = addresses.get("gateway").and_then(serde_json::Value::as_str);
        Ok(gateway.context("no gateway address")?.to_owned())
    };
    let gateway = tokio::time::timeout(READY_WAIT, wait)
        .await
        .context("epay serve was not ready in time")??;
    Ok((child, gateway))
}
