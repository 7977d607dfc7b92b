//! Bills on paper from the shell: the real binary, without a database where it needs none.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop where it is"
)]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const KINDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../deploy/demo/bill-types.json"
);

/// A rates bill, a tax bill by two instalments, one with nothing to pay, one taken back, a wrong number, an unknown kind,
/// one demand for two flats.
const BILLS: &str = r#"{"document":"RVD/1","bill_type":"rvd-rates","number":"000123456789011","amount":"3720.00","due_date":"2026-01-30","description":"January to March 2026","lines":[{"code":"02-gr","amount":"2325.00"},{"code":"07-govrent","amount":"1395.00"}]}
{"document":"IRD:1","revision":2,"bill_type":"ird-salaries","number":"12345678903","amount":"36000.00","due_date":"2026-01-05","instalments":[{"due_date":"2026-01-05","amount":"27000.00"},{"due_date":"2026-04-08","amount":"9000.00"}]}
{"document":"RVD/2","bill_type":"rvd-rates","number":"000123456789020","amount":"0.00","due_date":"2026-01-30"}
{"document":"RVD/3","action":"withdraw","reason":"issued in error"}
{"document":"RVD/4","bill_type":"rvd-rates","number":"000123456789012","amount":"1.00","due_date":"2026-01-30"}
{"document":"RVD/5","bill_type":"no-such","number":"1","amount":"1.00","due_date":"2026-01-30"}
{"document":"RVD/6","bill_type":"rvd-rates","number":"000123456789038","amount":"3.00","due_date":"2026-01-30","parts":[{"reference":"101-1","line":"02-gr","amount":"1.00","label":"Flat A, Test House"},{"reference":"101-2","line":"07-govrent","amount":"2.00","label":"測試樓 B 室"}]}
"#;

/// Exit code, and what it printed as JSON.
fn render(folder: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_epay"))
        .args(["bills", "render", "--json", "--date", "2026-01-02"])
        .args(["--bill-types", KINDS, "--file"])
        .arg(folder.join("bills.ndjson"))
        .arg("--out")
        .arg(folder.join("paper"))
        .args(more)
        .env("XDG_CONFIG_HOME", folder)
        .env_remove("EPAY_CONFIG")
        .output()
        .unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), told)
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("paper")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_file_of_bills_becomes_paper_and_what_cannot_be_printed_is_said_by_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bills.ndjson"), BILLS).unwrap();
    let (code, told) = render(folder.path(), &["--as", "pdf,svg"]);
    assert_eq!(code, Some(1), "{told}");
    let faults: Vec<(u64, &str)> = told["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            (
                fault["line"].as_u64().unwrap(),
                fault["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        faults,
        [(5, "NUMBER_CHECK_DIGIT"), (6, "BILL_TYPE_UNKNOWN")]
    );
    let counts = ["bills", "withdrawn", "refused", "without_code"].map(|name| &told[name]);
    assert_eq!(counts, [&json!(4), &json!(1), &json!(2), &json!(0)]);
    let names = files(folder.path());
    for name in [
        "IRD_1@2.pdf",
        "IRD_1@2.svg",
        "RVD_1.pdf",
        "RVD_1.svg",
        "RVD_2.pdf",
    ] {
        assert!(names.iter().any(|one| one == name), "{name} in {names:?}");
    }
    let sheets = names.iter().filter(|name| name.ends_with(".svg")).count();
    assert_eq!(told["sheets"], json!(sheets));
    let paper = |name| std::fs::read(folder.path().join("paper").join(name)).unwrap();
    let (pdf, sheet) = (paper("RVD_1.pdf"), paper("RVD_1.svg"));
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let sheet = String::from_utf8(sheet).unwrap();
    for words in [
        "000123456789011",
        "Government rent",
        "HKD 3,720.00",
        "2 January 2026",
    ] {
        assert!(sheet.contains(words), "{words}");
    }
    let consolidated = String::from_utf8(paper("RVD_6.svg")).unwrap();
    for words in [
        "Flat A, Test House",
        "測試樓 B 室",
        "Assessment number 101-2",
    ] {
        assert!(consolidated.contains(words), "{words}");
    }
    // Again: what is there stays, unless it is to be replaced; then it is the same bytes.
    let (_, told) = render(folder.path(), &[]);
    assert_eq!(
        (&told["bills"], &told["faults"][0]["code"]),
        (&json!(0), &json!("DOCUMENT_EXISTS"))
    );
    let (_, told) = render(folder.path(), &["--replace"]);
    assert_eq!(told["bills"], json!(4));
    assert_eq!(paper("RVD_1.pdf"), pdf);
}

#[test]
fn a_font_that_is_not_there_is_named_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bills.ndjson"), BILLS).unwrap();
    let (code, told) = render(folder.path(), &["--font", "/nowhere/font.ttc"]);
    assert_eq!((code, told), (Some(1), Value::Null));
    assert_eq!(files(folder.path()), [""; 0]);
}
