//! The desk of all wallets: payments made, looked up, paid, declined and closed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kind::{CLOSED_EARLY, EARLY_NOTICE, MENU, Wallet};
use super::rows::{PAYMENT, Payment, State};
use super::{NAME, Wallets};
use crate::books::{BooksError, Sql};
use crate::config::Payer;
use crate::faults::menu::{DECLINED, ROTATED_KEY, TWICE, UNKNOWN, WRONG_AMOUNT};
use crate::frame::{Movement, NewNotice, Start, Writing};

/// How long a create call is held back so that the notice comes first; then it is answered all the same.
const EARLY_WAIT: Duration = Duration::from_secs(3);
const EARLY_LOOK: Duration = Duration::from_millis(30);

/// What a merchant asks for.
#[derive(Debug)]
pub(super) struct New<'a> {
    pub(super) wallet: Wallet,
    pub(super) reference: &'a str,
    pub(super) merchant: &'a str,
    pub(super) amount_cents: i64,
    pub(super) description: &'a str,
    pub(super) notify_path: &'a str,
    pub(super) return_url: Option<&'a str>,
    /// By the merchant's clock, which is the machine's.
    pub(super) expires_at: Timestamp,
}

/// What became of it.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives as long as one request is answered, and the large one is the usual"
)]
#[derive(Debug)]
pub(super) enum Made {
    /// There it is, new or as before.
    Payment(Payment),
    /// There is another under this reference.
    Differs,
    /// Nobody of that name can be paid, or not so much.
    Refused,
}

/// What became of a close.
#[derive(Debug)]
pub(super) enum Closed {
    Done(Payment),
    TooEarly,
    Paid(Payment),
    Unknown,
}

