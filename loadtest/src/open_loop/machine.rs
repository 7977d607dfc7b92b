//! On what it was measured: the machine, its disk, the programs.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use epay_pg::Session;
use serde::Serialize;

use super::tally::micros;

/// Writes whose way to the disk is timed.
const WRITES: usize = 200;
/// Bytes of each: a page of the write-ahead log.
const WRITE_BYTES: usize = 8_192;

/// What whoever repeats a measurement must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    pub(crate) postgres: String,
    /// The version of this program, and the commit of the sources beside it where there is one.
    pub(crate) program: String,
    /// What one write of a page takes until the disk says that it has it.
    pub(crate) sync_p50_micros: u64,
    pub(crate) sync_p99_micros: u64,
}

impl Machine {
    pub(crate) async fn read(session: &Session, folder: &Path) -> Result<Self> {
        let version = session
            .client()
            .query_one("SHOW server_version", &[])
            .await?;
        let [sync_p50_micros, sync_p99_micros] = syncs(folder)?;
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Ok(Self {
            processor: field(&read("/proc/cpuinfo"), "model name").to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: field(&read("/proc/meminfo"), "MemTotal")
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .unwrap_or(0)
                .div_euclid(1_024),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            postgres: version.try_get(0)?,
            program: format!("epay-loadtest {}{}", env!("CARGO_PKG_VERSION"), commit()),
            sync_p50_micros,
            sync_p99_micros,
        })
    }
}

/// The value of the first line that begins with a name.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default()
        .trim_start_matches(|sign: char| sign.is_whitespace() || sign == ':')
        .trim()
}

/// The commit of the folder in which it is run, where git knows one.
fn commit() -> String {
    let mut git = std::process::Command::new("git");
    git.args(["rev-parse", "--short=12", "HEAD"]);
    match git.output() {
        Ok(output) if output.status.success() => {
            format!(
                ", commit {}",
                String::from_utf8_lossy(&output.stdout).trim()
            )
        }
        Ok(_) | Err(_) => String::new(),
    }
}

/// The middle and the slow one of a hundred writes that must reach the disk.
fn syncs(folder: &Path) -> Result<[u64; 2]> {
    let mut file = tempfile::tempfile_in(folder)?;
    let page = [0_u8; WRITE_BYTES];
    let mut waits = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        file.write_all(&page)?;
        let started = Instant::now();
        file.sync_data()?;
        waits.push(micros(started.elapsed()));
    }
    waits.sort_unstable();
    let at = |percent: usize| {
        let rank = WRITES.saturating_mul(percent).div_ceil(100);
        waits.get(rank.saturating_sub(1)).copied().unwrap_or(0)
    };
    Ok([at(50), at(99)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_what_stands_behind_its_name() {
        let text = "processor\t: 0\nmodel name\t: A Processor @ 2.4GHz\nmodel name\t: other\n";
        assert_eq!(field(text, "model name"), "A Processor @ 2.4GHz");
        assert_eq!(field("MemTotal:    24 kB", "MemTotal"), "24 kB");
        assert_eq!(field(text, "none"), "");
    }

    #[test]
    fn a_disk_takes_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let [p50, p99] = syncs(folder.path()).unwrap();
        assert!(0 < p50 && p50 <= p99);
    }
}
