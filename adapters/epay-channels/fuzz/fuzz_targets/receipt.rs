//! Whatever a provider posts is a receipt or is refused, and what is read has an outcome with a word of its own.
//!
//! Run from `adapters/epay-channels`: `cargo +nightly fuzz run receipt fuzz/corpus/receipt`.
#![no_main]

use epay_channels::receipt::{RECEIPT_BYTES_MAX, decode_push, decode_sms};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for receipt in [decode_push(body), decode_sms(body)].into_iter().flatten() {
        assert!(body.len() <= RECEIPT_BYTES_MAX);
        assert!(!receipt.provider_reference.is_empty());
        assert!(!receipt.outcome.to_string().is_empty());
    }
});
