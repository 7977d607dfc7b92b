//! One example of every finding, with its place.
//!
//! Rows are as short as they can be, so most of them lack other things as well; only the named finding counts.

use std::collections::BTreeSet;

use emvqr::fps::{FpsView, TimeOut};
use emvqr::{
    Code, Document, Finding, INPUT_BYTES_MAX, Profile, checksum_digits, parse, parse_bytes,
};

/// Text, code, path, character offset. `~` closes the text with its checksum.
const ERRORS: &[(&str, Code, &str, usize)] = &[
    ("", Code::NotEmv, "", 0),
    ("https://qr.95516.com/1", Code::NotEmv, "", 0),
    ("weixin://pay", Code::NotEmv, "", 0),
    ("4891234567890", Code::NotEmv, "", 0),
    ("000201٠١02~", Code::BadId, "", 6),
    ("000201630", Code::TruncatedHeader, "", 6),
    ("000201AB02xx", Code::BadId, "", 6),
    ("0002015xAA00", Code::BadId, "", 6),
    ("00020101A211", Code::BadLength, "", 6),
    ("0002010199123", Code::ValueOverrun, "01", 6),
    ("000201260700051~", Code::ValueOverrun, "26/00", 10),
    ("000201260300x~", Code::TruncatedHeader, "26", 10),
    ("00020162085004xx01~", Code::BadId, "62/50", 14),
    ("00020152040000", Code::CrcMissing, "", 0),
    ("00020163040000520412346304", Code::CrcNotLast, "63", 6),
    ("0002016304XYZW", Code::CrcMalformed, "63", 6),
    ("0002016304ABCD", Code::CrcMismatch, "63", 6),
    ("010211000201~", Code::FormatIndicatorNotFirst, "01", 0),
    ("000202~", Code::FormatIndicatorValue, "00", 0),
    ("000201010211010212~", Code::DuplicateObject, "01", 12),
    ("00020162120101a0101b02~", Code::TruncatedHeader, "62", 20),
    ("00020162100101a0101b~", Code::DuplicateObject, "62/01", 15),
    ("000201~", Code::MissingMandatory, "52", 0),
    ("000201~", Code::MissingMandatory, "60", 0),
    ("000201~", Code::MissingAccount, "", 0),
    ("0002016204ZH01~", Code::BadId, "62", 10),
    ("00020164060002ZH~", Code::MissingMandatory, "64/01", 6),
    ("000201640801 04abc~", Code::BadLength, "64", 10),
    ("0002015200~", Code::ZeroLength, "52", 6),
    ("00020162040100~", Code::ZeroLength, "62/01", 10),
    ("0002015203000~", Code::WrongLength, "52", 6),
    ("000201610b12345678901", Code::BadLength, "", 6),
    ("000201611112345678901~", Code::WrongLength, "61", 6),
    ("00020152040a00~", Code::WrongFormat, "52", 11),
    ("0002015802hk~", Code::WrongFormat, "58", 10),
    ("0002015903水a務~", Code::BadCharacter, "59", 10),
    ("00020115021\u{7f}~", Code::BadCharacter, "15", 11),
    ("0002015902a\u{7f}~", Code::BadCharacter, "59", 11),
    ("000201010213~", Code::PointOfInitiationValue, "01", 6),
    ("0002015403.50~", Code::AmountMalformed, "54", 6),
    ("00020154051,000~", Code::AmountMalformed, "54", 6),
    ("00020154040.00~", Code::AmountZero, "54", 6),
    ("000201550204~", Code::TipIndicatorValue, "55", 6),
    ("000201550202~", Code::TipInconsistent, "55", 6),
    ("00020156011~", Code::TipInconsistent, "56", 6),
    ("00020155020357040.00~", Code::FeePercentageRange, "57", 12),
    ("0002015502035703100~", Code::FeePercentageRange, "57", 12),
    ("00020162070903AMA~", Code::DataRequestValue, "62/09", 10),
    ("00020126050101x~", Code::MissingGuid, "26/00", 6),
    ("00020162095005010190~", Code::MissingGuid, "62/50/00", 10),
    (
        "000201263700330123456789012345678901234567890AB~",
        Code::GuidTooLong,
        "26/00",
        10,
    ),
];

