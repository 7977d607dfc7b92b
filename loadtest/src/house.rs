//! The house under load: a private cluster with full durability, and `epay serve` in a process of its own, or in several.
//!
//! Where citizens pay by every rail, the process is `epay dev` on the same cluster: gateway, worker and pages, and the sandbox as everybody's
//! counterparty in a process beside it.
//!
//! Everything is done by the shipped binary's own verbs (migrate, load, token, serve), so what is measured is
//! what is deployed. All files lie in a temporary folder that goes with the house.

mod node;
mod other_side;
mod tls;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use epay_domain::BillType;
use epay_pg::{Cluster, ClusterConfig};
use secrecy::SecretSlice;
use tempfile::TempDir;
use tokio::process::Command;
use tonic::transport::{Channel, Endpoint};

use self::node::Node;
use self::other_side::OtherSide;
use self::tls::Authority;
use crate::cpu::Parties;
use crate::sandbox::Sandbox;
use crate::yardstick;

/// The gateway's database.
pub(crate) const DATABASE: &str = "epay";
/// The sandbox's, where there is one: another house, so another database.
pub(crate) const SANDBOX_DATABASE: &str = "epay_sandbox";
/// The rail that the scenario pays by, and the key id under which its bank signs.
pub(crate) const RAIL: &str = "fps";
pub(crate) const CHANNEL_KEY_ID: &str = "load-bank-1";
/// The kinds of bill of the demonstration: four departments, nothing real.
const BILL_TYPES: &str = include_str!("../../deploy/demo/bill-types.json");
/// Open watches that a gateway here lets be: those of the scenarios. In service it is 4,096, unless configured.
const WATCHES_MAX: usize = 65_536;
/// As many commits at once as `pgbench` has clients, with connections for reading beside them.
const COMMIT_EACH: &str = "[engine]\ncommitters = 32\nconnections = 96\ncommit_each = true\n";
/// Connections of one party. A gateway's callers are few: pages, banks and departments, not citizens.
const CONNECTIONS: usize = 4;

/// How the house is built.
#[derive(Debug, clap::Args)]
pub(crate) struct HouseOptions {
    /// The `epay` binary; the one beside this program unless given.
    #[arg(long)]
    epay: Option<PathBuf>,
    /// Worker threads of `epay serve`; its own choice unless given.
    #[arg(long)]
    server_threads: Option<usize>,
    /// Processes of `epay serve --roles gateway,worker` on the one cluster; callers are spread over them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) nodes: u8,
    /// Give every command and every message a commit of its own, 32 at once: what a design without batches does.
    #[arg(long, conflicts_with = "committers")]
    commit_each: bool,
    /// Committers of each of a gateway's two queues: how many batches may be on their way to the disk at once. Its own choice unless given.
    #[arg(long)]
    committers: Option<u8>,
    /// Speak TLS with the gateway.
    #[arg(long)]
    tls: bool,
    /// Print which statements of the gateway cost the most. Slows PostgreSQL a little, also for pgbench.
    #[arg(long)]
    pub(crate) statements: bool,
    /// Branches of pgbench: more than its clients, so that their rows are not the bottleneck.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) pgbench_scale: u16,
    /// More settings of the server, as `name=value`.
    #[arg(long)]
    postgres: Vec<String>,
}

impl HouseOptions {
    /// How this house differs from the usual one, as rows are named.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = self.unlike_dev();
        match self.server_threads {
            None => {}
            Some(1) => words.push("one thread each".to_owned()),
            Some(count) => words.push(format!("{count} threads each")),
        }
        words
    }

    /// What `epay dev` has no say in.
    fn unlike_dev(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.nodes > 1 {
            words.push(format!("{} gateways", self.nodes));
        }
        if self.tls {
            words.push("TLS".to_owned());
        }
        if self.commit_each {
            words.push("a commit each".to_owned());
        }
        if let Some(count) = self.committers {
            words.push(format!("{count} committers"));
        }
        words
    }

    /// A house with every rail is the demonstration's own: one gateway, as it comes.
    fn assert_plain(&self) -> Result<()> {
        if let Some(word) = self.unlike_dev().first() {
            bail!(
                "a scenario with a mix of rails runs what `epay dev` runs, without {word}: leave out --nodes, --commit-each, --committers and --tls"
            );
        }
        Ok(())
    }
}

