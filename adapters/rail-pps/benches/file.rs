//! How fast a large bill file is read, and that memory stays flat while it is.
//!
//! `cargo bench -p rail-pps --bench file` prints lines `BENCH {…}`. The file is made chunk by chunk while it is read, so no
//! more than a chunk of it is ever in memory; the figure of bytes is the growth of the process's largest resident size
//! (`VmHWM`) over the whole reading.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use epay_rail::Decoded;
use jiff::Timestamp;

const ROWS: u64 = 1_000_000;
const ROWS_A_CHUNK: u64 = 500;

fn main() {
    let rail = rail_pps::bill::open(&"pps".parse().unwrap(), "").unwrap();
    let mut reader = rail.open_file(Timestamp::UNIX_EPOCH).unwrap();
    let mut out = Decoded::default();
    let (mut bytes, mut reports, mut reading) = (0, 0, Duration::ZERO);
    let (mut amounts, mut hash) = (0_u64, 0_u64);
    let mut feed = |chunk: &str, out: &mut Decoded| {
        let started = Instant::now();
        reader.feed(chunk.as_bytes(), out).unwrap();
        reports += out.reports.len();
        out.reports.clear();
        assert!(out.unreadable.is_empty());
        reading += started.elapsed();
        bytes += chunk.len();
    };
    feed(
        "H|EPAY-PPS-BILL|1|BENCH-1|20260120190500|20260120\n",
        &mut out,
    );
    let before = peak_kib();
    let mut chunk = String::new();
    for row in 0..ROWS {
        let (bill, cents) = (1_000_000_000_000 + row, 100 + row % 900_000);
        amounts = (amounts + cents) % 10_000_000_000_000_000;
        hash = (hash + bill) % 10_000_000_000_000_000;
        writeln!(
            chunk,
            "D|990102|{bill}|{cents}|P20260120-{row:010}|20260120185903|20260121|****1234"
        )
        .unwrap();
        if row % ROWS_A_CHUNK == ROWS_A_CHUNK - 1 {
            feed(&chunk, &mut out);
            chunk.clear();
        }
    }
    feed(&format!("T|{ROWS}|{amounts}|{hash}\n"), &mut out);
    reader.end(&mut out).unwrap();
    let seconds = reading.as_micros();
    let rows_per_second = u128::from(ROWS) * 1_000_000 / seconds.max(1);
    let kilobytes_per_second = u128::try_from(bytes).unwrap() * 1_000 / seconds.max(1);
    assert_eq!(reports, usize::try_from(ROWS).unwrap());
    let growth = peak_kib() - before;
    for (what, value, unit) in [
        ("rows", rows_per_second, "rows/s"),
        ("bytes", kilobytes_per_second, "kB/s"),
        ("memory that grew", u128::from(growth), "KiB"),
    ] {
        println!(
            r#"BENCH {{"name":"pps: file of {ROWS} rows, {what}","value":{value},"unit":"{unit}"}}"#
        );
    }
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}
