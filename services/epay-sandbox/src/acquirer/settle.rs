//! Settlement: every morning each merchant is paid what is due, less the discount, and told by a file.
//!
//! The file's layout is in `docs/card-settlement-file.md`. A batch that does not come to more than nothing pays nothing; the
//! next one carries its sum. A batch holds its merchant's movements of the day in the order in which they were recorded.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde_json::Value;
use tokio_postgres::Row;

use super::desk::{CURRENCY, DISCOUNT, merchant_account};
use super::settings::Merchant;
use super::store::Transaction;
use super::{Acquirer, DAILY, NAME, SETTLE};
use crate::books::{BooksError, Sql};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, WorkFailed, Writing};
use crate::hk_time::{business_date, next_at};
use crate::money::format_cents;

/// Lines of one batch; what is more waits for the next day.
const LINES_MAX: i64 = 10_000;

/// A batch as it grows.
#[derive(Default)]
struct Batch {
    lines: String,
    count: usize,
    collected: i64,
    discount: i64,
    net: i64,
}

impl Batch {
    fn line(&mut self, fields: [&str; 7], (gross, fee, net): (i64, i64, i64)) {
        let [kind, order, id, instructed_at, recorded_at, about, note] = fields;
        let (gross, fee, net_text) = (format_cents(gross), format_cents(fee), format_cents(net));
        // Writing to a string cannot fail.
        let _infallible = writeln!(
            self.lines,
            "T,{kind},{order},{id},{instructed_at},{recorded_at},{gross},{fee},{net_text},{about},{note}"
        );
        self.count = self.count.saturating_add(1);
        self.net = self.net.saturating_add(net);
    }

    /// One movement; a capture that is settled short has a line behind it that says so.
    fn add(&mut self, order_id: &str, instructed_at: &str, one: &Transaction) {
        let (gross, fee) = (one.amount_cents, one.fee_cents);
        let sign = match one.kind.as_str() {
            "CAPTURE" | "CHARGEBACK_REVERSAL" => 1,
            _ => -1,
        };
        let net = gross.saturating_mul(sign).saturating_sub(fee);
        let disputed = one.kind.starts_with("CHARGEBACK");
        let about = match (&one.target, disputed) {
            (Some(target), true) => target.as_str(),
            _ => one.receipt.as_str(),
        };
        let note = if disputed { one.note.as_str() } else { "" };
        let recorded_at = one.recorded_at.to_string();
        let fields = [
            one.kind.as_str(),
            order_id,
            &one.transaction_id,
            instructed_at,
            &recorded_at,
            about,
            note,
        ];
        self.line(fields, (gross, fee, net));
        if one.kind == "CAPTURE" {
            self.collected = self.collected.saturating_add(gross);
            self.discount = self.discount.saturating_add(fee);
        }
        let short = one
            .note
            .strip_prefix("SHORT ")
            .and_then(|cents| cents.parse::<i64>().ok());
        if let Some(cents) = short {
            let id = format!("ADJ-{}", one.receipt);
            let fields = [
                "ADJUSTMENT",
                order_id,
                &id,
                &recorded_at,
                &recorded_at,
                about,
                "",
            ];
            self.line(fields, (cents.saturating_abs(), 0, cents));
        }
    }

    fn file(&self, batch: &str, merchant: &Merchant, paid_on: Date) -> String {
        let (collected, discount, net) = (
            format_cents(self.collected),
            format_cents(self.discount),
            format_cents(self.net),
        );
        format!(
            "H,EPAY-CARD-SETTLEMENT,1,{batch},{},{CURRENCY},{paid_on}\n{}Z,{},{collected},{discount},{net}\n",
            merchant.id, self.lines, self.count
        )
    }
}

impl Acquirer {
    /// The daily work.
    pub(super) async fn settle(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        for merchant in &self.settings.merchants {
            self.pay(&writing, merchant).await?;
        }
        let tomorrow = next_at(alarm.now, self.settings.settle_at);
        writing.timer(SETTLE, DAILY, tomorrow, &Value::Null).await?;
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }

