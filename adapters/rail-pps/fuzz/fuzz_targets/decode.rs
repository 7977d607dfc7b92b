//! Any bytes are a file or a data feed, or are refused, the same way twice and in any pieces; reports obey the contract.
//!
//! Run from `adapters/rail-pps`: `cargo +nightly fuzz run decode tests/golden/bill tests/golden/checkout`.
#![no_main]

use epay_rail::{Decoded, Inbound, is_reference};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let at = Timestamp::UNIX_EPOCH;
    let bill = rail_pps::bill::open(&"pps".parse().expect("it is an id"), "").expect("it opens");
    let whole = bill.decode(&Inbound::notice(body, at));
    let mut reader = bill.open_file(at).expect("it reads files");
    let mut out = Decoded::default();
    let fed = body.chunks(7).try_for_each(|piece| reader.feed(piece, &mut out));
    let pieces = fed.and_then(|()| reader.end(&mut out)).map(|()| out);
    assert_eq!(whole, pieces);
    for report in whole.iter().flat_map(|decoded| &decoded.reports) {
        assert!(report.amount.is_positive());
        assert!(!report.rail_account.is_empty() && !report.rail_reference.is_empty());
    }
    let id = "pps-checkout".parse().expect("it is an id");
    let checkout = rail_pps::checkout::open(&id, "").expect("it opens");
    let hints = checkout.decode(&Inbound::notice(body, at));
    assert_eq!(hints, checkout.decode(&Inbound::notice(body, at)));
    for hint in hints.iter().flat_map(|decoded| &decoded.hints) {
        assert!(is_reference(&hint.reference));
    }
});
