//! Any file of texts is loaded or refused, with a fault that says where; what an SMS is cut into is the text again.
//!
//! Run from `adapters/epay-notice`: `cargo +nightly fuzz run texts fuzz/corpus/texts`.
#![no_main]

use epay_notice::{Sms, Templates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(faults) = Templates::load(2, |_language| text.to_owned()) {
        assert!(!faults.is_empty());
        for fault in faults {
            assert!(!fault.to_string().is_empty());
        }
    }
    assert_eq!(Sms::of(text).parts.concat(), text);
});