/// By what a payment is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum By<'a> {
    Reference(Wallet, &'a str),
    Token(&'a str),
    Number(Wallet, i64),
}

impl Wallets {
    pub(super) async fn create(&self, new: &New<'_>) -> Result<Made, BooksError> {
        let by = By::Reference(new.wallet, new.reference);
        if self.merchant(new.wallet, new.merchant).is_none() || new.amount_cents <= 0 {
            return Ok(Made::Refused);
        }
        if let Some(payment) = self.find(by).await? {
            let same = payment.merchant == new.merchant && payment.amount_cents == new.amount_cents;
            return Ok(if same {
                Made::Payment(payment)
            } else {
                Made::Differs
            });
        }
        let texts = [new.reference, new.description];
        let faults = self
            .frame
            .faults
            .take(new.wallet.word(), MENU, &texts)
            .await?;
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let state = if faults.on(&CLOSED_EARLY).is_some() {
            "closed"
        } else {
            "open"
        };
        let token = uuid::Uuid::now_v7().to_string();
        let sql = "INSERT INTO wallet_payments (wallet, reference, merchant, token, amount_cents, description, notify_path,
                       return_url, state, faults, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (wallet, reference) DO NOTHING";
        let faults_json = serde_json::to_value(&faults)?;
        // A deadline keeps its distance when the sandbox's clock is ahead of the merchant's.
        let ahead = self.frame.clock().ahead();
        let expires_at = new
            .expires_at
            .saturating_add(ahead)
            .unwrap_or(new.expires_at);
        writing
            .sql()
            .execute(
                sql,
                &[
                    &new.wallet.word(),
                    &new.reference,
                    &new.merchant,
                    &token,
                    &new.amount_cents,
                    &new.description,
                    &new.notify_path,
                    &new.return_url,
                    &state,
                    &faults_json,
                    &writing.now(),
                    &expires_at,
                ],
            )
            .await?;
        writing.commit().await?;
        // What follows needs a connection of its own, and whoever waits for one may hold none.
        drop(client);
        if faults.on(&EARLY_NOTICE).is_some()
            && let Some(payer) = self.frame.config.payers.first()
        {
            self.pay(&token, payer).await?;
            self.wait_for_notice(&token).await?;
        }
        Ok(match self.find(by).await? {
            Some(payment) => Made::Payment(payment),
            None => Made::Refused,
        })
    }

    /// Holds a call back until the merchant has the notice about this payment.
    async fn wait_for_notice(&self, token: &str) -> Result<(), BooksError> {
        let client = self.frame.client().await?;
        let sql = "SELECT count(*) FROM notices WHERE counterparty = $1 AND subject = $2 AND status IN ('queued', 'sending')";
        let waiting = async {
            loop {
                let row = client.query_one(sql, &[&NAME, &token]).await?;
                if row.try_get::<_, i64>(0)? == 0 {
                    return Ok::<(), BooksError>(());
                }
                tokio::time::sleep(EARLY_LOOK).await;
            }
        };
        tokio::time::timeout(EARLY_WAIT, waiting)
            .await
            .unwrap_or(Ok(()))
    }

    pub(super) async fn find(&self, by: By<'_>) -> Result<Option<Payment>, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        found(&writing, by, "").await
    }

    /// The newest payments, for the app's list.
    pub(super) async fn newest(&self) -> Result<Vec<Payment>, BooksError> {
        let client = self.frame.client().await?;
        let sql = format!("SELECT {PAYMENT} FROM wallet_payments ORDER BY number DESC LIMIT 50");
        let rows = client.query(&sql, &[]).await?;
        rows.iter().map(Payment::read).collect()
    }

    /// A payer says yes: money moves, the merchant is told. A payment that is not open stays as it is.
    pub(super) async fn pay(
        &self,
        token: &str,
        payer: &Payer,
    ) -> Result<Option<Payment>, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let now = writing.now();
        let Some(mut payment) = found(&writing, By::Token(token), "FOR UPDATE").await? else {
            return Ok(None);
        };
        if payment.told(now) != State::Open {
            return Ok(Some(payment));
        }
        if !payment.faults.any() {
            let texts = [payer.name.as_str()];
            payment.faults = self
                .frame
                .faults
                .take(&payment.wallet, MENU, &texts)
                .await?;
        }
        if payment.faults.on(&DECLINED).is_some() {
            return self.declined(writing, payment).await.map(Some);
        }
        let delta = payment
            .faults
            .on(&WRONG_AMOUNT)
            .map_or(0, |fault| fault.number());
        let unknown = payment
            .faults
            .on(&UNKNOWN)
            .map_or(0, |fault| fault.number());
        let known_at = now
            .saturating_add(SignedDuration::from_secs(unknown))
            .unwrap_or(now);
        payment.state = "paid".to_owned();
        payment.paid_cents = Some(payment.amount_cents.saturating_add(delta).max(1));
        payment.payer_account = Some(payer.account.clone());
        payment.payer_name = Some(payer.name.clone());
        payment.paid_at = Some(now);
        payment.known_at = Some(known_at);
        store(&writing, &payment).await?;
        let (reference, pool) = (format!("WALLET-P{}", payment.number), payment.kind().pool());
        writing.move_money(&[Movement {
            bank_reference: &reference,
            from: &payer.account,
            to: &pool,
            amount_cents: payment.cents(),
            currency: "HKD",
            payer_name: &payer.name,
            reference: Some(&payment.reference),
            bill_number: None,
        }])?;
        self.tell_payment(&writing, &payment, known_at).await?;
        self.set_settlement(&writing, &payment).await?;
        writing.commit().await?;
        self.frame.wake();
        Ok(Some(payment))
    }

    /// A payer says no.
    pub(super) async fn decline(&self, token: &str) -> Result<Option<Payment>, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let Some(payment) = found(&writing, By::Token(token), "FOR UPDATE").await? else {
            return Ok(None);
        };
        if payment.told(writing.now()) != State::Open {
            return Ok(Some(payment));
        }
        self.declined(writing, payment).await.map(Some)
    }

    async fn declined(
        &self,
        writing: Writing<'_>,
        mut payment: Payment,
    ) -> Result<Payment, BooksError> {
        payment.state = "declined".to_owned();
        store(&writing, &payment).await?;
        // WeChat Pay tells only of money; the others also of a refusal.
        if payment.kind() != Wallet::WeChat {
            let now = writing.now();
            self.tell_payment(&writing, &payment, now).await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(payment)
    }

    pub(super) async fn close(&self, wallet: Wallet, by: By<'_>) -> Result<Closed, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, self.frame.now()).await?;
        let now = writing.now();
        let Some(mut payment) = found(&writing, by, "FOR UPDATE").await? else {
            return Ok(Closed::Unknown);
        };
        let age = now.duration_since(payment.created_at).as_secs();
        match payment.told(now) {
            State::Paid | State::Unknown => return Ok(Closed::Paid(payment)),
            State::Closed | State::Expired | State::Declined => return Ok(Closed::Done(payment)),
            State::Open if age < wallet.close_after_seconds() => return Ok(Closed::TooEarly),
            State::Open => {}
        }
        payment.state = "closed".to_owned();
        store(&writing, &payment).await?;
        writing.commit().await?;
        Ok(Closed::Done(payment))
    }

    /// Notices of a payment: one, or two under the fault.
    async fn tell_payment(
        &self,
        writing: &Writing<'_>,
        payment: &Payment,
        at: Timestamp,
    ) -> Result<(), BooksError> {
        let copies = if payment.faults.on(&TWICE).is_some() {
            2
        } else {
            1
        };
        for copy in 1..=copies {
            let id = format!("{}-P{}-{copy}", payment.wallet, payment.number);
            let body = match payment.kind() {
                Wallet::WeChat => self.wechat_payment_notice(payment, &id),
                Wallet::Alipay => Self::alipay_payment_notice(payment),
                Wallet::PayMe => {
                    Self::payme_payment(payment, at.max(writing.now()), None).to_string()
                }
                Wallet::Octopus => self.octopus_payment_notice(payment, at),
            };
            self.tell(writing, payment, &id, &body, at).await?;
        }
        Ok(())
    }

    /// Puts one notice about a payment or its refund into the outbox.
    pub(super) async fn tell(
        &self,
        writing: &Writing<'_>,
        payment: &Payment,
        id: &str,
        body: &str,
        at: Timestamp,
    ) -> Result<(), BooksError> {
        let extra: Value = json!({
            "wallet": payment.wallet,
            "next": payment.faults.on(&ROTATED_KEY).is_some(),
        });
        writing
            .notice(&NewNotice {
                message_id: id,
                path: &payment.notify_path,
                content_type: "application/json",
                body,
                subject: Some(&payment.token),
                extra,
                start: Start::with(&payment.faults, at),
            })
            .await
    }
}

