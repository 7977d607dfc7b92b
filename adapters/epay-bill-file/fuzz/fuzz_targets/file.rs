//! Any bytes are read or refused, the same in two pieces as in one, in both formats.
//!
//! Run from `adapters/epay-bill-file`: `cargo +nightly fuzz run file fuzz/corpus/file`.
#![no_main]

use epay_bill_file::{Format, Read, Reader};
use libfuzzer_sys::fuzz_target;

fn read(format: Format, pieces: [&[u8]; 2]) -> Option<Vec<Read>> {
    let mut reader = Reader::new(format);
    let mut rows = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut rows).ok()?;
    }
    reader.end(&mut rows).ok()?;
    Some(rows)
}

fuzz_target!(|body: &[u8]| {
    for format in [Format::Csv, Format::Ndjson] {
        let rows = read(format, [body, &[]]);
        let (front, back) = body.split_at(body.len() / 2);
        assert_eq!(rows, read(format, [front, back]));
        for faults in rows.into_iter().flatten().filter_map(Result::err) {
            assert!(!faults.is_empty());
        }
    }
});
