//! The rail's own configuration table, and how many bills one cheque pays.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::{Currency, Money};
use epay_rail::{Collect, OpenError, Order, Outbound, Presentation, Rail};

fn open(settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    rail_echeque::open(&"echeque".parse().unwrap(), settings)
}

fn recognised() -> String {
    std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cheques/settings.toml"
    ))
    .unwrap()
}

#[test]
fn an_empty_table_gives_the_documented_defaults() {
    let rail = open("").unwrap();
    let profile = rail.profile();
    assert_eq!(profile.methods, ["echeque"]);
    assert_eq!(rail.bills_max("any"), 20);
    assert_eq!(profile.currencies, [Currency::Hkd]);
    assert_eq!((profile.amount_min, profile.amount_max), (1, 1_000_000_000));
    assert_eq!(profile.receipt_cutoff.to_string(), "17:00:00");
    assert_eq!(profile.presentation_ttl_secs, 3_600);
    assert_eq!(profile.accounts.clearing, "1150");
    assert_eq!(profile.accounts.fee_expense, "5010.echeque");
    assert_eq!(profile.accounts.fee_accrued, "2310.echeque");
}

#[test]
fn a_setting_that_no_cheque_could_be_taken_with_is_refused_by_name() {
    let roots = recognised();
    let alike = roots.replace(".99999.1.2", ".99999.1.1");
    let unnamed = roots.replace("bank_policy", "# bank_policy");
    let cut = roots.replacen("MII", "", 1);
    let table = [
        ("amount_min_cents = 0", "amount_min_cents"),
        ("amount_max_cents = 0", "amount_max_cents"),
        ("presentation_ttl_secs = 0", "presentation_ttl_secs"),
        ("presentation_ttl_secs = 90000", "presentation_ttl_secs"),
        ("fee_per_item_cents = -1", "fee_per_item_cents"),
        ("bills_max = 0", "bills_max"),
        ("bills_max_of = { a = 0 }", "bills_max_of"),
        ("clearing_account = ' '", "clearing_account"),
        ("dropbox_url = 'ftp://bank.example'", "dropbox_url"),
        ("dropbox_url = 'https://bank.example/'", "dropbox_url"),
        ("dropbox_url = 'https://bank.example?a=b'", "dropbox_url"),
        ("dropbox_url = 'https://'", "dropbox_url"),
        ("banks = { 24 = 'TEST' }", "banks"),
        ("banks = { 024 = ' ' }", "banks"),
        ("payee_names = []", "payee_names"),
        ("roots = ['nonsense']", "roots"),
        ("revocation_lists = ['nonsense']", "revocation_lists"),
        (alike.as_str(), "bank_policy"),
        (unnamed.as_str(), "bank_policy"),
        (cut.as_str(), "roots"),
    ];
    for (settings, expected) in table {
        match open(settings) {
            Err(OpenError::BadSetting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{settings}: {other:?}"),
        }
    }
    for unreadable in ["colour = 'red'", "bills_max = 1.5", "[[["] {
        assert!(
            matches!(open(unreadable), Err(OpenError::Settings(_))),
            "{unreadable}"
        );
    }
}

fn collect(payee: &str, bills: u32) -> Order {
    Order::collect(Collect {
        method: "echeque".to_owned(),
        payee: payee.to_owned(),
        amount: Money::hkd(670_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-21T08:15:00Z".parse().unwrap(),
        expires_at: "2026-01-21T09:15:00Z".parse().unwrap(),
    })
}

#[test]
fn one_cheque_pays_no_more_bills_than_its_payee_takes() {
    let rail = open("bills_max_of = { '012888000111111' = 10 }").unwrap();
    let table = [
        ("012888000654321", 20, true),
        ("012888000654321", 21, false),
        ("012888000111111", 10, true),
        ("012888000111111", 11, false),
    ];
    for (payee, bills, taken) in table {
        let answer = rail.encode(&collect(payee, bills));
        let code = answer
            .as_ref()
            .map_or_else(|refusal| refusal.code(), |_| "");
        assert_eq!(
            code,
            if taken { "" } else { "bad_field" },
            "{payee}: {bills}"
        );
    }
}

#[test]
fn the_payer_is_asked_for_a_pdf_and_told_what_to_write_on_it() {
    let rail = open("").unwrap();
    match rail.encode(&collect("012888000654321", 2)) {
        Ok(Outbound::Present(Presentation::Handover {
            what,
            media_type,
            bytes_max,
            request_json,
        })) => {
            assert_eq!(
                (what.as_str(), media_type.as_str()),
                ("echeque", "application/pdf")
            );
            assert_eq!(bytes_max, 2 * 1024 * 1024);
            let request: serde_json::Value = serde_json::from_str(&request_json).unwrap();
            assert_eq!(request["amount"], "6700.00");
            assert_eq!(request["reference"], "EP0AB1CD2EF3GH4JK5MN");
        }
        other => panic!("a handover was expected, not {other:?}"),
    }
}
