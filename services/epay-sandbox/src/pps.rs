//! PPS: bill payments told by a daily file, and a checkout page in the form of `PayDollar`.
//!
//! Order of work for a bill payment: `desk` takes the payer's money and notes the payment, `file` writes what was paid up to
//! 19:00 into the day's file and sends it by the bank channel, `settle` pays each merchant a day later. For checkout:
//! `checkout` shows the page and answers queries, `attempt` decides an attempt and sends the data feed.

mod attempt;
mod calendar;
mod checkout;
mod desk;
mod file;
mod hash;
mod menu;
mod page;
mod settings;
mod settle;

use std::sync::Arc;

use axum::Router;
use serde_json::Value;
use tracing::warn;

use self::settings::Settings;
use crate::books::BooksError;
use crate::frame::{
    Alarm, Attempt, Counterparty, Doing, Door, DueWork, Frame, Header, OpenError, Rows, WorkFailed,
    Writing,
};
use crate::hk_time::next_at;

/// Its name: the first part of its addresses.
const NAME: &str = "pps";
/// Secret of the secure hash of every merchant, and the one after the next change.
const SECRET: &str = "pps-checkout";
const SECRET_NEXT: &str = "pps-checkout-next";
/// Password of every merchant for queries.
const PASSWORD: &str = "pps-checkout-password";
/// Where payers' money stands until merchants are paid.
const CLEARING: &str = "PPS-CLEARING";
/// The currency of everything here.
const CURRENCY: &str = "HKD";

/// PPS; clones are the same one.
#[derive(Clone)]
pub(crate) struct Pps {
    frame: Frame,
    settings: Arc<Settings>,
}

/// Opens it when the configuration has a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    settings.check().map_err(OpenError::Other)?;
    if frame.secrets.read(SECRET).is_none() || frame.secrets.read(PASSWORD).is_none() {
        warn!("The PPS checkout page refuses every order: its secrets are not there");
    }
    Ok(Some(Arc::new(Pps {
        frame: frame.clone(),
        settings: Arc::new(settings),
    })))
}

impl Counterparty for Pps {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        page::routes()
            .merge(checkout::routes())
            .with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "PPS",
            href: "/pps/pay",
            text: "Pay a bill by merchant code and bill number.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[
            (menu::BILL_RAIL, menu::BILL_MENU),
            (menu::CHECKOUT_RAIL, menu::CHECKOUT_MENU),
        ]
    }

    fn start<'a>(&'a self, writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async move {
            writing
                .open_account(CLEARING, "PPS clearing", CURRENCY)
                .await?;
            let at = next_at(writing.now(), calendar::CUT_OFF);
            writing
                .timer(file::MAKE, file::DAILY, at, &Value::Null)
                .await
        })
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move {
            match work.kind.as_str() {
                file::MAKE => self.daily(work, alarm).await,
                settle::SETTLE => self.settle(work, alarm).await,
                attempt::TRUTH => self.truth(work, alarm).await,
                other => Err(format!("there is no work of the kind {other}").into()),
            }
        })
    }

    /// A data feed carries its hash in its body; a file goes by the bank channel.
    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        (attempt.extra == &Value::from(attempt::FEED)).then(Vec::new)
    }

    /// A data feed is delivered when the answer is OK and nothing else; the bank channel answers with JSON.
    fn delivered(&self, status: u16, body: &[u8]) -> bool {
        (200..300).contains(&status) && (body == b"OK" || body.starts_with(b"{"))
    }
}
