//! The suite that every rail passes, for this one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::{Money, RailId};
use epay_rail::Collect;

const SETTINGS: &str = "
    notification_url = 'https://pay.example/rails/card/notices'
    [merchants]
    TESTRVD01 = 'password-of-the-merchant'
";
/// What would have been kept once the payer was authorised on the page.
const KEPT: &str = r#"{"indicator":"a7c3f1e29b0d4c55","authorisation":"1"}"#;

/// A collection of HK$3,720.00 for a fictitious biller.
fn order() -> Collect {
    Collect {
        method: "card".to_owned(),
        payee: "TESTRVD01".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: Some("https://pay.example/back".to_owned()),
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

fn codes() -> Vec<&'static str> {
    let gateway = rail_card::GATEWAY_CODES.iter().map(|row| row.code);
    let types = rail_card::TRANSACTION_TYPES.iter().map(|row| row.code);
    let causes = rail_card::ERROR_CAUSES.iter().map(|row| row.code);
    gateway.chain(types).chain(causes).collect()
}

epay_rail_kit::conformance! {
    open: || rail_card::open(&RailId::new("card").unwrap(), SETTINGS).unwrap(),
    order: order,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"),
    codes: codes(),
    kept: KEPT,
}
