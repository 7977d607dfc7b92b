//! Any bytes are decoded or refused, the same way twice, and every report obeys the contract.
//!
//! Run from `adapters/rail-fps`: `cargo +nightly fuzz run decode ../epay-camt/fuzz/corpus/notice tests/golden`.
#![no_main]

use epay_rail::{Inbound, is_reference};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let rail = rail_fps::open(&"fps".parse().expect("it is an id"), "").expect("the default settings open");
    let answer = rail.decode(&Inbound::notice(body, Timestamp::UNIX_EPOCH));
    assert_eq!(answer, rail.decode(&Inbound::notice(body, Timestamp::UNIX_EPOCH)));
    for report in answer.iter().flat_map(|decoded| &decoded.reports) {
        assert!(report.amount.is_positive());
        // A status report that came of its own accord names no account.
        assert!(!report.rail_account.is_empty() || report.end_to_end_id.is_some() || report.order_key.is_some());
        assert!(!report.rail_reference.is_empty());
        assert!(report.reference.as_deref().is_none_or(is_reference));
    }
});
