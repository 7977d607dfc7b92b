//! The private PostgreSQL of a test run: made anew, on a socket in the target folder, gone with the run.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use epay_pg::{Cluster, ClusterConfig};
use tokio::runtime::Runtime;

use crate::{setup, shell};

/// The variable through which tests find the server.
const TEST_DATABASE_URL: &str = "EPAY_TEST_DATABASE_URL";

/// A running server and what keeps it running.
#[derive(Debug)]
pub(crate) struct Server {
    runtime: Runtime,
    cluster: Cluster,
}

impl Server {
    /// Starts an empty server for tests; several runs may have one each. What killed runs left is removed first.
    pub(crate) fn for_tests() -> Result<Self> {
        setup::postgres()?;
        let folder = shell::target().join("test-cluster");
        remove_abandoned(&folder)?;
        let data = folder.join(std::process::id().to_string());
        let runtime = Runtime::new().context("cannot start a runtime")?;
        let cluster = runtime
            .block_on(Cluster::start(ClusterConfig::new(data).relaxed()))
            .context("cannot start a private PostgreSQL")?;
        println!(
            "    PostgreSQL {} in {}",
            cluster.major_version(),
            cluster.data_dir().display()
        );
        Ok(Self { runtime, cluster })
    }

    /// Tells a command where the server and the workspace's binaries are.
    pub(crate) fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        shell::with_binaries(command).env(TEST_DATABASE_URL, self.cluster.url("postgres"))
    }

    /// Stops the server and removes its files.
    pub(crate) fn remove(mut self) -> Result<()> {
        self.runtime.block_on(self.cluster.stop())?;
        let data = self.cluster.data_dir().to_owned();
        drop(self.cluster);
        remove(&data)
    }
}

/// A folder whose lock is free belongs to nobody any more; its server died with the run.
fn remove_abandoned(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "lock")
            && fs::File::open(&path).is_ok_and(|lock| lock.try_lock().is_ok())
        {
            remove(&path.with_extension(""))?;
        }
    }
    Ok(())
}

/// Removes a data folder and what lies beside it, the lock last.
fn remove(data: &Path) -> Result<()> {
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    for beside in ["password", "lock"] {
        let path = data.with_extension(beside);
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// `cargo xtask db`: a server for as long as a command runs, or until Enter.
pub(crate) fn run_with(command: &[String]) -> Result<bool> {
    let server = Server::for_tests()?;
    let fine = match command.split_first() {
        Some((program, arguments)) => server
            .equip(Command::new(program).args(arguments))
            .status()
            .with_context(|| format!("cannot run {program}"))?
            .success(),
        None => {
            println!(
                "export {TEST_DATABASE_URL}='{}'",
                server.cluster.url("postgres")
            );
            println!("Enter ends it.");
            std::io::stdin().read_line(&mut String::new())?;
            true
        }
    };
    server.remove()?;
    Ok(fine)
}