/// What runs.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) cluster: Cluster,
    pub(crate) kinds: Vec<BillType>,
    pub(crate) secret: String,
    epay: PathBuf,
    nodes: Vec<Node>,
    other_side: Option<OtherSide>,
    authority: Option<Authority>,
    /// Where the configuration and the keys lie.
    home: PathBuf,
    folder: TempDir,
}

impl House {
    /// Starts the cluster with the yardstick's and the gateway's databases, then the gateway.
    pub(crate) async fn start(options: &HouseOptions) -> Result<Self> {
        let (epay, folder, cluster) = ground(options).await?;
        let secret: [u8; 32] = rand::random();
        let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let secret_file = folder.path().join("bank.secret");
        std::fs::write(&secret_file, &secret)?;
        let types = folder.path().join("bill-types.json");
        std::fs::write(&types, BILL_TYPES)?;
        let authority = options.tls.then(|| Authority::new(folder.path()));
        let authority = authority.transpose()?;
        write_config(&cluster, folder.path(), &secret_file, options)?;
        // The first token makes the signing key and its JWKS, which the configuration names.
        std::fs::create_dir(folder.path().join("keys"))?;
        token(&epay, folder.path(), "auditor", None).await?;
        verb(&epay, folder.path(), ["migrate".as_ref()]).await?;
        let load = ["load".as_ref(), "bill-types".as_ref(), types.as_os_str()];
        verb(&epay, folder.path(), load).await?;
        let mut nodes = Vec::with_capacity(options.nodes.into());
        for number in 1..=options.nodes {
            let mut command = command(&epay, folder.path());
            options.limit_threads(&mut command);
            command.args(["serve", "--roles", "gateway,worker"]);
            let names = (number.to_string(), "gateway");
            nodes.push(Node::start(command, folder.path(), (&names.0, names.1)).await?);
        }
        Ok(Self {
            cluster,
            kinds: serde_json::from_str(BILL_TYPES)?,
            secret,
            epay,
            nodes,
            other_side: None,
            authority,
            home: folder.path().to_owned(),
            folder,
        })
    }

    /// The same for citizens who pay by every rail.
    pub(crate) async fn start_with_every_rail(options: &HouseOptions) -> Result<Self> {
        options.assert_plain()?;
        let (epay, folder, cluster) = ground(options).await?;
        cluster.ensure_database(SANDBOX_DATABASE).await?;
        let home = folder.path().join("dev");
        let mut command = command(&epay, &home);
        options.limit_threads(&mut command);
        command
            .args(["dev", "--data-dir"])
            .arg(&home)
            .args(["--database-url", &cluster.url(DATABASE)])
            .args(["--sandbox-database-url", &cluster.url(SANDBOX_DATABASE)]);
        let node = Node::start(command, folder.path(), ("dev", "EPAY_GATEWAY_URL")).await?;
        let other_side = OtherSide::of(node.pid()?, node.said("EPAY_SANDBOX_URL")?)?;
        Ok(Self {
            cluster,
            kinds: serde_json::from_str(BILL_TYPES)?,
            // The sandbox's bank has its own, and nobody here speaks for it.
            secret: String::new(),
            epay,
            nodes: vec![node],
            other_side: Some(other_side),
            authority: None,
            home,
            folder,
        })
    }

    /// The counterparties' doors, and the pages to which they send browsers back; nothing in a house without them.
    pub(crate) fn sandbox(&self) -> Result<Option<(Sandbox, String)>> {
        let (Some(other_side), Some(node)) = (&self.other_side, self.nodes.first()) else {
            return Ok(None);
        };
        let back = format!("{}/en/", node.said("EPAY_PORTAL_URL")?);
        Ok(Some((Sandbox::new(&other_side.url)?, back)))
    }

    /// A token in a role.
    pub(crate) async fn token(&self, role: &str, biller: Option<&str>) -> Result<String> {
        token(&self.epay, &self.home, role, biller).await
    }

    /// The shipped binary with this house's configuration, for a verb.
    pub(crate) fn command(&self) -> Command {
        command(&self.epay, &self.home)
    }

    /// Where files of the run lie.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The secret that the bank and the gateway share.
    pub(crate) fn channel_secret(&self) -> SecretSlice<u8> {
        SecretSlice::from(self.secret.as_bytes().to_vec())
    }

    /// How many gateways it has.
    pub(crate) const fn gateways(&self) -> usize {
        self.nodes.len()
    }

    /// Opens the connections of one party, spread over the gateways.
    pub(crate) async fn connect(&self) -> Result<Vec<Channel>> {
        self.connect_to(self.gateways()).await
    }

