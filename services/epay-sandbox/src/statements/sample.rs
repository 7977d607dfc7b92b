//! Sample statements without a database, with a sidecar each that says what must be read back.

use std::path::Path;
use std::{fs, io};

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::make::{Entry, Statement};
use super::{camt053, mt940};
use crate::bank::Ids;
use crate::hk_time::date_text;
use crate::sample::SAMPLES_MAX;

/// Entries of one sample at most; every tenth sample is a nil day.
const ENTRIES_MAX: i64 = 12;

/// Writes `count` statements of one account that follow each other, each as camt.053 and as MT940, the same ones for the
/// same seed. Returns how many.
///
/// # Errors
/// When a file cannot be written.
pub fn write_statements(folder: &Path, count: u32, seed: u64) -> io::Result<u32> {
    fs::create_dir_all(folder)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let count = count.min(SAMPLES_MAX);
    let mut opening_cents = -50_000;
    for number in 1..=count {
        let statement = draw(&mut rng, number, opening_cents);
        opening_cents = statement.closing_cents;
        let file = |end: &str| folder.join(format!("statement-{number:05}.{end}"));
        fs::write(file("xml"), camt053::write(&statement, "")?)?;
        fs::write(file("sta"), mt940::write(&statement))?;
        fs::write(file("json"), sidecar(&statement).to_string())?;
    }
    Ok(count)
}

fn draw(rng: &mut StdRng, number: u32, opening_cents: i64) -> Statement {
    let day = date(2026, 1, 1).saturating_add(i64::from(number).days());
    let offset = jiff::tz::Offset::constant(8);
    let midnight = offset.to_timestamp(day.at(0, 0, 0, 0));
    let midnight = midnight.unwrap_or(Timestamp::UNIX_EPOCH);
    let nil = number.is_multiple_of(10);
    let count = if nil {
        0
    } else {
        rng.random_range(1..=ENTRIES_MAX)
    };
    let entries: Vec<Entry> = (0..count)
        .map(|place| {
            let at = midnight.saturating_add(SignedDuration::from_secs(place * 3_600));
            entry(rng, at.unwrap_or(midnight))
        })
        .collect();
    let net: i64 = entries
        .iter()
        .map(|entry| {
            if entry.is_credit {
                entry.amount_cents
            } else {
                -entry.amount_cents
            }
        })
        .sum();
    let account = "999000000201".to_owned();
    Statement {
        id: format!("{account}-{number:05}"),
        account,
        currency: "HKD".to_owned(),
        number: i64::from(number),
        day,
        opening_cents,
        closing_cents: opening_cents + net,
        entries,
        made_at: midnight
            .saturating_add(SignedDuration::from_hours(24))
            .unwrap_or(midnight),
        garbled: false,
    }
}

fn entry(rng: &mut StdRng, booked_at: Timestamp) -> Entry {
    let ids = Ids::draw(rng, booked_at);
    let is_payment = rng.random_bool(0.8);
    let known = is_payment && rng.random_bool(0.9);
    Entry {
        bank_reference: ids.bank_reference,
        fps_reference: is_payment.then_some(ids.fps_reference),
        end_to_end_id: is_payment.then_some(ids.end_to_end_id),
        is_credit: rng.random_bool(0.9),
        amount_cents: rng.random_range(1..=100_000_000),
        reference: known.then(|| "EP0AB1CD2EF3GH4JK5MN".to_owned()),
        bill_number: known.then(|| format!("{:015}", rng.random_range(1_u64..999_999_999_999_999))),
        payer_name: "陳大文 O'Neil & Sons <Ltd>".to_owned(),
        is_payment,
        booked_at,
    }
}

fn sidecar(statement: &Statement) -> Value {
    let entries: Vec<Value> = statement
        .entries
        .iter()
        .map(|one| {
            json!({
                "bank_reference": one.bank_reference, "credit": one.is_credit, "amount_cents": one.amount_cents,
                "booking_date": date_text(one.booked_at), "reference": one.reference, "bill_number": one.bill_number,
            })
        })
        .collect();
    json!({
        "id": statement.id, "account": statement.account, "currency": statement.currency, "number": statement.number,
        "day": statement.day.to_string(), "opening_cents": statement.opening_cents,
        "closing_cents": statement.closing_cents, "entries": entries,
    })
}
