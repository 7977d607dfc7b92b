//! One attempt on the checkout page: the payer's choice, its faults, the money, and the data feed.

use rand::RngExt;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::hash::secure_hash;
use super::menu::{CHECKOUT_MENU, CHECKOUT_RAIL};
use super::{CLEARING, CURRENCY, NAME, Pps, SECRET, SECRET_NEXT, settle};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::config::Payer;
use crate::faults::Chosen;
use crate::faults::menu::{DECLINED, ROTATED_KEY, TWICE, UNKNOWN, WRONG_AMOUNT};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, WorkFailed, Writing};
use crate::money::format_cents;

/// What a notice of the data feed is marked with.
pub(super) const FEED: &str = "feed";
/// The work of telling what nobody knew for a while.
pub(super) const TRUTH: &str = "truth";
/// The bank's code when the payer has too little or the fault names none.
const DECLINE_CODE: &str = "51";

/// What the payer pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Choice {
    Pay,
    Cancel,
}

/// An attempt that is still shown.
struct Shown {
    pay_ref: i64,
    merchant_id: String,
    order_ref: String,
    amount_cents: i64,
    back: String,
}

impl Pps {
    /// Does what the payer chose, once, and says where the payer goes next.
    pub(super) async fn decide(
        &self,
        pay_ref: i64,
        choice: Choice,
        payer: &str,
    ) -> Result<String, Problem> {
        let payer = self.payer(payer)?;
        let now = self.frame.now();
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let (attempt, open) = lock(&writing, pay_ref)
            .await?
            .ok_or_else(|| Problem::not_found("There is no such order"))?;
        if !open {
            return Ok(attempt.back);
        }
        let texts = [attempt.order_ref.as_str(), payer.name.as_str()];
        let faults = match choice {
            Choice::Pay => {
                self.frame
                    .faults
                    .take(CHECKOUT_RAIL, CHECKOUT_MENU, &texts)
                    .await?
            }
            Choice::Cancel => Chosen::default(),
        };
        if choice == Choice::Cancel {
            end(
                &writing,
                &attempt,
                "Cancelled",
                "0",
                "",
                attempt.amount_cents,
            )
            .await?;
        } else if let Some(fault) = faults.on(&DECLINED) {
            let code = fault.value.as_deref().unwrap_or(DECLINE_CODE);
            end(
                &writing,
                &attempt,
                "Rejected",
                code,
                &payer.name,
                attempt.amount_cents,
            )
            .await?;
            self.feed(&writing, pay_ref, &faults).await?;
        } else if let Some(fault) = faults.on(&UNKNOWN) {
            end(
                &writing,
                &attempt,
                "Pending",
                "0",
                &payer.name,
                attempt.amount_cents,
            )
            .await?;
            let at = now
                .saturating_add(jiff::SignedDuration::from_secs(fault.number().max(0)))
                .unwrap_or(now);
            let body = json!({ "payer": payer.account, "faults": faults });
            writing
                .timer(TRUTH, &pay_ref.to_string(), at, &body)
                .await?;
        } else {
            self.accept(&writing, &attempt, &payer, &faults).await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(attempt.back)
    }

    /// Takes the money, or declines when there is too little of it, and tells the merchant.
    async fn accept(
        &self,
        writing: &Writing<'_>,
        attempt: &Shown,
        payer: &Payer,
        faults: &Chosen,
    ) -> Result<(), BooksError> {
        let delta = faults.on(&WRONG_AMOUNT).map_or(0, |fault| fault.number());
        let amount_cents = attempt.amount_cents.saturating_add(delta).max(1);
        let sql = "SELECT balance_cents FROM accounts WHERE account = $1 FOR NO KEY UPDATE";
        let row = writing.sql().query_one(sql, &[&payer.account]).await?;
        if row.try_get::<_, i64>(0)? < amount_cents {
            end(
                writing,
                attempt,
                "Rejected",
                DECLINE_CODE,
                &payer.name,
                amount_cents,
            )
            .await?;
            return self.feed(writing, attempt.pay_ref, faults).await;
        }
        let reference = format!("PPSC-{}", attempt.pay_ref);
        writing.move_money(&[Movement {
            bank_reference: &reference,
            from: &payer.account,
            to: CLEARING,
            amount_cents,
            currency: CURRENCY,
            payer_name: &payer.name,
            reference: Some(&attempt.order_ref),
            bill_number: None,
        }])?;
        end(writing, attempt, "Accepted", "0", &payer.name, amount_cents).await?;
        let now = writing.now();
        settle::plan_one(writing, &reference, &attempt.merchant_id, amount_cents, now).await?;
        self.feed(writing, attempt.pay_ref, faults).await
    }

    /// An attempt of which nobody knew the outcome succeeds.
    pub(super) async fn truth(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        let pay_ref: i64 = work.subject.parse()?;
        let account = work.body.get("payer").and_then(Value::as_str);
        let payer = self
            .payer(account.unwrap_or_default())
            .map_err(|problem| problem.detail().to_owned())?;
        let faults = work.body.get("faults").cloned().unwrap_or_default();
        let faults: Chosen = serde_json::from_value(faults)?;
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        if let Some((attempt, _open)) = lock(&writing, pay_ref).await? {
            self.accept(&writing, &attempt, &payer, &faults).await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }

    /// Puts the data feed of a finished attempt into the outbox.
    async fn feed(
        &self,
        writing: &Writing<'_>,
        pay_ref: i64,
        faults: &Chosen,
    ) -> Result<(), BooksError> {
        let Some(secret) = self.frame.secrets.read(SECRET) else {
            return Ok(());
        };
        let sql =
            "SELECT order_ref, amount_cents, holder, prc, src FROM pps_attempts WHERE pay_ref = $1";
        let row = writing.sql().query_one(sql, &[&pay_ref]).await?;
        let order_ref: String = row.try_get(0)?;
        let amount = format_cents(row.try_get(1)?);
        let (holder, prc, src): (String, String, String) =
            (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        let success = if prc == "0" { "0" } else { "1" };
        let number = pay_ref.to_string();
        let signed = [
            src.as_str(),
            &prc,
            success,
            &order_ref,
            &number,
            "344",
            &amount,
            "U",
        ];
        let mut hash = secure_hash(&signed, &secret);
        if faults.on(&ROTATED_KEY).is_some() {
            // While a secret is changed, both hashes are sent; the receiver may know either.
            let next = self.frame.secrets.read(SECRET_NEXT);
            let next = next.unwrap_or_else(|| SecretString::from("a-secret-that-nobody-knows"));
            hash = format!("{},{hash}", secure_hash(&signed, &next));
        }
        let fields = [
            ("prc", prc.as_str()),
            ("src", &src),
            ("Ord", &number),
            ("Ref", &order_ref),
            ("PayRef", &number),
            ("successcode", success),
            ("Amt", &amount),
            ("Cur", "344"),
            ("Holder", &holder),
            ("payerAuth", "U"),
            ("payMethod", "PPS"),
            ("secureHash", &hash),
        ];
        let mut url = reqwest::Url::parse("http://form.invalid/").map_err(std::io::Error::other)?;
        url.query_pairs_mut().extend_pairs(fields);
        let body = url.query().unwrap_or_default();
        let times = if faults.on(&TWICE).is_some() { 2 } else { 1 };
        for _ in 0..times {
            let unique: u64 = rand::rng().random();
            let message_id = format!("FEED-{pay_ref}-{unique:016X}");
            writing
                .notice(&NewNotice {
                    message_id: &message_id,
                    path: "/rails/pps-checkout/notices",
                    content_type: "application/x-www-form-urlencoded",
                    body,
                    subject: Some(&order_ref),
                    extra: Value::from(FEED),
                    start: Start::with(faults, writing.now()),
                })
                .await?;
        }
        Ok(())
    }
}

/// The attempt, locked, and whether it waits for the payer's choice.
async fn lock(writing: &Writing<'_>, pay_ref: i64) -> Result<Option<(Shown, bool)>, BooksError> {
    let sql = "SELECT merchant_id, order_ref, amount_cents, back, status FROM pps_attempts WHERE pay_ref = $1 FOR UPDATE";
    let Some(row) = writing.sql().query_opt(sql, &[&pay_ref]).await? else {
        return Ok(None);
    };
    let shown = Shown {
        pay_ref,
        merchant_id: row.try_get(0)?,
        order_ref: row.try_get(1)?,
        amount_cents: row.try_get(2)?,
        back: row.try_get(3)?,
    };
    let open = row.try_get::<_, &str>(4)? == "Shown";
    Ok(Some((shown, open)))
}

/// Notes what became of an attempt. `code` is the bank's, 0 when it said yes.
async fn end(
    writing: &Writing<'_>,
    attempt: &Shown,
    status: &str,
    code: &str,
    holder: &str,
    amount_cents: i64,
) -> Result<(), BooksError> {
    let primary = if code == "0" { "0" } else { "1" };
    let sql = "UPDATE pps_attempts SET status = $2, prc = $3, src = $4, holder = $5, amount_cents = $6, done_at = $7
               WHERE pay_ref = $1";
    writing
        .sql()
        .execute(
            sql,
            &[
                &attempt.pay_ref,
                &status,
                &primary,
                &code,
                &holder,
                &amount_cents,
                &writing.now(),
            ],
        )
        .await?;
    Ok(())
}
