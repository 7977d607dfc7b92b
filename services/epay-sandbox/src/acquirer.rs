//! The card acquirer: a merchant's interface, a hosted page with 3-D Secure, books, settlement and disputes.
//!
//! It answers in the documented shape of Mastercard's gateway under `/acquirer`, so the gateway that is tested speaks to it as
//! to a real one. Order of work for a payment: `rest` opens a session, `page` takes a test card (and its bank's code), `desk`
//! authorises, captures, voids and refunds in one database transaction with its own double entries, `settle` pays the
//! merchants every morning what is two days old and writes the file about it.

mod cards;
mod desk;
mod disputes;
mod menu;
mod page;
mod put;
mod rest;
mod settings;
mod settle;
mod shape;
mod store;

use std::sync::Arc;

use axum::Router;
use secrecy::ExposeSecret;
use serde_json::Value;
use tracing::warn;

use self::menu::{MENU, RAIL};
use self::settings::Settings;
use crate::books::BooksError;
use crate::frame::{
    Alarm, Attempt, Counterparty, Doing, Door, DueWork, Frame, Header, OpenError, Rows, WorkFailed,
    Writing,
};
use crate::hk_time::next_at;

/// Its name: the first part of its addresses.
const NAME: &str = "acquirer";
/// The password of every merchant.
const PASSWORD: &str = "card-password";
/// What a notification carries, and what it carries after the next change.
const NOTIFICATION: &str = "card-notification";
const NOTIFICATION_NEXT: &str = "card-notification-next";
/// The daily work.
const SETTLE: &str = "settle";
const DAILY: &str = "daily";

/// The acquirer; clones are the same one.
#[derive(Clone)]
pub(crate) struct Acquirer {
    frame: Frame,
    settings: Arc<Settings>,
}

/// Opens it when the configuration has a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    for name in [PASSWORD, NOTIFICATION] {
        if frame.secrets.read(name).is_none() {
            // One configuration serves set-ups with and without cards: who gives no secrets wants none.
            warn!("The card acquirer stays closed: the secret {name} is not there");
            return Ok(None);
        }
    }
    settings.check().map_err(OpenError::Other)?;
    Ok(Some(Arc::new(Acquirer {
        frame: frame.clone(),
        settings: Arc::new(settings),
    })))
}

impl Counterparty for Acquirer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        rest::routes()
            .merge(page::routes())
            .with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "Card acquirer",
            href: "/acquirer/cards",
            text: "The test cards, and what comes of each.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[(RAIL, MENU)]
    }

    fn start<'a>(&'a self, writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async move {
            for (account, name) in desk::HOUSE {
                writing.open_account(account, name, desk::CURRENCY).await?;
            }
            for merchant in &self.settings.merchants {
                let account = desk::merchant_account(&merchant.id);
                writing
                    .open_account(&account, &merchant.name, desk::CURRENCY)
                    .await?;
            }
            let at = next_at(writing.now(), self.settings.settle_at);
            writing.timer(SETTLE, DAILY, at, &Value::Null).await
        })
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move {
            match work.kind.as_str() {
                SETTLE => self.settle(work, alarm).await,
                desk::TRUTH => self.truth(work, alarm).await,
                disputes::OPEN | disputes::WON => self.dispute(work, alarm).await,
                other => Err(format!("there is no work of the kind {other}").into()),
            }
        })
    }

    /// A notification carries a shared secret; a settlement file goes by the bank channel.
    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        let name = attempt.extra.get("secret")?.as_str()?;
        let secret = self.frame.secrets.read(name)?;
        Some(vec![
            (
                "x-notification-secret".to_owned(),
                secret.expose_secret().to_owned(),
            ),
            (
                "x-notification-id".to_owned(),
                attempt.message_id.to_owned(),
            ),
        ])
    }
}
