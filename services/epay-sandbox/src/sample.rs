//! Sample notices without a database: the same documents that the bank would send, with a sidecar each that says what
//! must be read back. The peer test reads them with programs that are not ours.

use std::path::Path;
use std::{fs, io};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use crate::bank::{Account, Booking, Instruction};
use crate::faults::Faults;
use crate::hk_time::{date_text, offset_text};
pub use crate::statements::write_statements;

/// The most samples in one call: each is two files.
pub const SAMPLES_MAX: u32 = 10_000;

/// Names with letters that XML and its readers may trip over.
const PAYERS: [&str; 5] = [
    "CHAN Tai Man",
    "陳大文",
    "O'Neil & Sons <Ltd>",
    "Ñandú \"Q\" ]]>",
    "A",
];

/// What a reader must find in the sample beside it.
#[derive(Debug, Serialize)]
struct Sidecar<'a> {
    message_id: &'a str,
    account: &'a str,
    currency: &'a str,
    amount: String,
    amount_cents: i64,
    bank_reference: &'a str,
    end_to_end_id: &'a str,
    transaction_id: &'a str,
    fps_reference: &'a str,
    bill_number: Option<&'a str>,
    reference: Option<&'a str>,
    booking_date: String,
    instructed_at: String,
}

/// Writes `count` documents and sidecars into a folder, the same ones for the same seed. Returns how many.
///
/// # Errors
/// When a file cannot be written.
pub fn write_samples(folder: &Path, count: u32, seed: u64) -> io::Result<u32> {
    fs::create_dir_all(folder)?;
    let mut rng = StdRng::seed_from_u64(seed);
    // A fixed instant, close to midnight in Hong Kong, so that dates on both sides of it occur.
    let start = Timestamp::constant(1_768_924_683, 120_000_000);
    let count = count.min(SAMPLES_MAX);
    for number in 0..count {
        let instructed_at = start
            .saturating_add(SignedDuration::from_secs(i64::from(number) * 61))
            .unwrap_or(start);
        let instruction = draw(&mut rng, number, instructed_at);
        let booking =
            Booking::draw_up(&instruction, &mut rng, i64::from(number) + 1, instructed_at)?;
        let Some(notice) = booking.notices.first() else {
            continue;
        };
        let transaction = &booking.transaction;
        let told = |text: &'_ Option<String>| !transaction.faults.lost_reference && text.is_some();
        let sidecar = Sidecar {
            message_id: &notice.message_id,
            account: &transaction.payee_account,
            currency: &transaction.currency,
            amount: crate::money::format_cents(transaction.amount_cents),
            amount_cents: transaction.amount_cents,
            bank_reference: &transaction.bank_reference,
            end_to_end_id: &transaction.end_to_end_id,
            transaction_id: &transaction.transaction_id,
            fps_reference: &transaction.fps_reference,
            bill_number: transaction
                .bill_number
                .as_deref()
                .filter(|_| told(&transaction.bill_number)),
            reference: transaction
                .reference
                .as_deref()
                .filter(|_| told(&transaction.reference)),
            booking_date: date_text(transaction.booked_at),
            instructed_at: offset_text(transaction.instructed_at),
        };
        fs::write(folder.join(format!("notice-{number:05}.xml")), &notice.body)?;
        let text = serde_json::to_string_pretty(&sidecar).map_err(io::Error::other)?;
        fs::write(folder.join(format!("notice-{number:05}.json")), text)?;
    }
    Ok(count)
}

/// Writes what the bank says about payment orders and recalls into a folder, one file a message. Returns how many.
///
/// # Errors
/// When a file cannot be written.
pub fn write_payout_samples(folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let at = Timestamp::constant(1_768_924_683, 120_000_000);
    let samples = crate::payouts::sample::samples(at)?;
    for (name, body) in &samples {
        fs::write(folder.join(format!("{name}.xml")), body)?;
    }
    Ok(samples.len())
}

fn draw(rng: &mut StdRng, number: u32, instructed_at: Timestamp) -> Instruction {
    let payer = PAYERS
        .get(rng.random_range(0..PAYERS.len()))
        .copied()
        .unwrap_or("A");
    let account = |number: &str, name: &str| Account {
        number: number.to_owned(),
        name: name.to_owned(),
        bank_code: "998".to_owned(),
    };
    let amount_cents = match number {
        0 => 1,
        1 => 999_999_999_999,
        _ => rng.random_range(1..100_000_000),
    };
    // All four combinations of bill number and reference occur, and a reference of printable ASCII that XML must escape.
    let (has_bill, has_reference) = (number.is_multiple_of(2), (number / 2).is_multiple_of(2));
    Instruction {
        payer: account("998000000001", payer),
        payee: account("999000000201", "TEST Rating and Valuation Department"),
        amount_cents,
        asked_cents: Some(amount_cents),
        currency: "HKD".to_owned(),
        reference: has_reference.then(|| format!("R<&>\"'{number:010}")),
        bill_number: has_bill
            .then(|| format!("{:015}", rng.random_range(0..1_000_000_000_000_u64))),
        qr_sha256: None,
        scan_id: None,
        instructed_at,
        faults: Faults {
            lost_reference: number % 7 == 6,
            ..Faults::default()
        },
    }
}
