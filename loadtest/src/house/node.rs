//! One `epay serve` as shipped: its process, its address, its log.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How long `epay serve` may take until it answers.
const READY_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long it may take to drain.
const DRAIN_WAIT: Duration = Duration::from_secs(60);

/// What runs, and where.
#[derive(Debug)]
pub(super) struct Node {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Node {
    /// Starts the program with the house's configuration and waits until it answers.
    pub(super) async fn start(mut command: Command, folder: &Path, number: u8) -> Result<Self> {
        let ready = folder.join(format!("ready-{number}.json"));
        let log = folder.join(format!("epay-{number}.log"));
        command
            .args(["serve", "--roles", "gateway,worker", "--ready-file"])
            .arg(&ready)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?);
        let child = command.spawn().context("epay serve cannot be started")?;
        let address = String::new();
        let mut node = Self {
            child,
            address,
            log,
        };
        let wait = async {
            while !ready.exists() {
                node.assert_alive()?;
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let addresses: serde_json::Value = serde_json::from_slice(&std::fs::read(&ready)?)?;
            let gateway = addresses.get("gateway").and_then(serde_json::Value::as_str);
            anyhow::Ok(gateway.context("no gateway address")?.to_owned())
        };
        node.address = tokio::time::timeout(READY_WAIT, wait)
            .await
            .context("epay serve was not ready in time")??;
        Ok(node)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn pid(&self) -> Result<u32> {
        self.child.id().context("epay serve is not running")
    }

    pub(super) fn assert_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("epay serve ended with {status}: {}", self.log_tail()),
        }
    }

    /// Asks it to drain and waits.
    pub(super) async fn close(&mut self) -> Result<()> {
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
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
