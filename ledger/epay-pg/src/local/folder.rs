//! The data folder: where it may lie, who holds it, and making it.
//!
//! Beside `NAME` (the data folder itself) lie `NAME.lock`, held while a process uses the folder, and `NAME.password`, needed only over TCP.
//! A new folder is made as `NAME.new` and renamed when it is complete, so a killed `initdb` leaves nothing half-made.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use super::account::Account;
use super::binaries::Binaries;
use super::error::ClusterError;
use super::{Durability, SUPERUSER, process};
use crate::fingerprint::fingerprint;

/// Where root's clusters lie when the folder asked for is under one that only root may enter, such as `/root`.
const ROOT_CLUSTERS: &str = "/var/lib/epay/clusters";
/// A socket's path has room for 107 bytes; `/.s.PGSQL.65535` takes 15 of them.
const SOCKET_DIR_BYTES_MAX: usize = 107 - 15;
/// How much of a program's output or log an error carries.
const TAIL_BYTES_MAX: usize = 2_000;

/// A data folder that this process holds.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) data: PathBuf,
    /// Released when dropped, or by the kernel when the process dies.
    _held: File,
}

impl Folder {
    /// Finds the place for the folder asked for and takes hold of it.
    pub(super) fn hold(wanted: &Path, account: &Account) -> Result<Self, ClusterError> {
        let data = place(wanted, account)?;
        let path = beside(&data, "lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(ClusterError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { data, _held: file }),
            Err(fs::TryLockError::WouldBlock) => Err(ClusterError::InUse { folder: data }),
            Err(fs::TryLockError::Error(source)) => Err(ClusterError::io("lock", path)(source)),
        }
    }

    /// The major version that made the folder; `None` when there is none yet.
    pub(super) fn major(&self) -> Result<Option<u32>, ClusterError> {
        let path = self.data.join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(major) => Ok(Some(major)),
                Err(_) => Err(self.foreign()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let empty = fs::read_dir(&self.data)
                    .map(|mut entries| entries.next().is_none())
                    .unwrap_or(true);
                if empty { Ok(None) } else { Err(self.foreign()) }
            }
            Err(error) => Err(ClusterError::io("read", path)(error)),
        }
    }

    fn foreign(&self) -> ClusterError {
        ClusterError::Foreign {
            folder: self.data.clone(),
        }
    }

    /// Makes the folder. Local connections are trusted, because the socket lies in a folder that only the
    /// server's user may enter; TCP asks for the password.
    pub(super) fn initialise(
        &self,
        account: &Account,
        binaries: &Binaries,
        durability: Durability,
    ) -> Result<(), ClusterError> {
        let fresh = beside(&self.data, "new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(ClusterError::io("remove", &fresh))?;
        }
        private_dir(&fresh, account)?;
        let password = self.write_password(account)?;
        let mut command = account.command(&binaries.program("initdb"));
        command
            .arg("--pgdata")
            .arg(&fresh)
            .arg(format!("--username={SUPERUSER}"))
            .args(["--encoding=UTF8", "--no-locale", "--auth-local=trust"])
            .args(["--auth-host=scram-sha-256", "--no-instructions"])
            .arg("--pwfile")
            .arg(&password);
        match durability {
            Durability::Full => command.arg("--data-checksums"),
            Durability::Relaxed => command.arg("--no-sync"),
        };
        let output = command
            .output()
            .map_err(ClusterError::io("run", binaries.program("initdb")))?;
        if !output.status.success() {
            return Err(ClusterError::Failed {
                program: "initdb",
                output: tail(&output.stderr),
            });
        }
        if self.data.exists() {
            fs::remove_dir(&self.data).map_err(ClusterError::io("replace", &self.data))?;
        }
        fs::rename(&fresh, &self.data).map_err(ClusterError::io("rename", &fresh))
    }

    fn write_password(&self, account: &Account) -> Result<PathBuf, ClusterError> {
        let mut bytes = [0_u8; 32];
        File::open("/dev/urandom")
            .and_then(|mut source| source.read_exact(&mut bytes))
            .map_err(ClusterError::io("read", "/dev/urandom"))?;
        let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = beside(&self.data, "password");
        OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| writeln!(file, "{password}"))
            .map_err(ClusterError::io("write", &path))?;
        account.give(&path)?;
        Ok(path)
    }

    pub(super) fn password(&self) -> Result<String, ClusterError> {
        let path = beside(&self.data, "password");
        let text = fs::read_to_string(&path).map_err(ClusterError::io("read", &path))?;
        Ok(text.trim().to_owned())
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.data.join("server.log")
    }

    /// The log of this run, for the server to write to; the run before keeps its own.
    pub(super) fn open_log(&self, account: &Account) -> Result<File, ClusterError> {
        let path = self.log_file();
        if path.exists() {
            let before = self.data.join("server.log.1");
            fs::rename(&path, before).map_err(ClusterError::io("rename", &path))?;
        }
        let file = File::create(&path).map_err(ClusterError::io("create", &path))?;
        account.give(&path)?;
        Ok(file)
    }

    pub(super) fn log_tail(&self) -> String {
        fs::read(self.log_file()).map_or_else(|error| error.to_string(), |bytes| tail(&bytes))
    }

    /// A server still running on this folder although nobody holds it: its starter was killed. A `postmaster.pid` whose
    /// process is gone, or is something else by now, is removed, since PostgreSQL would take a reused number for a rival.
    pub(super) fn orphan(&self) -> Result<Option<Pid>, ClusterError> {
        let path = self.data.join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&path) else {
            return Ok(None);
        };
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse::<i32>().ok())
            .and_then(Pid::from_raw);
        if !process::has_proc() {
            return Ok(None);
        }
        if let Some(pid) = pid
            && process::is_alive(pid)
            && works_in(pid, &self.data)
        {
            return Ok(Some(pid));
        }
        fs::remove_file(&path).map_err(ClusterError::io("remove", &path))?;
        Ok(None)
    }

    /// The socket lies in the data folder, or in a short private folder where the path would be too long.
    pub(super) fn socket_dir(&self, account: &Account) -> Result<PathBuf, ClusterError> {
        if self.data.as_os_str().len() <= SOCKET_DIR_BYTES_MAX {
            return Ok(self.data.clone());
        }
        let name = format!(
            "epay-pg-{}",
            fingerprint([self.data.as_os_str().as_bytes()])
        );
        let folder = Path::new("/tmp").join(name);
        match private_dir(&folder, account) {
            Ok(()) => Ok(folder),
            // Ours from the last time, unless somebody put it there to read along.
            Err(_) if is_private(&folder, account) => Ok(folder),
            Err(error) => Err(error),
        }
    }
}

