//! `DuckDB`, asked for a plain full outer join of the same two tables.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use epay_domain::reconciliation::Question;

const SCRIPT: &str = include_str!("full_outer_join.py");

/// What the peer needed.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) time: Duration,
    pub(crate) peak_kib: u64,
}

/// Times the join, the tables loaded before; nothing without a Python.
pub(crate) fn full_outer_join(question: &Question<'_>, rounds: usize) -> Option<Peer> {
    let python = std::env::var_os("EPAY_BENCH_PYTHON")?;
    let folder = tempfile::tempdir().expect("a folder");
    let expected = question
        .expected
        .iter()
        .map(|item| (item.rail_reference, item.minor));
    write(&folder.path().join("expected.csv"), expected);
    let observed = question
        .observed
        .iter()
        .map(|item| (item.rail_reference, item.minor));
    write(&folder.path().join("observed.csv"), observed);
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(folder.path())
        .arg(rounds.to_string())
        .output()
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |name: &str| {
        told.get(name)
            .and_then(serde_json::Value::as_u64)
            .expect("a number")
    };
    println!(
        "DuckDB {}, {} threads: {} rows of the join",
        told.get("version")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default(),
        number("threads"),
        number("rows")
    );
    Some(Peer {
        time: Duration::from_micros(number("micros")),
        peak_kib: number("peak_kib"),
    })
}

fn write<'a>(path: &Path, rows: impl Iterator<Item = (Option<&'a str>, i64)>) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    writeln!(file, "reference,minor").expect("written");
    for (reference, minor) in rows {
        writeln!(file, "{},{minor}", reference.unwrap_or_default()).expect("written");
    }
    file.flush().expect("written");
}
