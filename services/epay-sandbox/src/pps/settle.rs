//! Settlement: one credit for each merchant of a file, on the working day after it, and a report of all of them in the layout
//! of the gateway's `docs/pps-settlement-report.md`.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use super::{CLEARING, CURRENCY, NAME, Pps, calendar, file};
use crate::books::{BooksError, Sql};
use crate::faults::Chosen;
use crate::faults::menu::{LATE_SETTLEMENT, SHORT_SETTLEMENT};
use crate::frame::{Alarm, DueWork, Movement, WorkFailed, Writing};

/// The work of paying merchants.
pub(super) const SETTLE: &str = "settle";

/// Sets the timer for a file's settlement.
pub(super) async fn plan(
    writing: &Writing<'_>,
    file_id: &str,
    settlement: Date,
    faults: &Chosen,
) -> Result<(), BooksError> {
    let days = faults
        .on(&LATE_SETTLEMENT)
        .map_or(0, |fault| fault.number());
    let at = calendar::settled_at(settlement.saturating_add(days.clamp(0, 3_660).days()));
    let short = faults
        .on(&SHORT_SETTLEMENT)
        .map_or(0, |fault| fault.number());
    let body = json!({ "delta_cents": short });
    writing.timer(SETTLE, file_id, at, &body).await
}

/// Sets the timer for the settlement of one checkout payment.
pub(super) async fn plan_one(
    writing: &Writing<'_>,
    subject: &str,
    merchant_id: &str,
    amount_cents: i64,
    now: Timestamp,
) -> Result<(), BooksError> {
    let at = calendar::settled_at(calendar::next_working(calendar::business_day(now)));
    let body = json!({ "merchant_id": merchant_id, "amount_cents": amount_cents });
    writing.timer(SETTLE, subject, at, &body).await
}

impl Pps {
    /// Pays the merchants of a file, or the one of a checkout payment.
    pub(super) async fn settle(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let mut sums: Vec<(String, i64)> = Vec::new();
        // What the credit is named after: the report, or the checkout payment and its merchant there.
        let mut named = format!("S-{}", work.subject);
        if let Some(id) = work.body.get("merchant_id").and_then(|id| id.as_str()) {
            let cents = work
                .body
                .get("amount_cents")
                .and_then(serde_json::Value::as_i64);
            named = format!("{}-{id}", work.subject);
            let merchant = self.settings.by_checkout(id);
            sums.extend(merchant.map(|merchant| merchant.code.clone()).zip(cents));
        } else {
            let sql = "SELECT merchant_code, sum(amount_cents)::bigint FROM pps_payments WHERE file_id = $1
                       GROUP BY merchant_code ORDER BY merchant_code";
            for row in writing.sql().query(sql, &[&work.subject]).await? {
                sums.push((row.try_get(0)?, row.try_get(1)?));
            }
            file::report(&writing, &named, &work.subject).await?;
        }
        let delta = work
            .body
            .get("delta_cents")
            .and_then(serde_json::Value::as_i64);
        for (code, cents) in sums {
            let amount_cents = cents.saturating_add(delta.unwrap_or(0));
            let Some(merchant) = self.settings.by_code(&code).filter(|_| amount_cents > 0) else {
                continue;
            };
            let reference = format!("PPS-NET-{named}-{code}");
            writing.move_money(&[Movement {
                bank_reference: &reference,
                from: CLEARING,
                to: &merchant.account,
                amount_cents,
                currency: CURRENCY,
                payer_name: "PPS",
                reference: None,
                bill_number: None,
            }])?;
        }
        writing.commit().await?;
        Ok(())
    }
}
