//! Any bytes are read or refused, the same way twice, and every movement obeys the rules of `Movement`.
//!
//! Run from `adapters/epay-camt`: `cargo +nightly fuzz run notice fuzz/corpus/notice ../rail-fps/tests/golden`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = epay_camt::read_notice(body);
    assert_eq!(answer, epay_camt::read_notice(body));
    for movement in answer.iter().flat_map(|notice| &notice.movements) {
        assert!(movement.amount.is_positive());
        assert!(!movement.account.is_empty() && !movement.bank_reference.is_empty());
    }
});
