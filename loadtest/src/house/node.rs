//! One `epay` as shipped, serving: its process, what it says when it is ready, its log.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

/// How long it may take until it answers.
const READY_WAIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long it may take to drain.
const DRAIN_WAIT: Duration = Duration::from_secs(60);

/// What runs, and where.
#[derive(Debug)]
pub(super) struct Node {
    child: Child,
    /// What it wrote when it was ready.
    answers: Value,
    address: String,
    log: PathBuf,
}

impl Node {
    /// Starts a command that takes `--ready-file`, and waits until it answers. `gateway` is the name under which it then says where.
    pub(super) async fn start(
        mut command: Command,
        folder: &Path,
        (name, gateway): (&str, &str),
    ) -> Result<Self> {
        let ready = folder.join(format!("ready-{name}.json"));
        let log = folder.join(format!("epay-{name}.log"));
        command
            .arg("--ready-file")
            .arg(&ready)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?);
        let child = command.spawn().context("epay cannot be started")?;
        let mut node = Self {
            child,
            answers: Value::Null,
            address: String::new(),
            log,
        };
        let wait = async {
            while !ready.exists() {
                node.assert_alive()?;
                tokio::time::sleep(LOOK_EVERY).await;
            }
            anyhow::Ok(serde_json::from_slice(&std::fs::read(&ready)?)?)
        };
        node.answers = tokio::time::timeout(READY_WAIT, wait)
            .await
            .context("epay was not ready in time")??;
        node.address = node.said(gateway)?.to_owned();
        Ok(node)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What it said of itself when it was ready.
    pub(super) fn said(&self, name: &str) -> Result<&str> {
        let value = self.answers.get(name).and_then(Value::as_str);
        value.with_context(|| format!("epay did not say its {name}"))
    }

    pub(super) fn pid(&self) -> Result<u32> {
        self.child.id().context("epay is not running")
    }

    pub(super) fn assert_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("epay ended with {status}: {}", self.log_tail()),
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
            .context("epay did not drain in time")??;
        ensure!(
            status.success(),
            "epay ended with {status}: {}",
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
