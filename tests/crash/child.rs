//! The programs under test, as child processes: found beside the test, started, watched, killed, stopped.
//!
//! A program says its address as one line of JSON on standard output once it answers; what it logs goes to a file.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long a program may take until it answers; both start well within a second when the machine is quiet.
const READY_WAIT: Duration = Duration::from_secs(60);
/// How long a program may take to finish what it has begun and end.
const STOP_WAIT: Duration = Duration::from_secs(40);

/// A program that is running.
#[derive(Debug)]
pub(crate) struct Served {
    name: &'static str,
    child: Child,
    /// Kept open: a program that cannot write its output would stumble over that.
    _output: Lines<BufReader<ChildStdout>>,
    /// The line that it printed when it was ready.
    pub(crate) ready: Value,
}

impl Served {
    /// Starts a program and waits for its line.
    pub(crate) async fn start(
        name: &'static str,
        mut command: Command,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .env("RUST_LOG", "warn,epay_worker=info")
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let output = child.stdout.take().context("a child without its output")?;
        let mut output = BufReader::new(output).lines();
        let line = tokio::time::timeout(READY_WAIT, output.next_line())
            .await
            .with_context(|| format!("{name} was not ready in time"))??;
        let Some(line) = line else {
            bail!("{name} ended with {}", child.wait().await?);
        };
        Ok(Self {
            name,
            child,
            _output: output,
            ready: serde_json::from_str(&line).context("the first line is not JSON")?,
        })
    }

    /// A text of the line that it printed.
    pub(crate) fn said(&self, field: &str) -> anyhow::Result<String> {
        let value = self.ready.get(field).and_then(Value::as_str);
        Ok(value
            .with_context(|| format!("{} did not say {field}", self.name))?
            .to_owned())
    }

    /// SIGKILL, and waits until the kernel has let go of it.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.still_runs()?;
        Ok(self.child.kill().await?)
    }

    /// Fails when it has ended by itself.
    pub(crate) fn still_runs(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended by itself with {status}", self.name),
        }
    }

    /// SIGTERM, and waits for a clean end.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.still_runs()?;
        let pid = self.child.id().context("a child without a number")?;
        let asked = Command::new("kill")
            .args(["-TERM", &pid.to_string()])
            .status()
            .await?;
        ensure!(asked.success(), "{} could not be asked to stop", self.name);
        let status: ExitStatus = tokio::time::timeout(STOP_WAIT, self.child.wait())
            .await
            .with_context(|| format!("{} did not stop in time", self.name))??;
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}

/// A program that the workspace builds: where the variable says, or beside the folder of this test.
pub(crate) fn built(variable: &str, name: &str) -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    let folder = own.ancestors().nth(2);
    folder
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file())
        .with_context(|| {
            format!("{name} is not built: run cargo xtask test, which builds it first")
        })
}

/// Runs a program to its end; answers what it printed.
pub(crate) async fn finished(mut command: Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().await?;
    ensure!(
        output.status.success(),
        "{:?} ended with {}: {}{}",
        command.as_std(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