fn place(wanted: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let (Some(parent), Some(name)) = (wanted.parent(), wanted.file_name()) else {
        return Err(ClusterError::Foreign {
            folder: wanted.to_owned(),
        });
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    fs::create_dir_all(parent).map_err(ClusterError::io("create", parent))?;
    let parent = fs::canonicalize(parent).map_err(ClusterError::io("find", parent))?;
    let data = parent.join(name);
    if account.can_reach(&parent) {
        return Ok(data);
    }
    let clusters = Path::new(ROOT_CLUSTERS);
    fs::create_dir_all(clusters).map_err(ClusterError::io("create", clusters))?;
    let elsewhere = clusters.join(fingerprint([data.as_os_str().as_bytes()]));
    tracing::info!(
        wanted = %data.display(),
        used = %elsewhere.display(),
        "the PostgreSQL user cannot enter a parent of the data folder; it lies elsewhere"
    );
    Ok(elsewhere)
}

/// `NAME.suffix` next to the data folder.
fn beside(data: &Path, suffix: &str) -> PathBuf {
    let mut name = data.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn private_dir(folder: &Path, account: &Account) -> Result<(), ClusterError> {
    DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(ClusterError::io("create", folder))?;
    account.give(folder)
}

fn is_private(folder: &Path, account: &Account) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|metadata| {
        metadata.is_dir() && metadata.uid() == account.uid() && metadata.mode() & 0o077 == 0
    })
}

/// A postmaster's working folder is its data folder.
fn works_in(pid: Pid, data: &Path) -> bool {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).is_ok_and(|cwd| cwd == data)
}

fn tail(bytes: &[u8]) -> String {
    let start = bytes.len().saturating_sub(TAIL_BYTES_MAX);
    let end = bytes.get(start..).unwrap_or_default();
    String::from_utf8_lossy(end).trim().to_owned()
}
