//! Any bytes are read or refused as requests and answers about recalls, the same way twice, and every request obeys its rules.
//!
//! Run from `adapters/epay-camt`: `cargo +nightly fuzz run recall fuzz/corpus/recall ../rail-fps/tests/golden-payout`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = epay_camt::read_recall(body);
    assert_eq!(answer, epay_camt::read_recall(body));
    for request in answer.iter().flat_map(|asked| &asked.requests) {
        assert!(request.amount.is_positive());
        assert!(!request.case_id.is_empty() && request.case_id.chars().count() <= 35);
    }
    let answer = epay_camt::read_resolution(body);
    assert_eq!(answer, epay_camt::read_resolution(body));
    for said in &answer {
        assert!(!said.case_id.is_empty() && said.case_id.chars().count() <= 35);
    }
});
