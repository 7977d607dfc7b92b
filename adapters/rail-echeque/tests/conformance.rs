//! The suite that every rail passes, for this one, and what a schema says of its goldens.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use epay_money::Money;
use epay_rail::Collect;

const GOLDENS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

/// A collection of HK$6,700.00 for two bills of a fictitious biller.
fn order() -> Collect {
    Collect {
        method: "echeque".to_owned(),
        payee: "012888000654321".to_owned(),
        amount: Money::hkd(670_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 2,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-21T08:15:00Z".parse().unwrap(),
        expires_at: "2026-01-21T09:15:00Z".parse().unwrap(),
    }
}

fn codes() -> Vec<&'static str> {
    let states = rail_echeque::STATES.iter().map(|row| row.state);
    let statuses = rail_echeque::STATUS.iter().map(|row| row.code);
    states.chain(statuses).collect()
}

epay_rail_kit::conformance! {
    open: || rail_echeque::open(&"echeque".parse().unwrap(), "").unwrap(),
    order: order,
    goldens: GOLDENS,
    codes: codes(),
}

/// The schema of the notices, where there is reference data and a program to judge by it.
fn schema() -> Option<PathBuf> {
    let folder = std::env::var_os("EPAY_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let schema = folder.join("xsd/camt.054.001.08.xsd");
    let mut xmllint = Command::new("xmllint");
    let judge = xmllint.arg("--version").stderr(Stdio::null()).status();
    (schema.is_file() && judge.is_ok()).then_some(schema)
}

#[test]
fn every_golden_notice_is_valid_by_its_schema_but_those_that_are_broken_on_purpose() {
    let Some(schema) = schema() else {
        println!("skipped: no reference data, or no xmllint");
        return;
    };
    let broken = ["bad-neighbour.xml", "doctype.xml"];
    for case in epay_rail_kit::conformance::goldens(Path::new(GOLDENS)).unwrap() {
        if !case.name.ends_with(".xml") || broken.contains(&case.name.as_str()) {
            continue;
        }
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(&schema)
            .arg(&case.path)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {words}", case.name);
    }
}
