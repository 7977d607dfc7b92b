//! The suite that every rail passes, for this one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::Money;
use epay_rail::Collect;

/// A collection of HK$3,720.00 for a fictitious biller.
fn order() -> Collect {
    Collect {
        method: "fps_qr".to_owned(),
        payee: "1234567".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

epay_rail_kit::conformance! {
    open: || rail_fps::open(&"fps".parse().unwrap(), "").unwrap(),
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"),
    codes: rail_fps::STATUS.iter().map(|row| row.code).collect(),
}
