//! The load itself, in small: what it measures here is nothing, but its audit compares every cent, and fails like any test.
#![expect(clippy::expect_used, reason = "a test stops at the first error")]

use std::path::Path;
use std::process::Command;

/// Runs the program to its end; answers what it printed.
fn run(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_epay-loadtest"));
    command.args(arguments);
    if let Some(epay) = std::env::var_os("EPAY_BIN") {
        command.arg("--epay").arg(epay);
    }
    let output = command.output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn two_gateways_with_workers_on_one_database_keep_one_set_of_books() {
    let text = run(&[
        "full-path",
        "--nodes=2",
        "--tls",
        "--credits=5",
        "--payments=200",
        "--rounds=1",
        "--warm-up=100",
        "--in-flight=64",
        "--pgbench-seconds=1",
        "--pgbench-scale=1",
    ]);
    assert!(
        text.contains("300 payments, receipts and journals"),
        "{text}"
    );
    assert!(text.contains("18 sums as they must be"), "{text}");
}

#[test]
fn a_scenario_leaves_its_report_after_the_books_agree() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    let text = run(&[
        "run",
        "cost",
        "--knee=50",
        "--part-seconds-max=1",
        "--pgbench-seconds=1",
        "--pgbench-scale=1",
        "--commit-each",
        &format!("--out={}", out.display()),
    ]);
    assert!(text.contains("18 sums as they must be"), "{text}");
    let read = |name: &str| std::fs::read_to_string(Path::new(&out).join(name)).unwrap();
    let report = read("report.md");
    for words in [
        "With a commit each.",
        "The knee: 50",
        "The audit",
        "tonic echo",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let json: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(json.get("knee"), Some(&serde_json::Value::from(50)));
    assert!(read("rates.svg").starts_with("<svg"), "a picture");
}
