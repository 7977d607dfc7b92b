//! Why a private cluster could not be had, in words that say what to do.

use std::path::{Path, PathBuf};

/// Why a private cluster could not be started, stopped or reached.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No PostgreSQL server programs on this machine.
    #[error(
        "no PostgreSQL server found (looked in EPAY_POSTGRES_BIN, /usr/lib/postgresql/*/bin and PATH); on Debian: apt-get install postgresql"
    )]
    NoBinaries,
    /// The data folder was made by a major version that is not installed.
    #[error(
        "{} belongs to PostgreSQL {data}, and only {installed} is here: install PostgreSQL {data}, or use another data folder",
        folder.display()
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// Major version that made it.
        data: u32,
        /// Major versions found, newest first, as a list.
        installed: String,
    },
    /// The folder holds something else: it is left alone.
    #[error("{} holds files and is no PostgreSQL data folder", folder.display())]
    Foreign {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// Another process runs a cluster on this folder.
    #[error("another process is using the data folder {}", folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// PostgreSQL refuses to run as root, and there is nobody to run it as.
    #[error("as root, PostgreSQL needs the system user `postgres` and the program `setpriv`")]
    NoAccount,
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// The server ended while it was starting.
    #[error("PostgreSQL ended while starting: {log}")]
    Ended {
        /// The end of its log.
        log: String,
    },
    /// The server did not accept connections within the bound.
    #[error("PostgreSQL did not become ready within {seconds} s")]
    NotReady {
        /// The bound, in seconds.
        seconds: u64,
    },
    /// The server did not end, not even by force.
    #[error("PostgreSQL (process {pid}) did not end")]
    NotStopped {
        /// The process id of the postmaster.
        pid: i32,
    },
    /// The file system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl ClusterError {
    pub(super) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
