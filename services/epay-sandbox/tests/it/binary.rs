//! The program itself: it says where it listens, stops on a signal, and writes samples without a database.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{SECRET, with_database};

const BINARY: &str = env!("CARGO_BIN_EXE_epay-sandbox");
const CONFIG: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../deploy/demo/sandbox.toml"
);

#[test]
fn the_program_listens_says_so_and_stops_on_a_signal() {
    with_database(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let ready_file = folder.path().join("ready.json");
        let mut child = Command::new(BINARY)
            .args([
                "--config",
                CONFIG,
                "--gateway-url",
                "http://127.0.0.1:9",
                "--database-url",
                &database.url,
            ])
            .arg("--ready-file")
            .arg(&ready_file)
            .env("EPAY_SANDBOX_CHANNEL_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = ready["listening"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        assert_eq!(
            reqwest::get(format!("{url}/healthz"))
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
            "ok\n"
        );
        let stopped = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(stopped.success());
        assert!(child.wait().unwrap().success());
        assert!(lines.next().is_none(), "one line and no more on stdout");
        assert_eq!(std::fs::read_to_string(&ready_file).unwrap().trim(), line);
    });
}

#[test]
fn the_program_does_not_start_without_its_secret() {
    let output = Command::new(BINARY)
        .args([
            "--config",
            CONFIG,
            "--gateway-url",
            "http://127.0.0.1:9",
            "--database-url",
            "host=/nowhere",
        ])
        .env_remove("EPAY_SANDBOX_CHANNEL_SECRET")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("EPAY_SANDBOX_CHANNEL_SECRET"));
}

#[test]
fn the_program_writes_samples_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("camt");
    let arguments = ["sample-notices", "--count", "3", "--seed", "9", "--out"];
    let output = Command::new(BINARY)
        .args(arguments)
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        r#"{"written":3}"#
    );
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 6);
}
