//! Cheques made and signed by other programs (pyHanko, fpdf2), each with its verdict, and what may be done to them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use std::path::{Path, PathBuf};

use epay_money::{Currency, Money};
use epay_rail::{Ask, Call, Collect, Header, Instrument, Order, Outbound, Rail, Refusal, Seal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    at: Timestamp,
    amount: String,
    cheques: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    verdict: String,
    shows: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cheques")
}

fn manifest(folder: &Path) -> Manifest {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

fn rail(folder: &Path) -> Box<dyn Rail> {
    let settings = std::fs::read_to_string(folder.join("settings.toml")).unwrap();
    rail_echeque::open(&"echeque".parse().unwrap(), &settings).unwrap()
}

fn order(at: Timestamp, amount: Money, bytes: Vec<u8>) -> Order {
    let collect = Collect {
        method: "echeque".to_owned(),
        payee: "012888000654321".to_owned(),
        amount,
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 2,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: at.saturating_sub(SignedDuration::from_mins(5)).unwrap(),
        expires_at: at.saturating_add(SignedDuration::from_mins(55)).unwrap(),
    };
    Order {
        header: Header {
            key: "EP0AB1CD2EF3GH4JK5MN-T1".to_owned(),
            at,
            nonce: [7; 16],
            kept: None,
            bearer: None,
        },
        collect,
        ask: Ask::Tender(Instrument {
            kind: rail_echeque::INSTRUMENT.to_owned(),
            bytes,
        }),
    }
}

/// `taken`, or the code of the rule that a cheque breaks.
fn verdict(rail: &dyn Rail, order: &Order) -> &'static str {
    match rail.encode(order) {
        Ok(Outbound::Call(_)) => "taken",
        Err(Refusal::BadInstrument { code, .. }) => code,
        other => panic!("neither taken nor refused as an instrument: {other:?}"),
    }
}

fn call(rail: &dyn Rail, order: &Order) -> Call {
    match rail.encode(order) {
        Ok(Outbound::Call(call)) => call,
        other => panic!("a call was expected, not {other:?}"),
    }
}

fn valid() -> Vec<u8> {
    std::fs::read(folder().join("valid.pdf")).unwrap()
}

/// The goldens' amount and moment.
fn golden_order(bytes: Vec<u8>) -> Order {
    order(manifest(&folder()).at, Money::hkd(670_000), bytes)
}

/// Where a word occurs for the first time (0), the second (1) …
fn find(bytes: &[u8], word: &[u8], nth: usize) -> usize {
    let mut places = bytes.windows(word.len()).enumerate();
    let mut places = places.by_ref().filter(|(_, window)| *window == word);
    places.nth(nth).unwrap().0
}