/// A payment, with `lock` behind the statement.
pub(super) async fn found(
    writing: &Writing<'_>,
    by: By<'_>,
    lock: &str,
) -> Result<Option<Payment>, BooksError> {
    let select = format!("SELECT {PAYMENT} FROM wallet_payments WHERE");
    let row = match by {
        By::Reference(wallet, reference) => {
            let sql = format!("{select} wallet = $1 AND reference = $2 {lock}");
            writing
                .sql()
                .query_opt(&sql, &[&wallet.word(), &reference])
                .await?
        }
        By::Token(token) => {
            let sql = format!("{select} token = $1 {lock}");
            writing.sql().query_opt(&sql, &[&token]).await?
        }
        By::Number(wallet, number) => {
            let sql = format!("{select} wallet = $1 AND number = $2 {lock}");
            writing
                .sql()
                .query_opt(&sql, &[&wallet.word(), &number])
                .await?
        }
    };
    row.as_ref().map(Payment::read).transpose()
}

async fn store(writing: &Writing<'_>, payment: &Payment) -> Result<(), BooksError> {
    let sql = "UPDATE wallet_payments SET state = $2, paid_cents = $3, payer_account = $4, payer_name = $5, faults = $6,
                   paid_at = $7, known_at = $8 WHERE number = $1";
    let faults = serde_json::to_value(&payment.faults)?;
    writing
        .sql()
        .execute(
            sql,
            &[
                &payment.number,
                &payment.state,
                &payment.paid_cents,
                &payment.payer_account,
                &payment.payer_name,
                &faults,
                &payment.paid_at,
                &payment.known_at,
            ],
        )
        .await?;
    Ok(())
}

/// The number in a wallet's name for a movement: its last digits.
pub(super) fn number_in(wallet: Wallet, name: &str) -> Option<i64> {
    let digits = match wallet {
        Wallet::WeChat => name.strip_prefix("42")?,
        Wallet::Alipay => name.strip_prefix("20260")?,
        Wallet::PayMe => name.strip_prefix("PT-")?,
        Wallet::Octopus => name.strip_prefix("OP-")?,
    };
    digits.parse().ok()
}
