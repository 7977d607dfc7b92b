//! Any bytes are read or refused, the same in two pieces as in one, and no row is lost: rows are numbered without gaps.
//!
//! Run from `adapters/epay-mt940`: `cargo +nightly fuzz run statement fuzz/corpus/statement`.
#![no_main]

use epay_mt940::{Part, StatementReader};
use libfuzzer_sys::fuzz_target;

fn read(pieces: [&[u8]; 2]) -> Option<Vec<Part>> {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut parts).ok()?;
    }
    reader.end(&mut parts).ok()?;
    Some(parts)
}

fuzz_target!(|body: &[u8]| {
    let parts = read([body, &[]]);
    let (front, back) = body.split_at(body.len() / 2);
    assert_eq!(parts, read([front, back]));
    let mut next = 1;
    for part in parts.into_iter().flatten() {
        match part {
            Part::Opened(_) => next = 1,
            Part::Row(row) => {
                assert_eq!(row.row, next);
                assert!(row.entry.amount.is_positive());
                next += 1;
            }
            Part::Bad(row) => {
                assert_eq!(row.row, next);
                next += 1;
            }
            Part::Closed(closing) => assert_eq!(closing.rows + 1, next),
        }
    }
});
