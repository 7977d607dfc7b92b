//! Whatever arrives is read or refused: an answer, a callback, the query of a return, sealed content. What a key sealed, it opens again.
//!
//! Run from `adapters/epay-iamsmart`: `cargo +nightly fuzz run inbound fuzz/corpus/inbound`.
#![no_main]

use epay_iamsmart::{Answer, Callback, ContentKey, NONCE_BYTES, Returned, Sealed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(key) = ContentKey::from_bytes(&[7; 32]) else {
        return;
    };
    if let Ok(callback) = Callback::read(body) {
        let _meaning = callback.outcome();
        assert!(key.open(&callback.sealed).is_err(), "nobody but us has this key");
    }
    if let Ok(answer) = Answer::read(body) {
        let _meaning = answer.outcome();
        if let Ok(sealed) = serde_json::from_value::<Sealed>(answer.content) {
            assert!(key.open(&sealed).is_err(), "nobody but us has this key");
        }
    }
    if let Ok(text) = core::str::from_utf8(body) {
        let _returned = Returned::read(text, "s-1");
        let content = text.to_owned();
        let _opened = key.open(&Sealed { content });
        let Ok(sealed) = key.seal([1; NONCE_BYTES], text) else {
            return;
        };
        assert_eq!(key.open(&sealed).as_deref().map(|bytes| &**bytes), Ok(body));
    }
});
