//! The sandbox, as a child process: another house, that is told only addresses and a shared secret.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{Child, Command};

use super::config::{CHANNEL_KEY_ID, Folder};
use super::{Ports, sibling};

const CONFIG: &str = include_str!("../../../../deploy/demo/sandbox.toml");
/// How long the sandbox may take to be ready: its migrations run first.
const READY_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// How long it may take to drain.
const DRAIN_WAIT: Duration = Duration::from_secs(20);

/// The running sandbox.
#[derive(Debug)]
pub(super) struct Sandbox {
    child: Child,
    pub(super) url: String,
}

impl Sandbox {
    /// Starts it and waits until it answers.
    pub(super) async fn start(
        folder: &Folder,
        database: &str,
        ports: &Ports,
    ) -> anyhow::Result<Self> {
        let config = folder.root.join("sandbox.toml");
        std::fs::write(&config, CONFIG)?;
        let ready = folder.root.join("sandbox-ready.json");
        if ready.exists() {
            std::fs::remove_file(&ready)?;
        }
        let secret = std::fs::read_to_string(folder.secret_file())?;
        let log = std::fs::File::create(folder.root.join("sandbox.log"))?;
        let child = Command::new(sibling("epay-sandbox")?)
            .arg("--config")
            .arg(&config)
            .args(["--listen", &format!("127.0.0.1:{}", ports.sandbox)])
            .args(["--database-url", database])
            .args([
                "--gateway-url",
                &format!("http://127.0.0.1:{}", ports.gateway),
            ])
            .args(["--channel-key-id", CHANNEL_KEY_ID])
            .args([
                "--scan-origin",
                &format!("http://127.0.0.1:{}/", ports.portal),
            ])
            .args(["--smtp-listen", &format!("127.0.0.1:{}", ports.mail)])
            .arg("--statements-folder")
            .arg(folder.statements_folder())
            .arg("--secrets")
            .arg(&folder.shared)
            .arg("--ready-file")
            .arg(&ready)
            .env("EPAY_SANDBOX_CHANNEL_SECRET", secret)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C on the terminal is for us; the bank is stopped after the doors are closed.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("the sandbox could not be started")?;
        let mut sandbox = Self {
            child,
            url: format!("http://127.0.0.1:{}", ports.sandbox),
        };
        let wait = async {
            while !ready.exists() {
                if let Some(status) = sandbox.child.try_wait()? {
                    bail!(
                        "the sandbox ended with {status}: see {}/sandbox.log",
                        folder.root.display()
                    );
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Ok(())
        };
        tokio::time::timeout(READY_WAIT, wait)
            .await
            .context("the sandbox was not ready in time")??;
        Ok(sandbox)
    }

    /// Waits until it ends by itself, which it should not.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait().await?;
        bail!("the sandbox ended with {status}")
    }

    /// Asks it to drain, and waits.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id() {
            let asked = Command::new("kill")
                .args(["-TERM", &pid.to_string()])
                .status()
                .await?;
            if !asked.success() {
                self.child.start_kill()?;
            }
        }
        let status = match tokio::time::timeout(DRAIN_WAIT, self.child.wait()).await {
            Ok(status) => status?,
            Err(_late) => {
                self.child.kill().await?;
                bail!("the sandbox did not drain in time and was killed")
            }
        };
        if !status.success() {
            bail!("the sandbox ended with {status}");
        }
        Ok(())
    }
}
