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
        text.contains("500 payments, receipts and journals"),
        "{text}"
    );
    assert!(text.contains("beside one of them"), "{text}");
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

/// Runs a scenario with a mix of rails for a moment; answers what it printed, its report and its figures.
fn mix(scenario: &str) -> (String, String, serde_json::Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("report");
    let text = run(&[
        "run",
        scenario,
        "--knee=20",
        "--part-seconds-max=3",
        "--pgbench-seconds=1",
        "--pgbench-scale=1",
        &format!("--out={}", out.display()),
    ]);
    let read = |name: &str| std::fs::read_to_string(Path::new(&out).join(name)).expect("a file");
    assert!(read("rails.svg").starts_with("<svg"), "a picture");
    let json = serde_json::from_str(&read("report.json")).expect("figures");
    (text, read("report.md"), json)
}

/// What a part's report says of each rail: who came, who was paid while they waited, and who had been paid after all.
fn rails(json: &serde_json::Value, part: usize) -> Vec<(String, [u64; 3])> {
    let rows = json.pointer(&format!("/parts/{part}/rails"));
    let rows = rows.and_then(serde_json::Value::as_array);
    let count = |row: &serde_json::Value, name: &str| {
        let count = row.pointer(name).and_then(serde_json::Value::as_u64);
        count.expect("a count")
    };
    let row = |row: &serde_json::Value| {
        let rail = row.get("rail").and_then(serde_json::Value::as_str);
        let counts = ["/count/came", "/count/paid", "/paid_after_all"];
        (
            rail.expect("a rail").to_owned(),
            counts.map(|name| count(row, name)),
        )
    };
    rows.expect("rows of rails").iter().map(row).collect()
}

#[test]
fn nine_rails_are_paid_and_two_houses_agree_to_the_cent() {
    let (text, report, json) = mix("all-rails");
    assert!(text.contains("payments by 9 rails"), "{text}");
    assert!(report.contains("## The rails"), "{report}");
    let rows = rails(&json, 1);
    assert_eq!(rows.len(), 9);
    for (rail, [came, paid, _]) in rows {
        assert!(came > 0, "{rail}");
        assert_eq!(came, paid, "{rail}");
    }
}

/// Longer than a citizen waits, and than the gateway waits for the card company's answer.
const SICK: &str = "name = \"sick\"
summary = \"Cards are taken and not answered for.\"
[[mix]]
rail = \"fps\"
share = 1
[[mix]]
rail = \"card\"
share = 1
[[part]]
name = \"ill\"
seconds = 3
percent = 40
sick = { rail = \"card\", fault = \"slow-captures\", value = \"25\" }
[[part]]
name = \"well again\"
seconds = 3
percent = 40
";

#[test]
fn a_rail_that_does_not_answer_leaves_no_outcome_unknown_and_the_other_one_alone() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), SICK).expect("is written");
    let (text, report, json) = mix(file.path().to_str().expect("a path"));
    assert!(text.contains("payments by 2 rails"), "{text}");
    assert!(report.contains("### ill (card: slow-captures)"), "{report}");
    for (rail, [came, paid, after_all]) in rails(&json, 0) {
        let expected = if rail == "card" { [0, came] } else { [came, 0] };
        assert!(came > 0, "{rail}");
        assert_eq!([paid, after_all], expected, "{rail}: {report}");
    }
    for (rail, [came, paid, _]) in rails(&json, 1) {
        assert_eq!(came, paid, "{rail}: {report}");
    }
}