fn judge_all(folder: &Path) -> usize {
    let (rail, manifest) = (rail(folder), manifest(folder));
    let amount = Money::parse(&manifest.amount, Currency::Hkd).unwrap();
    let mut wrong = Vec::new();
    for row in &manifest.cheques {
        let bytes = std::fs::read(folder.join(&row.file)).unwrap();
        let given = verdict(rail.as_ref(), &order(manifest.at, amount, bytes));
        if given != row.verdict {
            wrong.push(format!(
                "{}: {given}, not {} ({})",
                row.file, row.verdict, row.shows
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    manifest.cheques.len()
}

#[test]
fn every_golden_gets_its_verdict() {
    assert!(judge_all(&folder()) > 30, "the goldens are there");
}

#[test]
fn every_reason_has_a_golden_or_a_test_here() {
    let listed: Vec<String> = manifest(&folder())
        .cheques
        .into_iter()
        .map(|row| row.verdict)
        .collect();
    let tested_here = [
        "not_an_echeque",
        "too_large",
        "not_a_pdf",
        "bad_signature",
        "unreadable_signature",
        "signed_in_future",
        // In `src/cms/revocation.rs`: a list needs the key of its authority, and those of the goldens are gone.
        "certificate_revoked",
        "revocation_unknown",
    ];
    for row in rail_echeque::FAULTS {
        let shown = listed.iter().any(|code| code == row.code) || tested_here.contains(&row.code);
        assert!(shown, "{} is never shown", row.code);
        let readme = include_str!("../README.md");
        assert!(
            readme.contains(&format!("`{}`", row.code)),
            "{} is not in the README",
            row.code
        );
    }
}

#[test]
fn a_taken_cheque_goes_to_the_drop_box_once() {
    let rail = rail(&folder());
    let order = golden_order(valid());
    let call = call(rail.as_ref(), &order);
    assert_eq!(
        call.url,
        "https://drop-box.bank.example/echeque/presentments/EP0AB1CD2EF3GH4JK5MN"
    );
    assert_eq!(call.method.as_str(), "PUT");
    assert_eq!(call.seal, Seal::Channel);
    assert_eq!(call.body, valid());
    assert_eq!(call.uses_once.len(), 2);
    assert_eq!(call.uses_once[0], "cheque:024-001-123456789001-000123");
    assert!(call.uses_once[1].starts_with("sha256:"));
    assert_eq!(call.uses_once[1].len(), "sha256:".len() + 64);
}

#[test]
fn what_is_not_the_bytes_that_were_signed_is_refused() {
    let rail = rail(&folder());
    let refused = |bytes: Vec<u8>| verdict(rail.as_ref(), &golden_order(bytes));
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = valid();
        change(&mut bytes);
        refused(bytes)
    };
    assert_eq!(with(&|bytes| bytes.push(b'\n')), "not_covered");
    assert_eq!(
        with(&|bytes| bytes.extend_from_slice(b"%%EOF\n")),
        "not_covered"
    );
    assert_eq!(
        with(&|bytes| bytes.truncate(bytes.len() - 1)),
        "not_covered"
    );
    assert_eq!(with(&|bytes| bytes.insert(0, b' ')), "not_a_pdf");
    assert_eq!(with(&|bytes| bytes.clear()), "not_a_pdf");
    assert_eq!(
        with(&|bytes| bytes.resize(2 * 1024 * 1024 + 1, 0)),
        "too_large"
    );
    // A byte of a text that no parser minds.
    let changed = with(&|bytes| {
        let at = find(bytes, b"Helvetica", 0);
        bytes[at] = b'X';
    });
    assert_eq!(changed, "bad_signature");
    // A digit of the signature itself: still hexadecimal, another signature.
    let changed = with(&|bytes| {
        let at = find(bytes, b"/Contents <30", 0) + b"/Contents <".len() + 1;
        bytes[at] = b'1';
    });
    assert_eq!(changed, "unreadable_signature");
    // Something else in the room behind the signature.
    let changed = with(&|bytes| {
        let at = find(bytes, b"0>\n/ByteRange", 0);
        bytes[at] = b'1';
    });
    assert_eq!(changed, "unreadable_signature");
}

#[test]
fn a_cheque_is_judged_by_the_moment_and_the_order() {
    let rail = rail(&folder());
    let at = manifest(&folder()).at;
    let hours = SignedDuration::from_hours;
    let on = |at: Timestamp, minor| verdict(rail.as_ref(), &order(at, Money::hkd(minor), valid()));
    assert_eq!(on(at, 670_000), "taken");
    assert_eq!(on(at, 669_999), "wrong_amount");
    assert_eq!(on(at + hours(24 * 170), 670_000), "taken");
    assert_eq!(on(at + hours(24 * 190), 670_000), "stale");
    assert_eq!(on(at - hours(1), 670_000), "signed_in_future");
}

#[test]
fn nothing_is_taken_as_another_instrument_or_without_recognised_authorities() {
    let rail = rail(&folder());
    let mut order = golden_order(valid());
    order.ask = Ask::Tender(Instrument {
        kind: "apple_pay".to_owned(),
        bytes: valid(),
    });
    assert_eq!(verdict(rail.as_ref(), &order), "not_an_echeque");
    let bare = rail_echeque::open(&"echeque".parse().unwrap(), "").unwrap();
    assert_eq!(
        verdict(bare.as_ref(), &golden_order(valid())),
        "unknown_authority"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever byte is changed, the cheque is not taken. Only inside the last signature's own text is there room: no CMS signs
    /// the copies of certificates that travel in it. A cheque that is taken for all that is still the same cheque.
    #[test]
    fn no_signed_byte_can_be_changed(at in any::<proptest::sample::Index>(), mask in 1_u8..) {
        let (rail, mut bytes) = (rail(&folder()), valid());
        let at = at.index(bytes.len());
        let own_text = find(&bytes, b"/Contents <30", 1)..find(&bytes, b">\n/ByteRange", 1);
        bytes[at] ^= mask;
        match rail.encode(&golden_order(bytes)) {
            Ok(Outbound::Call(call)) => {
                prop_assert!(own_text.contains(&at), "byte {at} changed by {mask:#x}");
                prop_assert_eq!(&call.uses_once[0], "cheque:024-001-123456789001-000123");
            }
            other => prop_assert!(other.is_err()),
        }
    }

    /// Any bytes behind a header are judged without a panic.
    #[test]
    fn any_bytes_are_judged(tail in proptest::collection::vec(any::<u8>(), 0..512)) {
        let bytes = [b"%PDF-1.7\n".as_slice(), &tail].concat();
        prop_assert!(verdict(rail(&folder()).as_ref(), &golden_order(bytes)) != "taken");
    }
}
