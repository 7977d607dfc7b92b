//! Reads bank statements that another program made, for `tests/peers/statements.py`.
//!
//! The arguments are files. Prints one JSON object a file: what was read of it, and the same statement as our own MT940
//! writer writes it.
#![expect(clippy::print_stdout, reason = "a command line talks to its caller")]

use anyhow::{Context as _, Result, bail};
use epay_mt940::{Balance, Direction as Mark, Entry as Line, Head, StatementWriter, narrative};
use epay_statement::{Closed, Direction, Entry, Opened, Part, StatementReader};
use serde_json::{Value, json};

/// Bytes of a piece: small, so that files come in many.
const PIECE_BYTES: usize = 777;

fn main() -> Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).with_context(|| path.clone())?;
        let found = judge(&bytes).with_context(|| path.clone())?;
        println!("{found}");
    }
    Ok(())
}

fn judge(bytes: &[u8]) -> Result<Value> {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for piece in bytes.chunks(PIECE_BYTES) {
        reader.feed(piece, &mut parts)?;
    }
    reader.end(&mut parts)?;
    let (mut opened, mut closed) = (None, None);
    let mut entries = Vec::new();
    for part in parts {
        match part {
            Part::Opened(one) => opened = Some(one),
            Part::Row(row) => entries.extend(row.entries),
            Part::Bad(row) => bail!("row {} cannot be read: {}", row.row, row.message),
            Part::Closed(one) => closed = Some(one),
        }
    }
    let (opened, closed) = opened.zip(closed).context("no statement")?;
    let rows: Vec<Value> = entries
        .iter()
        .map(|one| {
            json!({
                "bank_reference": one.bank_reference, "credit": one.direction == Direction::Credit,
                "amount_cents": one.amount.minor(), "booking_date": one.booking_date.to_string(),
                "reference": one.reference, "bill_number": one.bill_number,
            })
        })
        .collect();
    Ok(json!({
        "account": opened.account, "currency": opened.currency.code(), "number": opened.sequence_number,
        "day": closed.to_date.to_string(), "opening_cents": opened.opening.map(epay_money::Money::minor),
        "closing_cents": closed.closing.map(epay_money::Money::minor), "entries": rows,
        "mt940": as_mt940(&opened, &closed, &entries)?,
    }))
}

fn as_mt940(opened: &Opened, closed: &Closed, entries: &[Entry]) -> Result<String> {
    let mut writer = StatementWriter::new();
    let number = opened
        .sequence_number
        .and_then(|number| u32::try_from(number).ok());
    writer.open(&Head {
        reference: "STATEMENT".to_owned(),
        account: opened.account.clone(),
        number: number.context("no number")?,
        opening: Balance {
            amount: opened.opening.context("no opening balance")?,
            date: closed.to_date,
        },
    })?;
    for entry in entries {
        let words = [
            Some("/BANK/"),
            Some(entry.bank_reference.as_str()),
            entry.bill_number.as_deref(),
            entry.reference.as_deref(),
        ];
        let from = entry.bank_reference.len().saturating_sub(16);
        writer.entry(&Line {
            value_date: entry.value_date,
            booking_date: entry.booking_date,
            direction: match entry.direction {
                Direction::Credit => Mark::Credit,
                Direction::Debit => Mark::Debit,
            },
            reversal: entry.reversal,
            amount: entry.amount,
            code: "NTRF".to_owned(),
            customer_reference: None,
            bank_reference: entry.bank_reference.get(from..).map(str::to_owned),
            supplement: None,
            narrative: narrative(words.into_iter().flatten())?,
        })?;
    }
    writer.close(&Balance {
        amount: closed.closing.context("no closing balance")?,
        date: closed.to_date,
    })?;
    Ok(writer.take())
}
