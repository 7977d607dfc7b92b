//! The bank, through its own interface: paying, and reading its books.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emvqr::render::{ErrorCorrection, PngOptions, Symbol};
use epay_proto::v1::next_action::Action;
use epay_proto::v1::{self, ShowQr};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::plan::{Fault, Payment};

/// Transactions on a page of the bank's list.
const PAGE: usize = 500;
/// Pixels of a module: enough for the bank's reader, and quickly read.
const PICTURE_SCALE: u32 = 4;

/// A client of the bank.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    http: reqwest::Client,
    url: String,
}

/// A credit in the bank's books.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Credit {
    pub(crate) bank_reference: String,
    pub(crate) account: String,
    pub(crate) amount_cents: i64,
    /// What the code carried; the books keep it even where the notice loses it.
    pub(crate) reference: Option<String>,
}

/// The bank's own figures.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Summary {
    pub(crate) notices: Notices,
    balanced: bool,
}

/// Notices by what became of them.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Notices {
    held: u64,
    queued: u64,
    sending: u64,
}

impl Notices {
    /// Those that nobody has acknowledged.
    pub(crate) const fn open(self) -> u64 {
        self.held + self.queued + self.sending
    }
}

#[derive(Debug, Deserialize)]
struct Page {
    transactions: Vec<Credit>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Accounts {
    accounts: Vec<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    account: String,
    kind: String,
    balance_cents: i64,
}

impl Bank {
    pub(crate) fn new(url: String) -> Self {
        Self {
            http: reqwest::Client::new(),
            url,
        }
    }

    /// Pays, as the plan says: by the picture of the code, or by what a reader would have read in it.
    pub(crate) async fn pay(
        &self,
        payment: &Payment,
        bill_number: &str,
        started: &v1::Payment,
    ) -> anyhow::Result<()> {
        let code = code_of(started)?;
        let payer = "TEST Payer";
        let answer = if payment.by_picture {
            ensure!(payment.fault == Fault::Nothing, "not offered by picture");
            let image = STANDARD.encode(picture(&code.payload)?);
            let body = json!({"image_base64": image, "payer": payer});
            self.post("/api/pay", &body).await?
        } else {
            let instruction = json!({
                "fps_id": code.payee_id, "amount_cents": payment.minor, "reference": started.reference,
                "bill_number": bill_number, "payer": payer, "faults": payment.fault.ask(),
            });
            let body = json!({"instructions": [instruction]});
            self.post("/api/pay-many", &body).await?
        };
        let paid: Page = serde_json::from_value(answer)?;
        let cents: i64 = paid
            .transactions
            .iter()
            .map(|credit| credit.amount_cents)
            .sum();
        ensure!(
            cents == payment.expected().credited,
            "the bank moved {cents} cents for {payment:?}"
        );
        Ok(())
    }

    /// Every credit to a payee, by account and the bank's reference.
    pub(crate) async fn credits(&self) -> anyhow::Result<Vec<Credit>> {
        let mut credits = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/books/transactions?page_size={PAGE}{cursor}");
            let page: Page = self.get(&path).await?;
            credits.extend(page.transactions);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(credits),
            }
        }
    }

    /// What stands on each payee's account.
    pub(crate) async fn balances(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let all: Accounts = self.get("/api/books/accounts").await?;
        Ok(all
            .accounts
            .into_iter()
            .filter(|account| account.kind == "payee")
            .map(|account| (account.account, account.balance_cents))
            .collect())
    }

    /// Its figures; fails when its own books do not balance.
    pub(crate) async fn summary(&self) -> anyhow::Result<Summary> {
        let summary: Summary = self.get("/api/books/summary").await?;
        ensure!(summary.balanced, "the bank's own books do not balance");
        Ok(summary)
    }

    /// Sends at once what waits for another attempt.
    pub(crate) async fn hurry(&self) -> anyhow::Result<()> {
        self.post("/api/notices/redeliver", &json!({})).await?;
        Ok(())
    }

    /// Tells everything again, what was acknowledged too.
    pub(crate) async fn redeliver_everything(&self) -> anyhow::Result<()> {
        let body = json!({"include_delivered": true});
        let answer = self.post("/api/notices/redeliver", &body).await?;
        let queued = answer.get("queued").and_then(Value::as_u64);
        ensure!(queued > Some(0), "the bank had nothing to tell again");
        Ok(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// The bank is never killed here, so anything but a success is a fault.
    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}{path}", self.url);
        let answer = self.http.post(url).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(
            status.is_success(),
            "the bank answered {path} with {status}: {text}"
        );
        Ok(serde_json::from_str(&text)?)
    }
}

/// The code that the payer is shown.
fn code_of(started: &v1::Payment) -> anyhow::Result<&ShowQr> {
    match started
        .next_action
        .as_ref()
        .and_then(|next| next.action.as_ref())
    {
        Some(Action::ShowQr(code)) => Ok(code),
        other => anyhow::bail!("the payment {} shows no code but {other:?}", started.name),
    }
}

fn picture(payload: &str) -> anyhow::Result<Vec<u8>> {
    let symbol = Symbol::encode(payload, ErrorCorrection::Medium)?;
    let options = PngOptions {
        scale: PICTURE_SCALE,
        ..PngOptions::default()
    };
    symbol.png(&options).context("the picture of a code")
}
