//! Refunds: taken in under the merchant's own name, ended later, told where the wallet tells.

use jiff::SignedDuration;
use serde_json::Value;

use super::desk::{By, found};
use super::kind::{REFUND_REJECTED, REFUND_STUCK, REFUND_UNCLAIMED, Wallet};
use super::rows::{Payment, REFUND, Refund, State};
use super::{NAME, Wallets};
use crate::books::{BooksError, Sql};
use crate::frame::{Alarm, DueWork, Movement, Writing};

/// What became of a refund's asking.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives as long as one request is answered, and the large one is the usual"
)]
#[derive(Debug)]
pub(super) enum Asked {
    Refund(Refund, Payment),
    /// More than is left, or nothing was paid.
    TooMuch,
    /// No such payment.
    Unknown,
}

impl Wallets {
    pub(super) async fn refund(
        &self,
        wallet: Wallet,
        by: By<'_>,
        key: &str,
        amount_cents: i64,
    ) -> Result<Asked, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let now = writing.now();
        let Some(payment) = found(&writing, by, "FOR UPDATE").await? else {
            return Ok(Asked::Unknown);
        };
        if let Some(refund) = refund_found(&writing, wallet, key).await? {
            return Ok(Asked::Refund(refund, payment));
        }
        let sum = "SELECT coalesce(sum(amount_cents), 0)::bigint FROM wallet_refunds
                   WHERE wallet = $1 AND reference = $2 AND state IN ('pending', 'done')";
        let row = writing
            .sql()
            .query_one(sum, &[&payment.wallet, &payment.reference])
            .await?;
        let given: i64 = row.try_get(0)?;
        let left = payment.cents().saturating_sub(given);
        if payment.told(now) != State::Paid || amount_cents <= 0 || amount_cents > left {
            return Ok(Asked::TooMuch);
        }
        let sql = "INSERT INTO wallet_refunds (wallet, refund_key, reference, amount_cents, state, updated_at)
                   VALUES ($1, $2, $3, $4, 'pending', $5)";
        writing
            .sql()
            .execute(
                sql,
                &[
                    &payment.wallet,
                    &key,
                    &payment.reference,
                    &amount_cents,
                    &now,
                ],
            )
            .await?;
        let stuck = payment.faults.on(&REFUND_STUCK).is_some();
        if let (Some(refund), 0, false) = (
            refund_found(&writing, wallet, key).await?,
            wallet.refund_seconds(),
            stuck,
        ) {
            self.end_refund(&writing, &payment, &refund).await?;
        } else if !stuck {
            let wait = SignedDuration::from_secs(wallet.refund_seconds());
            let at = now.saturating_add(wait).unwrap_or(now);
            let subject = format!("{}/{key}", payment.wallet);
            writing.timer("refund", &subject, at, &Value::Null).await?;
        }
        let refund = refund_found(&writing, wallet, key).await?;
        writing.commit().await?;
        self.frame.wake();
        Ok(refund.map_or(Asked::Unknown, |refund| Asked::Refund(refund, payment)))
    }

    pub(super) async fn find_refund(
        &self,
        wallet: Wallet,
        key: &str,
    ) -> Result<Option<(Refund, Payment)>, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let Some(refund) = refund_found(&writing, wallet, key).await? else {
            return Ok(None);
        };
        let payment = found(&writing, By::Reference(wallet, &refund.reference), "").await?;
        Ok(payment.map(|payment| (refund, payment)))
    }

    /// A refund's time has come.
    pub(super) async fn refund_due(
        &self,
        work: &DueWork,
        alarm: Alarm<'_>,
    ) -> Result<(), BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let (word, key) = work.subject.split_once('/').unwrap_or_default();
        if let Some(wallet) = Wallet::from_word(word)
            && let Some(refund) = refund_found(&writing, wallet, key).await?
            && refund.state == "pending"
            && let Some(payment) = found(
                &writing,
                By::Reference(wallet, &refund.reference),
                "FOR UPDATE",
            )
            .await?
        {
            self.end_refund(&writing, &payment, &refund).await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }

    async fn end_refund(
        &self,
        writing: &Writing<'_>,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), BooksError> {
        let state = if payment.faults.on(&REFUND_UNCLAIMED).is_some() {
            "unclaimed"
        } else if payment.faults.on(&REFUND_REJECTED).is_some() {
            "rejected"
        } else {
            "done"
        };
        let sql = "UPDATE wallet_refunds SET state = $2, updated_at = $3 WHERE number = $1";
        writing
            .sql()
            .execute(sql, &[&refund.number, &state, &writing.now()])
            .await?;
        if let ("done", Some(payer)) = (state, &payment.payer_account) {
            let reference = format!("WALLET-R{}", refund.number);
            writing.move_money(&[Movement {
                bank_reference: &reference,
                from: &payment.kind().pool(),
                to: payer,
                amount_cents: refund.amount_cents,
                currency: "HKD",
                payer_name: payment.kind().name(),
                reference: Some(&payment.reference),
                bill_number: None,
            }])?;
        }
        let ended = Refund {
            state: state.to_owned(),
            updated_at: writing.now(),
            ..refund.clone()
        };
        if payment.kind().tells_refunds() {
            let id = format!("{}-R{}", payment.wallet, refund.number);
            let body = match payment.kind() {
                Wallet::WeChat => self.wechat_refund_notice(payment, &ended, &id),
                Wallet::Alipay => Self::alipay_refund_notice(payment, &ended),
                Wallet::PayMe | Wallet::Octopus => Self::octopus_refund_notice(payment, &ended),
            };
            self.tell(writing, payment, &id, &body, writing.now())
                .await?;
        }
        Ok(())
    }
}

async fn refund_found(
    writing: &Writing<'_>,
    wallet: Wallet,
    key: &str,
) -> Result<Option<Refund>, BooksError> {
    let sql = format!("SELECT {REFUND} FROM wallet_refunds WHERE wallet = $1 AND refund_key = $2");
    let row = writing
        .sql()
        .query_opt(&sql, &[&wallet.word(), &key])
        .await?;
    row.as_ref().map(Refund::read).transpose()
}
