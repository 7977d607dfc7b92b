//! Finding the server's programs without touching a system cluster.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ClusterError;

/// Names a folder with `postgres` and `initdb`; when set, nothing else is looked at.
const OVERRIDE: &str = "EPAY_POSTGRES_BIN";
/// Where Debian and Ubuntu keep one folder a major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of one major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// Picks the version that made the data folder, or the newest one for a new folder.
    pub(super) fn find(data: Option<(u32, &Path)>) -> Result<Self, ClusterError> {
        let mut found: Vec<Self> = folders()
            .iter()
            .filter_map(|folder| probe(folder))
            .collect();
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        choose(found, data)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn choose(found: Vec<Binaries>, data: Option<(u32, &Path)>) -> Result<Binaries, ClusterError> {
    let installed = found
        .iter()
        .map(|binaries| binaries.major.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let mut fitting = found
        .into_iter()
        .filter(|binaries| data.is_none_or(|(major, _)| binaries.major == major));
    match (fitting.next(), data) {
        (Some(binaries), _) => Ok(binaries),
        (None, Some((data, folder))) if !installed.is_empty() => Err(ClusterError::OtherVersion {
            folder: folder.to_owned(),
            data,
            installed,
        }),
        (None, _) => Err(ClusterError::NoBinaries),
    }
}

fn folders() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os(OVERRIDE) {
        return vec![PathBuf::from(folder)];
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders
}

/// Some when the folder holds a server that tells its version. `postgres --version` is answered to root too.
fn probe(folder: &Path) -> Option<Binaries> {
    let server = folder.join("postgres");
    if !server.is_file() || !folder.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(server).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries {
        folder: folder.to_owned(),
        major,
    })
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; betas read `19beta1`.
fn major_of(text: &str) -> Option<u32> {
    let version = text.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        for (text, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18.6", Some(18)),
            ("postgres (PostgreSQL) 19beta1", Some(19)),
            ("postgres", None),
            ("", None),
        ] {
            assert_eq!(major_of(text), major, "{text:?}");
        }
    }

    #[test]
    fn a_data_folder_decides_the_version_and_a_new_one_takes_the_newest() {
        let version = |major| Binaries {
            folder: PathBuf::from(format!("/pg/{major}")),
            major,
        };
        let both = || vec![version(17), version(15)];
        let data = Path::new("/data");
        assert_eq!(choose(both(), None).expect("found").major, 17);
        assert_eq!(choose(both(), Some((15, data))).expect("found").major, 15);
        assert!(matches!(
            choose(both(), Some((14, data))),
            Err(ClusterError::OtherVersion { data: 14, .. })
        ));
        assert!(matches!(
            choose(vec![], Some((14, data))),
            Err(ClusterError::NoBinaries)
        ));
        assert!(matches!(
            choose(vec![], None),
            Err(ClusterError::NoBinaries)
        ));
    }
}
