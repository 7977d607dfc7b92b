//! A private PostgreSQL server in a folder of its own, for `epay dev`, benchmarks and tests.
//!
//! [`Cluster::start`] in this order: take hold of the folder; stop a server that a killed process left there; pick the
//! programs of the folder's version; `initdb` where there is none; start; wait until it answers. It works as
//! root and as a normal user, listens on a Unix socket in a folder that nobody else may enter, and on TCP (loopback, with a
//! password) only when asked. A system cluster is never looked at.

mod account;
mod binaries;
mod error;
mod folder;
mod process;
mod settings;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio_postgres::Config;

pub use self::error::ClusterError;

use self::account::Account;
use self::binaries::Binaries;
use self::folder::Folder;
use self::process::Postmaster;
use crate::pool::quote_identifier;
use crate::session::connect;
use crate::{PgError, Session};

/// The cluster's only login role at first; the name that tools expect.
const SUPERUSER: &str = "postgres";
/// The database that every cluster has.
const FIRST_DATABASE: &str = "postgres";
/// Names the socket file where no TCP port is asked for.
const SOCKET_PORT: u16 = 5432;
/// How long a start may take: after a crash the write-ahead log is replayed first.
const READY_WAIT: Duration = Duration::from_secs(120);
/// Between two attempts to connect while starting.
const READY_LOOK_EVERY: Duration = Duration::from_millis(20);

/// What must survive what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// An answered commit survives a power cut.
    #[default]
    Full,
    /// An answered commit survives a killed server, not a power cut: for tests, which are made anew anyway.
    Relaxed,
}

/// What cluster to start.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Where its files lie. Made when missing; found again when there.
    pub data_dir: PathBuf,
    /// Listen on this port of 127.0.0.1 as well; `None` is the socket only.
    pub port: Option<u16>,
    /// What must survive what.
    pub durability: Durability,
    /// Server settings that win over the built-in choice, as name and value.
    pub settings: Vec<(String, String)>,
}

impl ClusterConfig {
    /// A fully durable cluster on a socket only.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: None,
            durability: Durability::Full,
            settings: Vec::new(),
        }
    }

    /// The same with [`Durability::Relaxed`].
    #[must_use]
    pub fn relaxed(mut self) -> Self {
        self.durability = Durability::Relaxed;
        self
    }
}

/// A private server. Dropping it asks the server to shut down without waiting; [`Cluster::stop`] waits.
#[derive(Debug)]
pub struct Cluster {
    config: ClusterConfig,
    account: Account,
    binaries: Binaries,
    folder: Folder,
    socket_dir: PathBuf,
    postmaster: Option<Postmaster>,
}

impl Cluster {
    /// Starts a server on the folder and waits until it answers.
    ///
    /// # Errors
    /// See [`ClusterError`]; after an error nothing is left running.
    pub async fn start(config: ClusterConfig) -> Result<Self, ClusterError> {
        let account = Account::current()?;
        let folder = Folder::hold(&config.data_dir, &account)?;
        if let Some(pid) = folder.orphan()? {
            process::stop_orphan(pid).await?;
        }
        let major = folder.major()?;
        let binaries = Binaries::find(major.map(|major| (major, folder.data.as_path())))?;
        if major.is_none() {
            // About a second of waiting for another program, once in the life of a folder.
            folder.initialise(&account, &binaries, config.durability)?;
        }
        let socket_dir = folder.socket_dir(&account)?;
        let mut cluster = Self {
            config,
            account,
            binaries,
            folder,
            socket_dir,
            postmaster: None,
        };
        cluster.launch().await?;
        Ok(cluster)
    }

