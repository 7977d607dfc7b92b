//! A bill payment: the payer's money is taken at once, and the payment waits for the day's file.

use jiff::civil::Date;
use rand::RngExt;

use super::menu::{BILL_RAIL, PAYMENT_MENU, THREE_TIMES, UNKNOWN_BILL};
use super::{CLEARING, CURRENCY, NAME, Pps, calendar};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::config::Payer;
use crate::faults::menu::WRONG_AMOUNT;
use crate::frame::{Movement, Writing};
use crate::hk_time::date_text;

/// What a payer typed.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) merchant_code: String,
    pub(super) bill_number: String,
    pub(super) amount_cents: i64,
    pub(super) payer: String,
}

/// What was paid.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Paid {
    pub(super) pps_references: Vec<String>,
    pub(super) merchant_name: String,
    pub(super) amount_cents: i64,
    pub(super) business_date: String,
}

fn refused(detail: &str) -> Problem {
    Problem::bad_form(422, detail.to_owned())
}

impl Pps {
    /// The payer of a name or account, the first one when it is empty.
    pub(super) fn payer(&self, asked: &str) -> Result<Payer, Problem> {
        let payers = &self.frame.config.payers;
        let known = payers
            .iter()
            .find(|payer| asked.is_empty() || payer.name == asked || payer.account == asked);
        known
            .cloned()
            .ok_or_else(|| refused("there is no such payer"))
    }

    /// Takes a payment, or three when the fault says so.
    pub(super) async fn pay(&self, asked: Asked) -> Result<Paid, Problem> {
        let merchant = self
            .settings
            .by_code(&asked.merchant_code)
            .ok_or_else(|| refused("there is no merchant with this code"))?;
        let digits = (1..=25).contains(&asked.bill_number.len())
            && asked.bill_number.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(refused("a bill number is 1 to 25 digits"));
        }
        let payer = self.payer(&asked.payer)?;
        let texts = [asked.bill_number.as_str(), payer.name.as_str()];
        let faults = self
            .frame
            .faults
            .take(BILL_RAIL, PAYMENT_MENU, &texts)
            .await?;
        let delta = faults.on(&WRONG_AMOUNT).map_or(0, |fault| fault.number());
        let amount_cents = asked.amount_cents.saturating_add(delta);
        if !(1..=999_999_999_999).contains(&amount_cents) {
            return Err(refused("an amount is 0.01 to 9999999999.99"));
        }
        let bill_number = match faults.on(&UNKNOWN_BILL) {
            Some(fault) => fault.value.clone().unwrap_or_default(),
            None => asked.bill_number.clone(),
        };
        let times = if faults.on(&THREE_TIMES).is_some() {
            3
        } else {
            1
        };
        let now = self.frame.now();
        let business_date = calendar::business_day(now);
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let mut pps_references = Vec::new();
        for _ in 0..times {
            let waiting = Waiting {
                merchant_code: &merchant.code,
                bill_number: &bill_number,
                amount_cents,
                business_date,
            };
            pps_references.push(waiting.note(&writing, &payer).await?);
        }
        writing.commit().await?;
        Ok(Paid {
            pps_references,
            merchant_name: merchant.name.clone(),
            amount_cents,
            business_date: business_date.to_string(),
        })
    }
}

/// A payment that the day's file will tell of.
struct Waiting<'a> {
    merchant_code: &'a str,
    bill_number: &'a str,
    amount_cents: i64,
    business_date: Date,
}

impl Waiting<'_> {
    /// Moves the money and notes the payment; its PPS reference is new.
    async fn note(&self, writing: &Writing<'_>, payer: &Payer) -> Result<String, BooksError> {
        let number: u64 = rand::rng().random_range(0..1_000_000_000_000);
        let day = date_text(writing.now()).replace('-', "");
        let reference = format!("P{day}-{number:012}");
        let movement = Movement {
            bank_reference: &reference,
            from: &payer.account,
            to: CLEARING,
            amount_cents: self.amount_cents,
            currency: CURRENCY,
            payer_name: &payer.name,
            reference: None,
            bill_number: Some(self.bill_number),
        };
        writing.move_money(&[movement])?;
        let sql = "INSERT INTO pps_payments (pps_reference, merchant_code, bill_number, amount_cents, payer_account, paid_at,
                       business_date) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        writing
            .sql()
            .execute(
                sql,
                &[
                    &reference,
                    &self.merchant_code,
                    &self.bill_number,
                    &self.amount_cents,
                    &payer.account,
                    &writing.now(),
                    &self.business_date,
                ],
            )
            .await?;
        Ok(reference)
    }
}
