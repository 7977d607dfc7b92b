//! The day's file, in the layout of the gateway's `docs/pps-bill-file.md`, by its own writer.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::menu::{BILL_RAIL, FILE_MENU, WRONG_TRAILER};
use super::{NAME, Pps, calendar, settle};
use crate::books::{BooksError, Sql};
use crate::faults::Chosen;
use crate::faults::menu::TWICE;
use crate::frame::{Alarm, DueWork, NewNotice, Start, WorkFailed, Writing};
use crate::hk_time::{business_date, next_at, offset_text};

/// The daily work.
pub(super) const MAKE: &str = "file";
pub(super) const DAILY: &str = "daily";
/// Totals are counted modulo this.
const MODULUS: u64 = 10_000_000_000_000_000;

/// One payment as the file tells it.
struct Row {
    merchant_code: String,
    bill_number: String,
    amount_cents: i64,
    pps_reference: String,
    paid_at: Timestamp,
    payer_account: String,
}

impl Pps {
    /// Makes today's file at 19:00, and sets the timer for tomorrow.
    pub(super) async fn daily(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        self.file_up_to(business_date(alarm.now), alarm.now).await?;
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if writing.finish(work).await? {
            let at = next_at(alarm.now, calendar::CUT_OFF);
            writing.timer(MAKE, DAILY, at, &Value::Null).await?;
            writing.commit().await?;
        }
        self.frame.wake();
        Ok(())
    }

    /// Writes what was paid for days up to this one and was not told yet. `None` when there is nothing to tell.
    pub(super) async fn file_up_to(
        &self,
        day: Date,
        now: Timestamp,
    ) -> Result<Option<String>, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let rows = waiting(&writing, day).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let made = compact(now);
        let counted: i64 = writing
            .sql()
            .query_one("SELECT count(*) FROM pps_files", &[])
            .await?
            .try_get(0)?;
        let file_id = format!("PPS-{made}-{}", counted.saturating_add(1));
        let faults = self
            .frame
            .faults
            .take(BILL_RAIL, FILE_MENU, &[&file_id])
            .await?;
        let settlement = calendar::next_working(day);
        let wrong = faults.on(&WRONG_TRAILER).is_some();
        let head = Head {
            kind: "EPAY-PPS-BILL",
            id: &file_id,
            made_at: now,
            day,
            settlement,
        };
        let body = write(&head, &rows, wrong);
        let sql = "INSERT INTO pps_files (file_id, business_date, settlement_date, body, made_at) VALUES ($1, $2, $3, $4, $5)";
        writing
            .sql()
            .execute(sql, &[&file_id, &day, &settlement, &body, &now])
            .await?;
        let references: Vec<&str> = rows.iter().map(|row| row.pps_reference.as_str()).collect();
        let mark = "UPDATE pps_payments SET file_id = $1 WHERE pps_reference = ANY($2)";
        writing
            .sql()
            .execute(mark, &[&file_id, &references])
            .await?;
        tell(&writing, &file_id, &body, &faults).await?;
        settle::plan(&writing, &file_id, settlement, &faults).await?;
        writing.commit().await?;
        self.frame.wake();
        Ok(Some(file_id))
    }
}

/// Reports what the merchants of a file are credited with.
pub(super) async fn report(
    writing: &Writing<'_>,
    report_id: &str,
    file_id: &str,
) -> Result<(), BooksError> {
    let sql = "SELECT merchant_code, bill_number, amount_cents, pps_reference, paid_at, payer_account FROM pps_payments
               WHERE file_id = $1 ORDER BY sequence";
    let rows = writing.sql().query(sql, &[&file_id]).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let day = business_date(writing.now());
    let head = Head {
        kind: "EPAY-PPS-SETTLEMENT",
        id: report_id,
        made_at: writing.now(),
        day,
        settlement: day,
    };
    tell(
        writing,
        report_id,
        &write(&head, &rows, false),
        &Chosen::default(),
    )
    .await
}

