//! Who the server runs as.
//!
//! PostgreSQL refuses to run as root. As a normal user it runs as that user; as root it runs as the system user
//! `postgres` through `setpriv`, and owns its folder. On Linux `setpriv` also asks the kernel to interrupt the server when its
//! parent dies (the parent-death signal), so that a killed developer process leaves no server behind; elsewhere the next
//! start on the same folder finds the orphan and stops it.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::ClusterError;

const SYSTEM_USER: &str = "postgres";
const SETPRIV: &str = "setpriv";

#[derive(Debug, Clone)]
pub(super) struct Account {
    /// User and group to become; `None` stays who we are.
    switch: Option<(u32, u32)>,
    /// Whether this `setpriv` knows the parent-death signal.
    dies_with_parent: bool,
}

impl Account {
    pub(super) fn current() -> Result<Self, ClusterError> {
        let dies_with_parent = setpriv_accepts(&["--pdeathsig", "keep"]);
        let switch = if rustix::process::geteuid().is_root() {
            let ids = id_of("-u").zip(id_of("-g"));
            let becoming = [
                "--reuid",
                SYSTEM_USER,
                "--regid",
                SYSTEM_USER,
                "--init-groups",
            ];
            if ids.is_none() || !setpriv_accepts(&becoming) {
                return Err(ClusterError::NoAccount);
            }
            ids
        } else {
            None
        };
        Ok(Self {
            switch,
            dies_with_parent,
        })
    }

    /// The user the server's files belong to.
    pub(super) fn uid(&self) -> u32 {
        self.switch
            .map_or_else(|| rustix::process::geteuid().as_raw(), |(uid, _)| uid)
    }

    /// Hands a file or folder to the server's user.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        let Some((uid, gid)) = self.switch else {
            return Ok(());
        };
        chown(path, Some(uid), Some(gid)).map_err(ClusterError::io("hand over", path))
    }

    /// Whether the server's user can walk down to `folder`.
    pub(super) fn can_reach(&self, folder: &Path) -> bool {
        let Some((uid, gid)) = self.switch else {
            return true;
        };
        folder.ancestors().all(|ancestor| {
            ancestor.metadata().is_ok_and(|metadata| {
                let mode = metadata.permissions().mode();
                let needed = if metadata.uid() == uid {
                    0o100
                } else if metadata.gid() == gid {
                    0o010
                } else {
                    0o001
                };
                mode & needed != 0
            })
        })
    }

    /// A command that runs `program` as the server's user, in a process group of its own: Ctrl-C in a terminal
    /// reaches us, and we decide when the server stops.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = if self.switch.is_some() || self.dies_with_parent {
            let mut command = Command::new(SETPRIV);
            if let Some((uid, gid)) = self.switch {
                command
                    .arg(format!("--reuid={uid}"))
                    .arg(format!("--regid={gid}"))
                    .arg("--init-groups");
            }
            if self.dies_with_parent {
                command.args(["--pdeathsig", "INT"]);
            }
            command.arg("--").arg(program);
            command
        } else {
            Command::new(program)
        };
        // libpq and the server read these; a private cluster must not be steered by the shell it was started from.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
            .env("LC_ALL", "C")
            .env_remove("LANGUAGE")
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        command
    }
}

fn id_of(flag: &str) -> Option<u32> {
    let output = Command::new("id").args([flag, SYSTEM_USER]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Tries options out on `true`: `BusyBox` and old releases lack some.
fn setpriv_accepts(options: &[&str]) -> bool {
    runs(Command::new(SETPRIV).args(options).arg("true"))
}

fn runs(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
