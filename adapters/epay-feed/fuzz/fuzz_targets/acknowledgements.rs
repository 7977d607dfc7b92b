//! Any bytes are a file of acknowledgements or are refused whole; what is read of them is what each line says by itself.
//!
//! Run from `adapters/epay-feed`: `cargo +nightly fuzz run acknowledgements fuzz/corpus/acknowledgements`.
#![no_main]

use epay_feed::{Acknowledgement, Verdict, read_acknowledgements};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(all) = read_acknowledgements(bytes) else {
        return;
    };
    let text = std::str::from_utf8(bytes).expect("what is read is text");
    let lines: Vec<Acknowledgement> = text
        .lines()
        .map(|line| line.parse().expect("every line was read"))
        .collect();
    assert_eq!(all, lines);
    for one in all {
        if let Verdict::Refused { reason, .. } = one.verdict {
            assert!(!reason.is_empty() && !reason.chars().any(char::is_control));
        }
    }
});
