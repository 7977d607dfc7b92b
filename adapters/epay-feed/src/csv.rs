//! The CSV: one header, the rows, one trailer. The trailer's digest is over all bytes before it.

use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use crate::text::{decimal, moment};
use crate::{Direction, FeedHead, FeedRow, Totals};

/// The version of the layout, in each header.
const VERSION: &str = "1.0";

/// A CSV that is being written.
#[derive(Debug, Default)]
pub(crate) struct Csv {
    digest: Sha256,
}

impl Csv {
    pub(crate) fn open(&mut self, head: &FeedHead, out: &mut Vec<u8>) {
        let from = out.len();
        put(
            out,
            format_args!(
                "H,EPG-RECON,{VERSION},{},{},{:06},ORIGINAL,{}\n",
                head.department.to_ascii_uppercase(),
                head.day,
                head.sequence,
                moment(head.sealed_at)
            ),
        );
        self.note(out, from);
    }

    pub(crate) fn row(&mut self, one: &FeedRow, out: &mut Vec<u8>) {
        let from = out.len();
        row(one, out);
        self.note(out, from);
    }

    pub(crate) fn close(&mut self, totals: &Totals, out: &mut Vec<u8>) {
        let digest = std::mem::take(&mut self.digest).finalize();
        put(
            out,
            format_args!(
                "T,{},{},{},{},{},{}\n",
                totals.rows,
                decimal(totals.credits_minor),
                decimal(totals.debits_minor),
                decimal(totals.net_minor()),
                totals.hash_total,
                hex::encode(digest)
            ),
        );
    }

    fn note(&mut self, out: &[u8], from: usize) {
        self.digest.update(out.get(from..).unwrap_or_default());
    }
}

/// One row, with its line end.
pub(crate) fn row(row: &FeedRow, out: &mut Vec<u8>) {
    put(out, format_args!("D,{},", row.line));
    for text in [
        Some(&row.reference),
        row.bill_number.as_ref(),
        row.bill_type.as_ref(),
        Some(&row.revenue_line),
        row.rail.as_ref(),
    ] {
        field(text.map_or("", String::as_str), out);
        out.push(b',');
    }
    let direction = match row.direction {
        Direction::Credit => "CREDIT",
        Direction::Debit => "DEBIT",
    };
    put(
        out,
        format_args!(
            "{},{},{},{},{direction},",
            moment(row.instructed_at),
            row.of_day,
            row.value_date,
            decimal(row.amount_minor)
        ),
    );
    field(row.corrects.as_deref().unwrap_or_default(), out);
    out.push(b',');
    field(row.rail_reference.as_deref().unwrap_or_default(), out);
    out.push(b'\n');
}

/// A field as RFC 4180 has it: in quotes where it holds what would end it.
fn field(text: &str, out: &mut Vec<u8>) {
    if text.contains(['"', ',', '\n', '\r']) {
        put(out, format_args!("\"{}\"", text.replace('"', "\"\"")));
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

pub(crate) fn put(out: &mut Vec<u8>, text: core::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    out.write_fmt(text).unwrap_or_default();
}