    /// The same, spread over some of the gateways.
    pub(crate) async fn connect_to(&self, gateways: usize) -> Result<Vec<Channel>> {
        let count = CONNECTIONS.max(gateways);
        let mut channels = Vec::with_capacity(count);
        for node in self.nodes.iter().take(gateways).cycle().take(count) {
            let mut endpoint = Endpoint::from_shared(node.address().to_owned())?;
            if let Some(authority) = &self.authority {
                endpoint = endpoint.tls_config(authority.client())?;
            }
            channels.push(endpoint.connect().await.context("the gateway")?);
        }
        Ok(channels)
    }

    /// Whose processor time is counted.
    pub(crate) fn parties(&self) -> Result<Parties> {
        let file = self.cluster.data_dir().join("postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        let gateways = self.nodes.iter().map(Node::pid);
        Ok(Parties {
            gateways: gateways.collect::<Result<_>>()?,
            sandbox: self.other_side.as_ref().map(|sandbox| sandbox.pid),
            postmaster: text.lines().next().unwrap_or_default().trim().parse()?,
        })
    }

    /// Fails if an `epay` is no longer there.
    pub(crate) fn assert_alive(&mut self) -> Result<()> {
        self.nodes.iter_mut().try_for_each(Node::assert_alive)
    }

    /// Asks every `epay` to drain and waits; the cluster stays, for the audit.
    pub(crate) async fn close(&mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.close().await?;
        }
        if let Some(other_side) = &mut self.other_side {
            other_side.note_stopped();
        }
        Ok(())
    }
}

impl HouseOptions {
    fn limit_threads(&self, command: &mut Command) {
        if let Some(threads) = self.server_threads {
            command.env("TOKIO_WORKER_THREADS", threads.to_string());
        }
    }
}

/// What every house stands on: the program, a folder, the cluster.
async fn ground(options: &HouseOptions) -> Result<(PathBuf, TempDir, Cluster)> {
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
    Ok((epay, folder, cluster))
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

fn write_config(
    cluster: &Cluster,
    folder: &Path,
    secret: &Path,
    options: &HouseOptions,
) -> Result<()> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let in_folder = |name: &str| quoted(&folder.join(name).to_string_lossy());
    let tls = if options.tls {
        format!(
            "tls_certificates = {}\ntls_key = {}\n",
            in_folder(tls::CERTIFICATE),
            in_folder(tls::KEY)
        )
    } else {
        String::new()
    };
    let engine = match options.committers {
        Some(count) => format!("[engine]\ncommitters = {count}\n"),
        None if options.commit_each => COMMIT_EACH.to_owned(),
        None => String::new(),
    };
    let text = format!(
        "[database]\nurl = {url}\n[auth]\njwks_file = {jwks}\n\
         [gateway]\nlisten = \"127.0.0.1:0\"\nwatches_max = {WATCHES_MAX}\n{tls}\
         {engine}[channels.{RAIL}]\n{CHANNEL_KEY_ID} = [{secret}]\n[rails.{RAIL}]\n",
        url = quoted(&cluster.url(DATABASE)),
        jwks = in_folder("keys/jwks.json"),
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        house: HouseOptions,
    }

    #[test]
    fn a_row_says_how_its_house_differs_from_the_usual_one() {
        for (arguments, words) in [
            (vec!["--pgbench-scale=1"], vec![]),
            (
                vec!["--nodes=2", "--server-threads=1"],
                vec!["2 gateways", "one thread each"],
            ),
            (
                vec!["--server-threads=4", "--tls"],
                vec!["TLS", "4 threads each"],
            ),
        ] {
            let line = Line::parse_from(std::iter::once("run").chain(arguments));
            assert_eq!(line.house.words(), words);
        }
    }

    #[test]
    fn a_house_with_every_rail_has_one_gateway_as_it_comes() {
        for (arguments, said) in [
            (vec!["--pgbench-scale=1"], None),
            (vec!["--server-threads=1"], None),
            (vec!["--nodes=2"], Some("2 gateways")),
            (vec!["--tls"], Some("TLS")),
            (vec!["--commit-each"], Some("a commit each")),
        ] {
            let line = Line::parse_from(std::iter::once("run").chain(arguments));
            let refused = line.house.assert_plain().map_err(|error| error.to_string());
            match said {
                None => assert_eq!(refused, Ok(())),
                Some(said) => assert!(refused.unwrap_err().contains(said)),
            }
        }
    }
}
