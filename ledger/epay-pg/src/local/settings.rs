//! The server's settings, given on its command line: nothing of them stays in the data folder, and a
//! machine with more memory is used the next time.

use std::path::Path;

use super::Durability;

const MEBIBYTE: u64 = 1024 * 1024;
/// The first version that compresses its log by LZ4.
const LZ4_SINCE: u32 = 15;
/// Assumed where the system does not tell.
const MEMORY_UNKNOWN: u64 = 1024 * MEBIBYTE;
/// Bounds of the server's own page cache. Small data sets gain nothing from more, and a laptop keeps its memory.
const BUFFERS_MIN: u64 = 64 * MEBIBYTE;
const BUFFERS_MAX: u64 = 1024 * MEBIBYTE;

/// Settings in the order they are given; later ones win, so the caller's come last.
pub(super) fn settings(
    major_version: u32,
    durability: Durability,
    port: Option<u16>,
    socket_dir: &Path,
    own: &[(String, String)],
) -> Vec<(String, String)> {
    let memory = memory();
    let megabytes = |bytes: u64| format!("{}MB", bytes / MEBIBYTE);
    let mut list: Vec<(&str, String)> = vec![
        ("unix_socket_directories", socket_dir.display().to_string()),
        // 0700 lets in the server's user and root, nobody else.
        ("unix_socket_permissions", "0700".to_owned()),
        (
            "listen_addresses",
            port.map_or("", |_| "127.0.0.1").to_owned(),
        ),
        ("port", port.unwrap_or(super::SOCKET_PORT).to_string()),
        ("max_connections", "200".to_owned()),
        (
            "shared_buffers",
            megabytes((memory / 8).clamp(BUFFERS_MIN, BUFFERS_MAX)),
        ),
        ("effective_cache_size", megabytes(memory / 2)),
        // Checkpoints spread out: after each one every page is written whole once more.
        ("max_wal_size", "4GB".to_owned()),
        ("min_wal_size", "256MB".to_owned()),
        ("checkpoint_timeout", "15min".to_owned()),
        ("wal_buffers", "16MB".to_owned()),
        ("wal_compression", wal_compression(major_version).to_owned()),
        // Disks without moving parts, short statements.
        ("random_page_cost", "1.1".to_owned()),
        ("jit", "off".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        ("log_checkpoints", "off".to_owned()),
    ];
    list.extend(durability_settings(durability).map(|(name, value)| (name, value.to_owned())));
    list.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(own.iter().cloned())
        .collect()
}

/// Whole pages in the log are worth compressing, but not by the server's own method, which costs a fifth of its time.
const fn wal_compression(major_version: u32) -> &'static str {
    if major_version >= LZ4_SINCE {
        "lz4"
    } else {
        "off"
    }
}

fn durability_settings(
    durability: Durability,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    match durability {
        Durability::Full => [
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("autovacuum", "on"),
        ],
        // Commits still reach the kernel before they are answered, so a killed server loses nothing; a machine that
        // loses power loses the cluster. Autovacuum would hold templates open while they are copied.
        Durability::Relaxed => [
            ("fsync", "off"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "off"),
            ("autovacuum", "off"),
        ],
    }
    .into_iter()
}

/// Bytes of memory, from Linux's `/proc/meminfo`.
fn memory() -> u64 {
    std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| memory_of(&text))
        .unwrap_or(MEMORY_UNKNOWN)
}

fn memory_of(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_the_machine_is_read() {
        assert_eq!(
            memory_of("MemTotal:       2048 kB\nMemFree: 1 kB"),
            Some(2048 * 1024)
        );
        assert_eq!(memory_of("MemFree: 1 kB"), None);
    }

    #[test]
    fn the_callers_settings_come_last_and_tcp_is_off_unless_asked_for() {
        let own = vec![("jit".to_owned(), "on".to_owned())];
        let list = settings(15, Durability::Full, None, Path::new("/s"), &own);
        assert_eq!(list.last(), own.last());
        let value = |name: &str| {
            list.iter()
                .find(|(setting, _)| setting == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("listen_addresses"), Some(""));
        assert_eq!(value("fsync"), Some("on"));
        let relaxed = settings(14, Durability::Relaxed, Some(6000), Path::new("/s"), &[]);
        assert_eq!(value("wal_compression"), Some("lz4"));
        assert!(relaxed.contains(&("wal_compression".to_owned(), "off".to_owned())));
        assert!(relaxed.contains(&("fsync".to_owned(), "off".to_owned())));
        assert!(relaxed.contains(&("port".to_owned(), "6000".to_owned())));
        assert!(relaxed.contains(&("listen_addresses".to_owned(), "127.0.0.1".to_owned())));
    }
}
