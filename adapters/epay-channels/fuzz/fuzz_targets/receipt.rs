//! Whatever a provider posts is a receipt or is refused, and what is read has an outcome with a word of its own.
//!
//! Run from `adapters/epay-channels`: `cargo +nightly fuzz run receipt fuzz/corpus/receipt`.
#![no_main]

use epay_channels::receipt::{RECEIPT_BYTES_MAX, decode_sms};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(receipt) = decode_sms(body) {
        assert!(body.len() <= RECEIPT_BYTES_MAX);
        assert!(!receipt.provider_reference.is_empty());
        assert!(!receipt.outcome.to_string().is_empty());
    }
});
