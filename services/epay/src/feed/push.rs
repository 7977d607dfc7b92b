//! Where files are brought, and what the shell says of that.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use epay_engine::{Engine, RedeliverFeed};
use epay_feed::{DeliveryOutcome, DeliveryState};
use epay_money::{BillerId, Currency};
use epay_sftp::{HostKey, Server, ServerOptions};
use epay_store::feed::{DeliveryPlan, FeedDelivery, FeedDeliveryFilter, FeedKey};
use epay_worker::{FeedDestination, FeedPusher, FileSigner};
use serde::{Deserialize, Serialize};

use super::{FeedSettings, ShapeName};

/// The port of servers that name none.
const SSH_PORT: u16 = 22;
/// Most deliveries that the shell lists.
const LISTED_MAX: i64 = 1_000;

/// The server of one department.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SftpSettings {
    host: String,
    #[serde(default = "ssh_port")]
    port: u16,
    user: String,
    /// A file with our private key, as `ssh-keygen -t ed25519` writes it, without a passphrase.
    private_key_file: PathBuf,
    /// The server's key: a line as in its `ssh_host_ed25519_key.pub`, or a fingerprint, `SHA256:…`.
    host_key: String,
    /// The folder there; the one in which a session begins when empty.
    #[serde(default)]
    folder: String,
    /// In which shapes.
    #[serde(default = "csv")]
    shapes: Vec<ShapeName>,
    /// Only files in this currency.
    #[serde(default)]
    currency: Option<Currency>,
    /// The first file's number, for a department that has had earlier ones in another way.
    #[serde(default = "first")]
    from: i64,
}

const fn ssh_port() -> u16 {
    SSH_PORT
}

fn csv() -> Vec<ShapeName> {
    vec![ShapeName::Csv]
}

const fn first() -> i64 {
    1
}

impl FeedSettings {
    /// Every place that files are brought to.
    pub(crate) fn destinations(&self) -> anyhow::Result<Vec<FeedDestination>> {
        let signer = self.signer()?.map(Arc::new);
        self.sftp
            .iter()
            .map(|(biller, one)| {
                one.destination(biller, signer.clone())
                    .with_context(|| format!("feeds.sftp.{biller}"))
            })
            .collect()
    }

    /// The one of a department.
    pub(crate) fn destination(&self, biller: &BillerId) -> anyhow::Result<FeedDestination> {
        let found = self.destinations()?;
        let mut found = found.into_iter();
        let one = found.find(|one| one.plan.biller == *biller);
        one.with_context(|| format!("feeds.sftp.{biller} is not configured"))
    }
}

impl SftpSettings {
    fn destination(
        &self,
        biller: &BillerId,
        signer: Option<Arc<FileSigner>>,
    ) -> anyhow::Result<FeedDestination> {
        let path = self.private_key_file.display();
        let private_key = std::fs::read_to_string(&self.private_key_file)
            .with_context(|| format!("private_key_file {path} cannot be read"))?;
        let host_key: HostKey = self.host_key.parse().context("host_key")?;
        let server = Server::new(ServerOptions {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            private_key: private_key.into(),
            host_key,
        });
        Ok(FeedDestination {
            plan: DeliveryPlan {
                biller: biller.clone(),
                currency: self.currency,
                shapes: self.shapes.iter().map(|name| name.shape()).collect(),
                from: self.from,
            },
            server: server.with_context(|| format!("private_key_file {path}"))?,
            folder: self.folder.clone(),
            name: format!("{}@{}:{}/{}", self.user, self.host, self.port, self.folder),
            signer,
        })
    }
}

/// Lists deliveries.
pub(super) async fn deliveries(
    engine: &Engine,
    feed: FeedKey,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let filter = FeedDeliveryFilter {
        feed,
        sequence: None,
        before: None,
    };
    let reader = engine.reader();
    let (found, more) = reader.feed_deliveries(&filter, LISTED_MAX).await?;
    for one in &found {
        print(one, json);
    }
    if more.is_some() {
        eprintln!("older ones are not shown");
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings a file again, and says how it went.
pub(super) async fn again(
    engine: &Engine,
    command: RedeliverFeed,
    destination: FeedDestination,
) -> anyhow::Result<ExitCode> {
    // Queued first, so that a file that no worker has looked at yet can be brought as well.
    engine.plan_feed_deliveries(&destination.plan).await?;
    let (feed, sequence) = (command.key.clone(), command.sequence);
    let shape = command.shape;
    engine.redeliver_feed(command).await?;
    FeedPusher::new(engine.clone(), destination).round().await?;
    let filter = FeedDeliveryFilter {
        feed,
        sequence: Some(sequence),
        before: None,
    };
    let (found, _all) = engine.reader().feed_deliveries(&filter, LISTED_MAX).await?;
    let wanted = |one: &&FeedDelivery| shape.is_none_or(|shape| one.key.shape == shape);
    let mut code = ExitCode::SUCCESS;
    for one in found.iter().filter(wanted) {
        print(one, false);
        if one.state != DeliveryState::Delivered {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn print(one: &FeedDelivery, json: bool) {
    let key = &one.key;
    if json {
        let log: Vec<_> = one
            .log
            .iter()
            .map(|line| {
                serde_json::json!({
                    "attempt": line.attempt, "at": line.at.to_string(), "destination": line.destination,
                    "outcome": line.outcome, "words": line.words, "latency_ms": line.latency_ms,
                })
            })
            .collect();
        let line = serde_json::json!({
            "biller": key.feed.biller.as_str(), "currency": key.feed.currency.code(), "sequence": key.sequence,
            "shape": key.shape.as_str(), "state": one.state.as_str(), "attempts": one.attempts,
            "outcome": one.outcome.map(DeliveryOutcome::as_str), "words": one.words,
            "next_at": one.next_at.map(|at| at.to_string()), "ended_at": one.ended_at.map(|at| at.to_string()), "log": log,
        });
        println!("{line}");
        return;
    }
    let (sequence, shape, state) = (key.sequence, key.shape.as_str(), one.state.as_str());
    let words = match one.words.as_str() {
        "" => String::new(),
        words => format!(", {words}"),
    };
    println!(
        "{sequence:06} {shape}: {state} after {} attempts{words}",
        one.attempts
    );
}
