//! Published payloads, judged as their publishers and the specification judge them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use std::path::{Path, PathBuf};

use emvqr::fps::FpsView;
use emvqr::{Code, Profile, parse};

/// Payload, `valid` or `invalid`, where it was published.
const PUBLISHED: &str = include_str!("vectors.tsv");

#[test]
fn published_payloads_are_judged_as_marked() {
    for (number, line) in PUBLISHED.lines().enumerate() {
        let mut columns = line.split('\t');
        let (payload, verdict) = (columns.next().unwrap(), columns.next().unwrap());
        let parsed = parse(payload, Profile::Strict);
        assert_eq!(
            parsed.is_valid(),
            verdict == "valid",
            "line {}: {:#?}",
            number + 1,
            parsed.findings()
        );
        assert_eq!(parsed.document().encode(), payload, "line {}", number + 1);
    }
}

#[test]
fn the_specification_s_own_example_is_read_field_by_field() {
    let parsed = parse(PUBLISHED.split('\t').next().unwrap(), Profile::Strict);
    assert_eq!(parsed.findings(), []);
    let document = parsed.document();
    assert_eq!(document.amount_minor_units(), Some(2372));
    assert_eq!(document.currency(), Some("156"));
    assert_eq!(document.merchant_name(), Some("BEST TRANSPORT"));
    assert_eq!(document.tip(), Some(emvqr::Tip::Prompt));
    let language = document.language().unwrap();
    assert_eq!(
        (language.language(), language.merchant_name()),
        (Some("ZH"), Some("最佳运输"))
    );
    assert_eq!(language.merchant_city(), Some("北京"));
    let data = document.additional_data().unwrap();
    assert_eq!(
        (data.store_label(), data.customer_label()),
        (Some("1234"), Some("***"))
    );
    assert_eq!(
        (data.terminal_label(), data.consumer_data_request()),
        (Some("A6008667"), Some("ME"))
    );
    assert_eq!(document.accounts().count(), 2);
    let private: Vec<_> = document
        .private_templates()
        .filter_map(|template| template.guid())
        .collect();
    assert_eq!(private, ["A011223344998877"]);
    assert_eq!(document.find(&[91, 7]).unwrap().value(), "12345678");
    assert_eq!(
        document.get(62).unwrap().offset(),
        167,
        "offsets count characters, not bytes"
    );
}

/// A larger collection beside the workspace, where there is one.
fn reference() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let folder = std::env::var_os("EPAY_REFERENCE").map_or_else(beside, PathBuf::from);
    Some(folder.join("qr-vectors.tsv")).filter(|file| file.exists())
}

/// The finding that a reason in the collection's notes stands for.
fn expected_code(reason: &str) -> Code {
    match reason {
        "guid_case" => Code::FpsGuidCase,
        "clearing_code" => Code::FpsClearingCode,
        "bill_and_ref" => Code::FpsBillAndReference,
        reason if reason.starts_with("fps_id_len") => Code::FpsIdLength,
        other => panic!("unknown reason {other}"),
    }
}

#[test]
fn reference_payloads_are_judged_as_marked() {
    let Some(file) = reference() else {
        println!("skipped: no reference data");
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [payload, source, verdict, notes] = columns[..] else {
            panic!("not four columns: {line}")
        };
        let parsed = parse(payload, Profile::Strict);
        assert_eq!(
            parsed.is_valid(),
            verdict == "valid",
            "{source}: {:#?}",
            parsed.findings()
        );
        assert_eq!(parsed.document().encode(), payload, "{source}");
        judge_notes(&parsed, source, notes);
    }
}

fn judge_notes(parsed: &emvqr::Parsed<'_>, source: &str, notes: &str) {
    let has = |code: Code| parsed.errors().any(|error| error.code == code);
    for note in notes.split("; ") {
        match note {
            "crc=ok" => assert!(
                !has(Code::CrcMismatch) && !has(Code::CrcMalformed),
                "{source}"
            ),
            "crc=malformed" => assert!(has(Code::CrcMalformed), "{source}"),
            "crc=absent" => assert!(
                has(Code::CrcMissing) || has(Code::NotEmv),
                "{source}: {:?}",
                parsed.findings()
            ),
            "hkfps=ok" => assert_eq!(
                FpsView::read(parsed.document()).unwrap().findings(),
                [],
                "{source}"
            ),
            "hkfps=n/a" => assert!(FpsView::read(parsed.document()).is_none(), "{source}"),
            note => {
                if let Some(computed) = note.strip_prefix("crc=mismatch(computed ") {
                    let computed = computed.trim_end_matches(')');
                    let told = |error: &emvqr::Finding| {
                        error.code == Code::CrcMismatch && error.message.contains(computed)
                    };
                    assert!(
                        parsed.errors().any(told),
                        "{source}: {computed}, {:?}",
                        parsed.findings()
                    );
                } else if let Some(reasons) = note.strip_prefix("hkfps=nonconforming(") {
                    let mut expected: Vec<Code> = reasons
                        .trim_end_matches(')')
                        .split(',')
                        .map(expected_code)
                        .collect();
                    let view = FpsView::read(parsed.document()).unwrap();
                    let mut found: Vec<Code> =
                        view.findings().iter().map(|finding| finding.code).collect();
                    // The collection counts the characters of whatever stands in 26/02; a value without digits is told apart here.
                    for code in &mut found {
                        if *code == Code::FpsIdFormat {
                            *code = Code::FpsIdLength;
                        }
                    }
                    expected.sort_unstable();
                    found.sort_unstable();
                    assert_eq!(found, expected, "{source}");
                }
            }
        }
    }
}
