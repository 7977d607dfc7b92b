//! Any bytes are judged as a cheque, read as a notice and as an answer, the same way twice, and never with a panic.
//!
//! Run from `adapters/rail-echeque`: `cargo +nightly fuzz run judge fuzz/corpus/judge tests/cheques tests/golden`.
#![no_main]

use epay_money::Money;
use epay_rail::{Ask, Collect, Inbound, Instrument, Order};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;

const SETTINGS: &str = include_str!("../../tests/cheques/settings.toml");

fuzz_target!(|body: &[u8]| {
    let rail = rail_echeque::open(&"echeque".parse().expect("an id"), SETTINGS).expect("settings");
    let at: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a moment");
    let mut order = Order::collect(Collect {
        method: "echeque".to_owned(),
        payee: "012888000654321".to_owned(),
        amount: Money::hkd(670_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "1".to_owned(),
        bills: 1,
        description: String::new(),
        return_url: None,
        asked_at: at,
        expires_at: at + SignedDuration::from_hours(1),
    });
    for inbound in [
        Inbound::notice(body, at),
        Inbound::reply(&order, 200, body, at),
    ] {
        assert_eq!(rail.decode(&inbound), rail.decode(&inbound));
    }
    order.ask = Ask::Tender(Instrument {
        kind: rail_echeque::INSTRUMENT.to_owned(),
        bytes: body.to_vec(),
    });
    assert_eq!(rail.encode(&order), rail.encode(&order));
});
