//! Every golden notice against the schema of its version, judged by a program that is not ours (`xmllint`).
//!
//! Each expectation says `"schema": "valid"`, `"invalid"` or, where no schema could judge, `"unchecked"`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epay_rail_kit::conformance::goldens;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// The folder of reference data, where there is one.
fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("EPAY_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}

/// The schema that a body's namespace names, among those at hand; version 08 when it names none.
fn schema(reference: &Path, body: &[u8]) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(body);
    let name = text
        .split_once(NAMESPACE)
        .and_then(|(_, rest)| rest.get(..15))
        .unwrap_or("camt.054.001.08");
    ["xsd", "xsd/fps-launch-2017"]
        .map(|folder| reference.join(folder).join(format!("{name}.xsd")))
        .into_iter()
        .find(|path| path.is_file())
}

#[test]
fn every_golden_is_judged_by_its_schema_as_marked() {
    let Some(reference) = reference() else {
        println!("skipped: no reference data");
        return;
    };
    if Command::new("xmllint")
        .arg("--version")
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("skipped: xmllint is not installed");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut judged = 0;
    for case in goldens(&folder).unwrap() {
        let marked = case.expected.other["schema"].as_str().unwrap().to_owned();
        if marked == "unchecked" {
            continue;
        }
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(schema(&reference, &case.body).expect("a schema of this version"))
            .arg(&case.path)
            .output()
            .unwrap();
        let verdict = if output.status.success() {
            "valid"
        } else {
            "invalid"
        };
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(verdict, marked, "{}: {words}", case.name);
        judged += 1;
    }
    assert!(judged > 30, "only {judged} goldens were judged");
}