async fn waiting(writing: &Writing<'_>, day: Date) -> Result<Vec<Row>, BooksError> {
    let sql = "SELECT merchant_code, bill_number, amount_cents, pps_reference, paid_at, payer_account FROM pps_payments
               WHERE file_id IS NULL AND business_date <= $1 ORDER BY sequence FOR UPDATE";
    let rows = writing.sql().query(sql, &[&day]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Row, BooksError> {
    Ok(Row {
        merchant_code: row.try_get(0)?,
        bill_number: row.try_get(1)?,
        amount_cents: row.try_get(2)?,
        pps_reference: row.try_get(3)?,
        paid_at: row.try_get(4)?,
        payer_account: row.try_get(5)?,
    })
}

/// One notice, or two under two message ids with the same file.
async fn tell(
    writing: &Writing<'_>,
    file_id: &str,
    body: &str,
    faults: &Chosen,
) -> Result<(), BooksError> {
    let times: &[&str] = if faults.on(&TWICE).is_some() {
        &["A", "B"]
    } else {
        &["A"]
    };
    for time in times {
        let message_id = format!("{file_id}-{time}");
        writing
            .notice(&NewNotice {
                message_id: &message_id,
                path: "/rails/pps/notices",
                content_type: "text/plain",
                body,
                subject: Some(file_id),
                extra: Value::Null,
                start: Start::with(faults, writing.now()),
            })
            .await?;
    }
    Ok(())
}

/// What a file says of itself.
struct Head<'a> {
    kind: &'a str,
    id: &'a str,
    made_at: Timestamp,
    day: Date,
    settlement: Date,
}

fn write(head: &Head<'_>, rows: &[Row], wrong_trailer: bool) -> String {
    let date = |date: Date| date.to_string().replace('-', "");
    let mut text = format!(
        "H|{}|1|{}|{}|{}\n",
        head.kind,
        head.id,
        compact(head.made_at),
        date(head.day)
    );
    let (mut amounts, mut hash) = (0_u64, 0_u64);
    for row in rows {
        let cents = row.amount_cents.unsigned_abs();
        amounts = amounts.wrapping_add(cents) % MODULUS;
        hash = hash.wrapping_add(remainder(&row.bill_number)) % MODULUS;
        let shown = row.payer_account.len().saturating_sub(4);
        let masked = row.payer_account.get(shown..).unwrap_or_default();
        // Writing into a String cannot fail.
        let _written = writeln!(
            text,
            "D|{}|{}|{cents}|{}|{}|{}|****{masked}",
            row.merchant_code,
            row.bill_number,
            row.pps_reference,
            compact(row.paid_at),
            date(head.settlement),
        );
    }
    if wrong_trailer {
        hash = hash.wrapping_add(1) % MODULUS;
    }
    let _written = writeln!(text, "T|{}|{amounts}|{hash}", rows.len());
    text
}

/// A number of any length, modulo 10^16: its last sixteen digits.
fn remainder(digits: &str) -> u64 {
    let from = digits.len().saturating_sub(16);
    digits
        .get(from..)
        .and_then(|last| last.parse().ok())
        .unwrap_or(0)
}

/// `20260120190500` in Hong Kong.
fn compact(at: Timestamp) -> String {
    offset_text(at)
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_one_of_the_gateways_document() {
        let row = Row {
            merchant_code: "990201".to_owned(),
            bill_number: "000123456789011".to_owned(),
            amount_cents: 372_000,
            pps_reference: "P20260120-000000000001".to_owned(),
            paid_at: "2026-01-20T10:59:03Z".parse().unwrap(),
            payer_account: "998000000001".to_owned(),
        };
        let made_at = "2026-01-20T11:00:00Z".parse().unwrap();
        let (day, settlement) = ("2026-01-20".parse().unwrap(), "2026-01-21".parse().unwrap());
        let head = Head {
            kind: "EPAY-PPS-BILL",
            id: "PPS-1",
            made_at,
            day,
            settlement,
        };
        let text = write(&head, &[row], false);
        let expected = "H|EPAY-PPS-BILL|1|PPS-1|20260120190000|20260120\n\
                        D|990201|000123456789011|372000|P20260120-000000000001|20260120185903|20260121|****0001\n\
                        T|1|372000|123456789011\n";
        assert_eq!(text, expected);
    }
}
