//! `pgbench`, its usual TPC-B, from the same PostgreSQL on the same cluster.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use epay_pg::Cluster;
use tokio::process::Command;

/// The yardstick's database.
pub(crate) const DATABASE: &str = "tpcb";
const CLIENTS: &str = "32";

fn pgbench(cluster: &Cluster) -> Command {
    let mut command = Command::new(cluster.program("pgbench"));
    command
        .arg("-h")
        .arg(cluster.socket_dir())
        .args(["-U", "postgres"])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn output_of(mut command: Command) -> Result<String> {
    let output = command.output().await.context("pgbench cannot be run")?;
    ensure!(
        output.status.success(),
        "pgbench: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes its tables, with so many of TPC-B's branches.
pub(crate) async fn prepare(cluster: &Cluster, scale: u16) -> Result<()> {
    let mut command = pgbench(cluster);
    command.args(["-i", "-q", "-s", &scale.to_string(), DATABASE]);
    output_of(command).await.map(|_text| ())
}

/// Which of its scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// As TPC-B: three updates, a read and an insert.
    TpcB,
    /// Without the updates of tellers and branches, on which its clients meet (`-N`).
    SimpleUpdate,
}

/// Runs it for some seconds; answers transactions a second.
pub(crate) async fn run(cluster: &Cluster, seconds: u32, mix: Mix) -> Result<u64> {
    let mut command = pgbench(cluster);
    if mix == Mix::SimpleUpdate {
        command.arg("-N");
    }
    let seconds = seconds.to_string();
    command.args(["-n", "-M", "prepared", "-j", "2", "-c", CLIENTS]);
    command.args(["-T", &seconds, DATABASE]);
    let text = output_of(command).await?;
    rate_of(&text).context("pgbench printed no rate")
}

/// The whole part of `tps = 1234.5 (without initial connection time)`.
fn rate_of(text: &str) -> Option<u64> {
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rate.split(['.', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_prints() {
        let text = "scaling factor: 40\ntps = 2345.678901 (without initial connection time)\n";
        assert_eq!(rate_of(text), Some(2345));
        assert_eq!(rate_of("no rate"), None);
    }
}
