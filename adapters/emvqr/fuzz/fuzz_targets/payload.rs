//! Any bytes: reading never panics, keeps everything, and agrees with writing.
//!
//! Run with `cargo +nightly fuzz run payload` in the folder above.
#![no_main]

use emvqr::fps::FpsView;
use emvqr::{Builder, Profile, parse, parse_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parsed = parse_bytes(data, Profile::Strict);
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(!parsed.is_valid());
        return;
    };
    if text.len() <= emvqr::INPUT_BYTES_MAX {
        assert_eq!(parsed.document().encode() + parsed.document().line_ends(), text);
    }
    let chars = text.chars().count();
    assert!(parsed.findings().iter().all(|finding| finding.offset <= chars));
    assert_eq!(parse(text, Profile::Lenient).findings().len(), parsed.findings().len());
    let fps = FpsView::read(parsed.document());
    assert!(fps.is_none_or(|fps| fps.findings().iter().all(|finding| finding.offset <= chars)));
    if let Ok(document) = parsed.into_document() {
        // What is valid can be written again, unless it holds what a writer has no business to produce.
        if let Ok(payload) = Builder::from_document(&document).build() {
            assert!(parse(&payload, Profile::Strict).is_valid());
        }
    }
});
