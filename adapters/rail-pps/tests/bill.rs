//! The suite that every rail passes, for bill payments, and what is special to them.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::{Money, RailId};
use epay_rail::{
    Collect, Decoded, FileReader, OpenError, Order, Outbound, Presentation, Rail, Refusal,
    Unreadable,
};
use jiff::Timestamp;
use proptest::prelude::*;

fn rail() -> Box<dyn Rail> {
    rail_pps::bill::open(&RailId::new("pps").unwrap(), "").unwrap()
}

/// A collection of HK$3,720.00 for a fictitious biller.
fn collect() -> Collect {
    Collect {
        method: "pps".to_owned(),
        payee: "990102".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T10:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T11:00:00Z".parse().unwrap(),
    }
}

epay_rail_kit::conformance! {
    open: rail,
    order: collect,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/bill"),
    codes: rail_pps::bill::ROW_FAULTS.to_vec(),
}

#[test]
fn the_payer_is_told_the_merchant_code_and_the_number_to_type() {
    let rows = [
        ("000123456789011", Ok("000123456789011")),
        ("12345678903A", Ok("12345678903")),
        ("12345678903a", Ok("12345678903")),
        ("A", Err("bad_field")),
        ("12 34", Err("bad_field")),
        ("12345678903AA", Err("bad_field")),
        ("", Err("bad_field")),
    ];
    for (number, expected) in rows {
        let order = Order::collect(Collect {
            bill_number: number.to_owned(),
            ..collect()
        });
        let told = match rail().encode(&order) {
            Ok(Outbound::Present(Presentation::Instructions { fields })) => Ok(fields),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code()),
        };
        let expected = expected.map(|typed| {
            vec![
                ("merchant_code".to_owned(), "990102".to_owned()),
                ("bill_number".to_owned(), typed.to_owned()),
            ]
        });
        assert_eq!(told, expected, "{number:?}");
    }
}

#[test]
fn one_payment_is_for_one_bill_and_a_merchant_code_is_digits() {
    assert_eq!(rail().bills_max("990102"), 1);
    let two = Order::collect(Collect {
        bills: 2,
        ..collect()
    });
    assert!(matches!(
        rail().encode(&two),
        Err(Refusal::BadField { field: "bills", .. })
    ));
    for payee in ["9901020", "AB", "99-01"] {
        let order = Order::collect(Collect {
            payee: payee.to_owned(),
            ..collect()
        });
        assert!(matches!(
            rail().encode(&order),
            Err(Refusal::BadPayee { .. })
        ));
    }
}

#[test]
fn the_defaults_are_the_documented_ones_and_a_bad_setting_is_named() {
    let rail = rail();
    let profile = rail.profile();
    assert_eq!(profile.receipt_cutoff.to_string(), "19:00:00");
    assert_eq!(profile.accounts.clearing, "1130");
    assert_eq!(profile.accounts.fee_expense, "5010.pps");
    assert_eq!(profile.accounts.fee_accrued, "2310.pps");
    let rows = [
        ("amount_min_cents = 0", "amount_min_cents"),
        ("amount_max_cents = 0", "amount_max_cents"),
        ("presentation_ttl_secs = 0", "presentation_ttl_secs"),
        ("fee_per_item_cents = -1", "fee_per_item_cents"),
        ("clearing_account = ' '", "clearing_account"),
        ("fee_expense_account = ''", "fee_expense_account"),
    ];
    for (table, expected) in rows {
        match rail_pps::bill::open(&RailId::new("pps").unwrap(), table) {
            Err(OpenError::BadSetting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{table}: {other:?}"),
        }
    }
    let unknown = rail_pps::bill::open(&RailId::new("pps").unwrap(), "colour = 'red'");
    assert!(matches!(unknown, Err(OpenError::Settings(_))));
}

/// Reads a file in the given pieces.
fn read(pieces: &[&[u8]]) -> (Option<String>, Result<Decoded, Unreadable>) {
    let mut reader: Box<dyn FileReader> = rail().open_file(Timestamp::UNIX_EPOCH).unwrap();
    let mut out = Decoded::default();
    let mut name = None;
    for piece in pieces {
        if let Err(fault) = reader.feed(piece, &mut out) {
            return (name, Err(fault));
        }
        name = reader.name().map(str::to_owned);
    }
    (name, reader.end(&mut out).map(|()| out))
}

const FILE: &[u8] = include_bytes!("golden/bill/three-payments.txt");

proptest! {
    #[test]
    fn a_file_reads_the_same_in_any_pieces(cuts in proptest::collection::vec(0..FILE.len(), 0..8)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(&FILE[from..cut]);
            from = cut;
        }
        pieces.push(&FILE[from..]);
        prop_assert_eq!(read(&pieces), read(&[FILE]));
    }
}

#[test]
fn a_changed_digit_of_an_amount_or_a_bill_number_is_noticed() {
    let text = core::str::from_utf8(FILE).unwrap();
    let mut tried = 0;
    for (line, record) in text.lines().enumerate() {
        for field in [2, 3] {
            let mut fields: Vec<&str> = record.split('|').collect();
            if fields[0] != "D" {
                continue;
            }
            for place in 0..fields[field].len() {
                let mut digits = fields[field].as_bytes().to_vec();
                digits[place] = (digits[place] - b'0' + 1) % 10 + b'0';
                let changed = String::from_utf8(digits).unwrap();
                fields[field] = &changed;
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines[line] = fields.join("|");
                let file = lines.join("\n");
                let answer = read(&[file.as_bytes()]).1;
                assert_eq!(answer.unwrap_err().code(), "wrong_totals", "{file}");
                fields = record.split('|').collect();
                tried += 1;
            }
        }
    }
    assert!(tried > 50);
}

#[test]
fn the_name_of_a_file_is_known_after_its_header() {
    assert_eq!(read(&[FILE]).0.as_deref(), Some("PPS-20260120-1"));
}

#[test]
fn a_line_without_an_end_is_not_kept_beyond_its_bound() {
    let endless = vec![b'9'; 4_096];
    let answer = read(&[b"H|EPAY-PPS-BILL|1|A|20260120190500|20260120\nD|", &endless]).1;
    assert_eq!(answer.unwrap_err().code(), "text_too_long");
}
