//! `pgbench`, from the same PostgreSQL.

use std::process::Stdio;
use std::time::Duration;

use epay_pg::Cluster;
use tokio::process::Command;

/// TPC-B's branches: more than the clients, so that their rows are not the bottleneck.
const SCALE: &str = "40";

fn pgbench(cluster: &Cluster) -> Command {
    let mut command = Command::new(cluster.program("pgbench"));
    command
        .arg("-h")
        .arg(cluster.socket_dir())
        .args(["-U", "postgres"])
        .stdin(Stdio::null());
    command
}

async fn output_of(mut command: Command) -> String {
    let output = command.output().await.expect("pgbench runs");
    assert!(
        output.status.success(),
        "pgbench: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) async fn prepare(cluster: &Cluster) {
    let mut command = pgbench(cluster);
    command.args(["-i", "-q", "-s", SCALE, "tpcb"]);
    output_of(command).await;
}

/// Transactions a second.
pub(crate) async fn run(cluster: &Cluster, clients: u32, slice: Duration) -> u64 {
    let mut command = pgbench(cluster);
    // pgbench counts whole seconds.
    let seconds = slice.as_millis().div_ceil(1_000).to_string();
    let clients = clients.to_string();
    command.args([
        "-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds, "tpcb",
    ]);
    let text = output_of(command).await;
    let rate = text
        .lines()
        .find_map(|line| line.strip_prefix("tps = "))
        .expect("a rate");
    let whole = rate.split(['.', ' ']).next().expect("a number");
    whole.parse().expect("a number")
}