const WARNINGS: &[(&str, Code, &str, usize)] = &[
    ("0002016501x~", Code::ReservedObject, "65", 6),
    ("00020162051201x~", Code::ReservedObject, "62/12", 10),
    ("00020162051001x~", Code::NewerObject, "62/10", 10),
    ("00020162050001x~", Code::UndefinedObject, "62/00", 10),
    (
        "00020180110001x0102\u{1}a~",
        Code::ControlCharacter,
        "80/01",
        19,
    ),
    ("000201630466ad", Code::CrcLowerCase, "63", 6),
    ("000201~\r\n", Code::TrailingNewline, "", 14),
];

/// What stands around template 26 in these rows: a valid Hong Kong payload.
const FPS: &[(&str, Code, &str)] = &[
    ("", Code::FpsProxyMissing, "26"),
    ("020712345670411a@example.c", Code::FpsProxyAmbiguous, "26"),
    ("010204|02071234567", Code::FpsClearingCode, "26/01"),
    ("0207123456a", Code::FpsIdFormat, "26/02"),
    ("020812345678", Code::FpsIdLength, "26/02"),
    ("030891234567", Code::FpsMobileFormat, "26/03"),
    ("0312+85291234567", Code::FpsMobileHyphen, "26/03"),
    ("0405a@b c", Code::FpsEmailFormat, "26/04"),
    (
        "020712345670512261399000000",
        Code::FpsTimeOutFormat,
        "26/05",
    ),
    ("0207123456706010", Code::FpsEditableFlag, "26/06"),
    ("0207123456706011", Code::FpsEditableFlag, "26/06"),
    ("020712345670701x", Code::UndefinedObject, "26/07"),
];

fn closed(row: &str) -> String {
    match row.split_once('~') {
        Some((text, after)) => format!(
            "{text}6304{}{after}",
            checksum_digits(&format!("{text}6304"))
        ),
        None => row.to_owned(),
    }
}

fn has(findings: &[Finding], code: Code, path: &str, offset: usize) -> bool {
    findings.iter().any(|found| {
        (found.code, found.path.to_string().as_str(), found.offset) == (code, path, offset)
    })
}

#[test]
fn every_error_is_found_at_its_place() {
    for (row, code, path, offset) in ERRORS {
        let text = closed(row);
        let parsed = parse(&text, Profile::Strict);
        assert!(
            has(parsed.findings(), *code, path, *offset),
            "{row}: {code} at {path}: {:#?}",
            parsed.findings()
        );
        assert!(
            parsed.errors().any(|error| error.code == *code),
            "{row}: {code} is an error"
        );
        assert_eq!(parsed.document().encode(), text, "{row}");
    }
}

#[test]
fn every_warning_is_found_at_its_place() {
    for (row, code, path, offset) in WARNINGS {
        let text = closed(row);
        let parsed = parse(&text, Profile::Strict);
        assert!(
            has(parsed.findings(), *code, path, *offset),
            "{row}: {code} at {path}: {:#?}",
            parsed.findings()
        );
        assert!(
            parsed.warnings().any(|warning| warning.code == *code),
            "{row}: {code} is a warning"
        );
    }
}

#[test]
fn long_input_is_refused_whole_and_long_payloads_are_mentioned() {
    let long = "0".repeat(INPUT_BYTES_MAX + 1);
    let parsed = parse(&long, Profile::Strict);
    assert!(has(parsed.findings(), Code::InputTooLong, "", 0));
    assert_eq!(parsed.document(), &Document::default());
    let advised = closed(&format!(
        "000201{}~",
        (80..=99)
            .map(|id| format!("{id}28{:028}", 0))
            .collect::<String>()
    ));
    assert!(
        parse(&advised, Profile::Strict)
            .warnings()
            .any(|warning| warning.code == Code::PayloadLong)
    );
}

#[test]
fn bytes_are_read_as_text_and_nothing_else() {
    let text = closed("0002015903水~");
    assert_eq!(
        parse_bytes(text.as_bytes(), Profile::Strict),
        parse(&text, Profile::Strict)
    );
    let broken = parse_bytes(b"00020159\xE6\xB0\xB4\xFF", Profile::Strict);
    assert!(has(broken.findings(), Code::NotUtf8, "", 9));
    let long = parse_bytes(&[0xFF; INPUT_BYTES_MAX + 1], Profile::Strict);
    assert!(has(long.findings(), Code::InputTooLong, "", 0));
    let text = "水".repeat(INPUT_BYTES_MAX);
    let long = parse_bytes(text.as_bytes(), Profile::Strict);
    assert!(has(long.findings(), Code::InputTooLong, "", 0));
}