    async fn pay(&self, writing: &Writing<'_>, merchant: &Merchant) -> Result<(), BooksError> {
        let today = business_date(writing.now());
        let name = format!("B{}-{}", today.strftime("%Y%m%d"), merchant.id);
        let rows = unsettled(writing, merchant, today).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        carry(writing, merchant, &name, &mut batch).await?;
        let mut sequences: Vec<i64> = Vec::with_capacity(rows.len());
        for row in &rows {
            let instructed_at: jiff::Timestamp = row.try_get("created_at")?;
            let one = Transaction::read(row)?;
            // A refund and a dispute have a moment of their own; a capture has the payer's.
            let said_at = if one.kind == "CAPTURE" {
                instructed_at
            } else {
                one.recorded_at
            };
            batch.add(row.try_get("order_id")?, &said_at.to_string(), &one);
            sequences.push(row.try_get("sequence")?);
        }
        let body = batch.file(&name, merchant, today);
        let settled = "UPDATE acquirer_transactions SET batch = $2 WHERE sequence = ANY($1)";
        writing.sql().execute(settled, &[&sequences, &name]).await?;
        let made = "INSERT INTO acquirer_batches (batch, merchant, paid_on, net_cents, discount_cents, body, made_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)";
        writing
            .sql()
            .execute(
                made,
                &[
                    &name,
                    &merchant.id,
                    &today,
                    &batch.net,
                    &batch.discount,
                    &body,
                    &writing.now(),
                ],
            )
            .await?;
        transfer(writing, merchant, &name, &batch).await?;
        let notice = NewNotice {
            message_id: &format!("C{name}"),
            path: &self.settings.notices_path,
            content_type: "text/csv",
            body: &body,
            subject: Some(&name),
            extra: Value::Null,
            start: Start::At(writing.now()),
        };
        writing.notice(&notice).await
    }
}

/// What is due and not settled, oldest first, with its order.
async fn unsettled(
    writing: &Writing<'_>,
    merchant: &Merchant,
    today: Date,
) -> Result<Vec<Row>, BooksError> {
    let sql = "SELECT one.*, ordered.created_at
               FROM acquirer_transactions one JOIN acquirer_orders ordered USING (merchant, order_id)
               WHERE one.merchant = $1 AND one.settle_on <= $2 AND one.batch IS NULL
               ORDER BY one.sequence LIMIT $3 FOR UPDATE OF one";
    Ok(writing
        .sql()
        .query(sql, &[&merchant.id, &today, &LINES_MAX])
        .await?)
}

/// Takes over earlier batches that paid nothing.
async fn carry(
    writing: &Writing<'_>,
    merchant: &Merchant,
    name: &str,
    batch: &mut Batch,
) -> Result<(), BooksError> {
    let sql = "UPDATE acquirer_batches SET carried_into = $2
               WHERE merchant = $1 AND net_cents <= 0 AND carried_into IS NULL
               RETURNING batch, net_cents, discount_cents";
    let now = writing.now().to_string();
    for row in writing.sql().query(sql, &[&merchant.id, &name]).await? {
        let earlier: &str = row.try_get(0)?;
        let (net, discount): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        let fields = ["CARRIED", "", earlier, &now, &now, "", ""];
        batch.line(fields, (0, discount, net));
        batch.discount = batch.discount.saturating_add(discount);
    }
    Ok(())
}

/// Pays the merchant's bank account, and keeps the discount.
async fn transfer(
    writing: &Writing<'_>,
    merchant: &Merchant,
    name: &str,
    batch: &Batch,
) -> Result<(), BooksError> {
    let owed = merchant_account(&merchant.id);
    let (paid, kept) = (format!("SETTLE-{name}"), format!("DISCOUNT-{name}"));
    let one = |bank_reference, to, amount_cents| Movement {
        bank_reference,
        from: &owed,
        to,
        amount_cents,
        currency: CURRENCY,
        payer_name: "Card acquirer",
        reference: None,
        bill_number: None,
    };
    if batch.net > 0 {
        let mut moved = vec![one(&paid, merchant.account.as_str(), batch.net)];
        if batch.discount > 0 {
            moved.push(one(&kept, DISCOUNT, batch.discount));
        }
        writing.move_money(&moved)?;
    }
    Ok(())
}
