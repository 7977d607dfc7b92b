//! Payouts: on the morning after, each merchant gets what was paid less what went back and the fee, and a file about it.

use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kind::Wallet;
use super::rows::Payment;
use super::{NAME, Wallets};
use crate::books::{BooksError, Sql};
use crate::faults::menu::{LATE_SETTLEMENT, SHORT_SETTLEMENT};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, Writing};
use crate::hk_time::{date_text, next_at};

/// A row of the file: kind, our name, the wallet's name, when, cents.
type Line = (&'static str, String, String, Timestamp, i64);

impl Wallets {
    /// Sets the payout of a payment's merchant for six in the morning of the next day, unless it is set.
    pub(super) async fn set_settlement(
        &self,
        writing: &Writing<'_>,
        payment: &Payment,
    ) -> Result<(), BooksError> {
        let midnight = next_at(writing.now(), time(0, 0, 0, 0));
        let late = payment
            .faults
            .on(&LATE_SETTLEMENT)
            .map_or(0, |fault| fault.number());
        let wait = SignedDuration::from_hours(late.saturating_mul(24).saturating_add(6));
        let at = midnight.saturating_add(wait).unwrap_or(midnight);
        let (wallet, merchant) = (&payment.wallet, &payment.merchant);
        let subject = format!("{wallet}/{merchant}/{}", date_text(at));
        let short = payment
            .faults
            .on(&SHORT_SETTLEMENT)
            .map_or(0, |fault| fault.number());
        let body = json!({
            "wallet": wallet, "merchant": merchant, "path": payment.notify_path, "short": short,
        });
        writing.timer("settle", &subject, at, &body).await
    }

    pub(super) async fn settle_due(
        &self,
        work: &DueWork,
        alarm: Alarm<'_>,
    ) -> Result<(), BooksError> {
        let text = |name: &str| {
            work.body
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (Some(wallet), merchant, path) = (
            Wallet::from_word(text("wallet")),
            text("merchant"),
            text("path"),
        ) else {
            return Ok(());
        };
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let id = format!("S-{}-{}", wallet.word(), work.due_at.as_second());
        let lines = self.lines(&writing, wallet, merchant, &id).await?;
        if let (false, Some(known)) = (lines.is_empty(), self.merchant(wallet, merchant)) {
            let day = date_text(work.due_at);
            let (file, net, fee) = self.file(merchant, &id, &day, &lines);
            let short = work.body.get("short").and_then(Value::as_i64).unwrap_or(0);
            let (paid, fees) = (format!("{id}-{merchant}"), format!("{id}-{merchant}-FEE"));
            let (pool, kept) = (wallet.pool(), wallet.fees());
            let movement = |bank_reference, to, amount_cents| Movement {
                bank_reference,
                from: &pool,
                to,
                amount_cents,
                currency: "HKD",
                payer_name: wallet.name(),
                reference: None,
                bill_number: None,
            };
            let all = [
                movement(&paid, &known.account, net.saturating_add(short)),
                movement(&fees, &kept, fee),
            ];
            let moving: Vec<Movement<'_>> = all
                .into_iter()
                .filter(|movement| movement.amount_cents > 0)
                .collect();
            writing.move_money(&moving)?;
            let message_id = format!("{id}-{merchant}");
            writing
                .notice(&NewNotice {
                    message_id: &message_id,
                    path,
                    content_type: "text/csv",
                    body: &file,
                    subject: Some(&id),
                    extra: Value::Null,
                    start: Start::At(alarm.now),
                })
                .await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }

    /// What is paid over: everything that was paid or went back and was in no payout before.
    async fn lines(
        &self,
        writing: &Writing<'_>,
        wallet: Wallet,
        merchant: &str,
        id: &str,
    ) -> Result<Vec<Line>, BooksError> {
        let mut lines = Vec::new();
        let sql = format!(
            "UPDATE wallet_payments SET settlement = $3
             WHERE wallet = $1 AND merchant = $2 AND state = 'paid' AND settlement IS NULL RETURNING {}",
            super::rows::PAYMENT
        );
        for row in writing
            .sql()
            .query(&sql, &[&wallet.word(), &merchant, &id])
            .await?
        {
            let payment = Payment::read(&row)?;
            lines.push((
                "P",
                payment.reference.clone(),
                payment.movement(),
                payment.paid_at.unwrap_or(payment.created_at),
                payment.cents(),
            ));
        }
        let sql = format!(
            "UPDATE wallet_refunds SET settlement = $3 FROM wallet_payments AS paid
             WHERE wallet_refunds.wallet = $1 AND paid.wallet = $1 AND paid.reference = wallet_refunds.reference
                 AND paid.merchant = $2 AND wallet_refunds.state = 'done' AND wallet_refunds.settlement IS NULL
             RETURNING {}",
            super::rows::REFUND
                .split(", ")
                .map(|column| format!("wallet_refunds.{column}"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        for row in writing
            .sql()
            .query(&sql, &[&wallet.word(), &merchant, &id])
            .await?
        {
            let refund = super::rows::Refund::read(&row)?;
            lines.push((
                "R",
                refund.key.clone(),
                refund.movement(),
                refund.updated_at,
                refund.amount_cents,
            ));
        }
        Ok(lines)
    }

    /// The file, what is paid over and what is kept.
    fn file(&self, merchant: &str, id: &str, day: &str, lines: &[Line]) -> (String, i64, i64) {
        let mut file = format!("EPAY-SETTLEMENT,2,{merchant},{id},{day},HKD\n");
        let (mut gross, mut kept) = (0_i64, 0_i64);
        for (kind, name, movement, at, cents) in lines {
            // Half a cent is rounded up, as 0.60 % of HK$360.03 is HK$2.16.
            let fee = cents
                .saturating_mul(self.settings.fee_basis_points)
                .saturating_add(5_000)
                / 10_000;
            file.push_str(&format!("{kind},{name},{movement},{at},{cents},{fee}\n"));
            let sign = if *kind == "P" { 1 } else { -1 };
            gross = gross.saturating_add(cents.saturating_mul(sign));
            kept = kept.saturating_add(fee.saturating_mul(sign));
        }
        let net = gross.saturating_sub(kept);
        file.push_str(&format!("TOTAL,{},{gross},{kept},{net}\n", lines.len()));
        (file, net, kept)
    }
}