fn payload(account: &str, rest: &str) -> String {
    let template = format!("0012hk.com.hkicl{}", account.replace('|', ""));
    closed(&format!(
        "00020126{:02}{template}52040000{rest}5802HK5902NA6002HK~",
        template.len()
    ))
}

#[test]
fn every_rule_of_the_hong_kong_profile_is_tried() {
    for (account, code, path) in FPS {
        let text = payload(account, "5303344");
        let parsed = parse(&text, Profile::Strict);
        assert!(
            parsed.is_valid(),
            "{account}: plain EMV has no objection: {:?}",
            parsed.findings()
        );
        let view = FpsView::read(parsed.document()).unwrap();
        let found: Vec<_> = view
            .findings()
            .iter()
            .map(|f| (f.code, f.path.to_string()))
            .collect();
        assert!(
            found.contains(&(*code, (*path).to_owned())),
            "{account}: {found:?}"
        );
    }
}

#[test]
fn the_profile_judges_what_stands_beside_the_account() {
    for (rest, code, path) in [
        ("5303840", Code::FpsCurrency, "53"),
        ("530334454051.234", Code::FpsAmountDecimals, "54"),
        (
            "530334462120102B10502R1",
            Code::FpsBillAndReference,
            "62/05",
        ),
    ] {
        let text = payload("02071234567", rest);
        let view = FpsView::read(parse(&text, Profile::Strict).document()).unwrap();
        let found: Vec<_> = view
            .findings()
            .iter()
            .map(|f| (f.code, f.path.to_string()))
            .collect();
        assert_eq!(found, [(code, path.to_owned())], "{rest}");
    }
    let upper = payload("02071234567", "5303344").replace("hk.com.hkicl", "HK.COM.HKICL");
    let view = FpsView::read(parse(&upper, Profile::Strict).document()).unwrap();
    assert_eq!(
        view.findings().first().map(|f| f.code),
        Some(Code::FpsGuidCase)
    );
}

#[test]
fn a_code_that_has_ended_is_told_when_the_hour_is() {
    let text = payload("020712345670512261123120000", "5303344");
    let parsed = parse(&text, Profile::Strict);
    let at = |digits| FpsView::time_out_finding(parsed.document(), TimeOut::parse(digits).unwrap());
    assert_eq!(at("261123120000"), None);
    let found = at("261123120001").unwrap();
    assert_eq!(
        (found.code, found.path.to_string().as_str(), found.offset),
        (Code::FpsTimeOutPast, "26/05", 37)
    );
}

#[test]
fn every_code_has_an_example_and_a_name_of_its_own() {
    let rows = ERRORS.iter().chain(WARNINGS).map(|(_, code, ..)| *code);
    let elsewhere = [
        Code::InputTooLong,
        Code::NotUtf8,
        Code::PayloadLong,
        Code::FpsCurrency,
        Code::FpsAmountDecimals,
        Code::FpsBillAndReference,
        Code::FpsGuidCase,
        Code::FpsTimeOutPast,
    ];
    let shown: BTreeSet<Code> = rows
        .chain(FPS.iter().map(|(_, code, _)| *code))
        .chain(elsewhere)
        .collect();
    assert_eq!(shown, Code::ALL.iter().copied().collect::<BTreeSet<_>>());
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    assert!(names.iter().all(|name| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    }));
}

#[test]
fn the_lenient_profile_tolerates_only_what_leaves_account_and_amount_clear() {
    for (row, ..) in ERRORS {
        let text = closed(row);
        let strict = parse(&text, Profile::Strict);
        let lenient = parse(&text, Profile::Lenient);
        assert_eq!(strict.findings().len(), lenient.findings().len(), "{row}");
        for (before, after) in strict.findings().iter().zip(lenient.findings()) {
            assert_eq!(
                after.is_error(),
                before.is_error() && !before.code.is_tolerable(),
                "{row}: {after}"
            );
        }
    }
}

#[test]
fn all_errors_of_a_payload_are_told_at_once() {
    let text = "0002010102135204ab00530334454010580hk";
    let invalid = parse(text, Profile::Strict).into_document().unwrap_err();
    let codes: Vec<Code> = invalid.errors().iter().map(|error| error.code).collect();
    for code in [
        Code::PointOfInitiationValue,
        Code::WrongFormat,
        Code::AmountZero,
        Code::BadLength,
        Code::CrcMissing,
    ] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    assert!(
        invalid.to_string().contains("object 52, character 16"),
        "{invalid}"
    );
}