    async fn launch(&mut self) -> Result<(), ClusterError> {
        let program = self.binaries.program("postgres");
        let log = self.folder.open_log(&self.account)?;
        let errors = log
            .try_clone()
            .map_err(ClusterError::io("open", self.folder.log_file()))?;
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.folder.data);
        let settings = settings::settings(
            self.binaries.major,
            self.config.durability,
            self.config.port,
            &self.socket_dir,
            &self.config.settings,
        );
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdout(log).stderr(errors);
        let mut postmaster = Postmaster::spawn(command)
            .await
            .map_err(ClusterError::io("run", program))?;
        match self.becomes_ready(&mut postmaster).await {
            Ok(()) => {
                self.postmaster = Some(postmaster);
                Ok(())
            }
            Err(error) => {
                postmaster.stop().await?;
                Err(error)
            }
        }
    }

    async fn becomes_ready(&self, postmaster: &mut Postmaster) -> Result<(), ClusterError> {
        let config = self.config(FIRST_DATABASE);
        let deadline = Instant::now() + READY_WAIT;
        while Instant::now() < deadline {
            match connect(&config).await {
                Ok(session) => {
                    session.close().await;
                    return Ok(());
                }
                Err(error) => tracing::trace!(%error, "PostgreSQL is not ready yet"),
            }
            if postmaster.ends_within(READY_LOOK_EVERY).await {
                return Err(ClusterError::Ended {
                    log: self.folder.log_tail(),
                });
            }
        }
        Err(ClusterError::NotReady {
            seconds: READY_WAIT.as_secs(),
        })
    }

    /// How to connect to a database of this cluster as its superuser.
    #[must_use]
    pub fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.socket_dir)
            .port(self.config.port.unwrap_or(SOCKET_PORT))
            .user(SUPERUSER)
            .dbname(database);
        config
    }

    /// The same as a URL over the Unix socket, as tokio-postgres and libpq read it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql:///{}?user={SUPERUSER}&host={}&port={}",
            encode(database),
            encode(&self.socket_dir.to_string_lossy()),
            self.config.port.unwrap_or(SOCKET_PORT),
        )
    }

    /// The same over TCP with the password, for tools that cannot use a socket; `None` without a port.
    ///
    /// # Errors
    /// When the password's file cannot be read.
    pub fn tcp_url(&self, database: &str) -> Result<Option<String>, ClusterError> {
        let Some(port) = self.config.port else {
            return Ok(None);
        };
        let password = self.folder.password()?;
        Ok(Some(format!(
            "postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{}",
            encode(database)
        )))
    }

    /// Makes a database unless it is there; true when it was made.
    ///
    /// # Errors
    /// [`PgError`] when the server refuses.
    pub async fn ensure_database(&self, database: &str) -> Result<bool, PgError> {
        let session = connect(&self.config(FIRST_DATABASE)).await?;
        let made = create_if_missing(&session, database).await;
        session.close().await;
        made
    }

    /// Where its files really lie: see [`ClusterConfig::data_dir`], except for root under a folder that only root may enter.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.folder.data
    }

    /// The log of the current run.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.folder.log_file()
    }

    /// The folder of the Unix socket, for tools that take it as the host.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The major version of the server.
    #[must_use]
    pub fn major_version(&self) -> u32 {
        self.binaries.major
    }

    /// One of the programs that came with the server, such as `pgbench`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.program(name)
    }

    /// Whether the server is running, as far as this process has seen.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.postmaster
            .as_ref()
            .is_some_and(|postmaster| !postmaster.has_ended())
    }

    /// Shuts the server down: open transactions are rolled back, the data is written out. Idempotent.
    ///
    /// # Errors
    /// `NotStopped` when it survives even force.
    pub async fn stop(&mut self) -> Result<(), ClusterError> {
        match self.postmaster.take() {
            Some(mut postmaster) => postmaster.stop().await,
            None => Ok(()),
        }
    }

    /// Kills the server and all its children without warning, as a crash would; for tests.
    ///
    /// # Errors
    /// `NotStopped` when the kernel does not let go of them.
    pub async fn kill(&mut self) -> Result<(), ClusterError> {
        match self.postmaster.take() {
            Some(mut postmaster) => postmaster.kill().await,
            None => Ok(()),
        }
    }

    /// Starts again after [`Cluster::stop`] or [`Cluster::kill`], or stops first when it is running.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub async fn restart(&mut self) -> Result<(), ClusterError> {
        self.stop().await?;
        // Removes the file that a killed server leaves; nobody else can be here, the folder is held.
        if let Some(pid) = self.folder.orphan()? {
            process::stop_orphan(pid).await?;
        }
        self.launch().await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(postmaster) = &self.postmaster {
            postmaster.interrupt();
        }
    }
}

async fn create_if_missing(session: &Session, database: &str) -> Result<bool, PgError> {
    let client = session.client();
    let known = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&database])
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    let statement = format!("CREATE DATABASE {}", quote_identifier(database));
    client.batch_execute(&statement).await?;
    Ok(true)
}

/// Percent-encodes everything that is not plainly safe inside a URL.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_being_put_into_a_url() {
        let socket = "/tmp/a b&c%/帳";
        let url = format!("postgresql:///{}?host={}", encode("epay"), encode(socket));
        let config: Config = url.parse().expect("reads");
        assert_eq!(config.get_dbname(), Some("epay"));
        assert_eq!(
            config.get_hosts(),
            [tokio_postgres::config::Host::Unix(PathBuf::from(socket))]
        );
    }
}
