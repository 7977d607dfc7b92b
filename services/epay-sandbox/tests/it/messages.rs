//! What the bank writes is valid by the published schemas, as a program that is not ours judges.

use std::path::{Path, PathBuf};
use std::process::Command;

use epay_sandbox::sample::write_samples;
use serde_json::{Value, json};

use crate::support::code::Code;
use crate::support::receiver::Receiver;
use crate::support::{Sandbox, with_database};

/// The folder of schemas; `None` without reference data or without xmllint.
fn schemas() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let reference = std::env::var_os("EPAY_REFERENCE")
        .map_or_else(|| workspace.join("../shared/reference"), PathBuf::from);
    let xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    Some(reference.join("xsd")).filter(|folder| folder.is_dir() && xmllint)
}

fn validate(schema: &Path, files: &[PathBuf]) {
    let output = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(schema)
        .args(files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn sample_notices_are_valid_and_repeat_by_seed() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(write_samples(first.path(), 40, 7).unwrap(), 40);
    assert_eq!(write_samples(second.path(), 40, 7).unwrap(), 40);
    let files: Vec<PathBuf> = (0..40)
        .map(|n| first.path().join(format!("notice-{n:05}.xml")))
        .collect();
    for file in &files {
        let name = file.file_name().unwrap();
        assert_eq!(
            std::fs::read(file).unwrap(),
            std::fs::read(second.path().join(name)).unwrap()
        );
        let sidecar = std::fs::read_to_string(file.with_extension("json")).unwrap();
        assert!(serde_json::from_str::<Value>(&sidecar).unwrap()["amount_cents"].is_i64());
    }
    match schemas() {
        Some(folder) => validate(&folder.join("camt.054.001.08.xsd"), &files),
        None => println!("skipped: no reference data"),
    }
}

/// Pays a code and returns the notice, the interbank transfer and its answer.
async fn messages(
    sandbox: &Sandbox,
    receiver: &mut Receiver,
    code: Code,
    faults: Value,
) -> [String; 3] {
    let request =
        json!({ "image_base64": code.base64(), "faults": faults, "payer": "陳 <大> & 文" });
    let paid = sandbox.done("/api/pay", &request).await;
    let reference = paid["transactions"][0]["bank_reference"].as_str().unwrap();
    let notice = receiver.next().await;
    let stored = sandbox
        .text(&format!("/api/notices/{}", notice.message_id))
        .await;
    assert_eq!(stored, notice.body);
    let path = format!("/api/books/transactions/{reference}");
    [
        stored,
        sandbox.text(&format!("{path}/pacs008")).await,
        sandbox.text(&format!("{path}/pacs002")).await,
    ]
}

#[test]
fn the_messages_of_real_payments_are_valid() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let folder = tempfile::tempdir().unwrap();
        let bare = Code {
            bill_number: None,
            reference: None,
            ..Code::bill()
        };
        let marked = Code {
            reference: Some("<&>\"' ~".into()),
            ..Code::bill()
        };
        let codes = [
            (Code::bill(), json!({})),
            (bare, json!({})),
            (marked, json!({ "lost_reference": true })),
        ];
        let mut files: [Vec<PathBuf>; 3] = Default::default();
        for (n, (code, faults)) in codes.into_iter().enumerate() {
            let bodies = messages(&sandbox, &mut receiver, code, faults).await;
            for (kind, body) in bodies.into_iter().enumerate() {
                let file = folder.path().join(format!("{n}-{kind}.xml"));
                std::fs::write(&file, body).unwrap();
                files[kind].push(file);
            }
        }
        sandbox.stop().await;
        let Some(schemas) = schemas() else {
            return println!("skipped: no reference data");
        };
        let names = [
            "camt.054.001.08.xsd",
            "pacs.008.001.08.xsd",
            "pacs.002.001.10.xsd",
        ];
        for (name, files) in names.iter().zip(&files) {
            validate(&schemas.join(name), files);
        }
    });
}
