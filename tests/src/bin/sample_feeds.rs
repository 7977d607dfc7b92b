//! Writes sample files of a department's feed in every shape, for `tests/peers/feeds.py`.
//!
//! The argument is an empty folder. Each sample is the four shapes of one day and a JSON file that says what they hold.
#![expect(clippy::print_stdout, reason = "a command line talks to its caller")]

use std::path::Path;

use anyhow::{Context as _, Result};
use epay_feed::{Direction, FeedHead, FeedRow, Shape, Tally, Totals, Writer, file_name};
use epay_money::Currency;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// How many rows each sample has.
const SAMPLES: [u32; 5] = [0, 1, 2, 17, 300];
/// References as rails write them, and as none should.
const REFERENCES: [&str; 4] = [
    "FPS20260121-0001",
    "B1",
    "a & b <\"c\">, d",
    "收款-參考 編號",
];

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("name a folder")?;
    let folder = Path::new(&folder);
    for (count, sequence) in SAMPLES.into_iter().zip(1_u32..) {
        let day = date(2026, 1, 19).checked_add(jiff::Span::new().days(sequence))?;
        let rows: Vec<FeedRow> = (1..=count)
            .map(|line| row(day, line))
            .collect::<Result<_>>()?;
        let head = FeedHead {
            department: "rvd".to_owned(),
            currency: Currency::Hkd,
            day,
            sequence: sequence.into(),
            opening_minor: 1_000,
            sealed_at: "2026-01-21T13:05:00Z".parse()?,
        };
        let mut tally = Tally::new(day);
        for row in &rows {
            tally.add(row)?;
        }
        let totals = tally.totals();
        for shape in Shape::ALL {
            let bytes = written(shape, &head, totals, &rows);
            std::fs::write(folder.join(file_name(&head, shape)), bytes)?;
        }
        let truth = truth(&head, &totals, &rows);
        let name = file_name(&head, Shape::Csv).replace(".csv", ".json");
        std::fs::write(folder.join(&name), serde_json::to_vec(&truth)?)?;
        println!("{name}");
    }
    Ok(())
}

fn row(day: Date, line: u32) -> Result<FeedRow> {
    let began: Timestamp = "2026-01-19T16:30:00Z".parse()?;
    let late = i64::from(line.is_multiple_of(5));
    let of_day = day.checked_sub(jiff::Span::new().days(late))?;
    let place = usize::try_from(line)? % REFERENCES.len();
    let debit = line.is_multiple_of(4);
    Ok(FeedRow {
        line,
        reference: format!("P-{:032x}", u128::from(line) << 64),
        bill_number: (!line.is_multiple_of(7)).then(|| format!("{line:015}")),
        bill_type: Some("rvd-rates".to_owned()),
        revenue_line: "02-gr".to_owned(),
        rail: Some("fps".to_owned()),
        rail_reference: REFERENCES.get(place).map(|text| (*text).to_owned()),
        instructed_at: began.checked_add(SignedDuration::from_secs(i64::from(line)))?,
        of_day,
        value_date: day,
        amount_minor: i64::from(line).saturating_mul(12_345),
        direction: if debit {
            Direction::Debit
        } else {
            Direction::Credit
        },
        corrects: debit.then(|| format!("P-{:032x}", u128::from(line))),
    })
}

fn written(shape: Shape, head: &FeedHead, totals: Totals, rows: &[FeedRow]) -> Vec<u8> {
    let mut writer = Writer::new(shape, head.clone(), totals);
    let mut out = Vec::new();
    writer.open(&mut out);
    for row in rows {
        writer.row(row, &mut out);
    }
    writer.close(&mut out);
    out
}

fn truth(head: &FeedHead, totals: &Totals, rows: &[FeedRow]) -> serde_json::Value {
    let entries: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            json!({
                "reference": row.reference, "amount_cents": row.amount_minor,
                "credit": row.direction == Direction::Credit, "day": row.of_day.to_string(),
            })
        })
        .collect();
    json!({
        "account": "EPG-RVD-HKD", "number": head.sequence, "opening_cents": head.opening_minor,
        "closing_cents": head.opening_minor.saturating_add(totals.net_minor()),
        "credits_cents": totals.credits_minor, "debits_cents": totals.debits_minor, "hash_total": totals.hash_total,
        "digest": hex::encode(totals.digest), "entries": entries,
    })
}
