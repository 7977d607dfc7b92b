//! A payer's device: it makes Apple Pay and Google Pay tokens for whoever asks, and sends them back to the merchant.
//!
//! A merchant's page posts here what the wallet must know (`POST /devices/apple_pay` or `/devices/google_pay`, a form with `kind`,
//! `request`, `reference` and `return_to`); the payer sees the amount and says yes; the token goes back to `return_to` in the form
//! field `token`. The device keeps nothing.
//!
//! Apple and Google are played by keys that are worked out from fixed words, so that what a merchant must believe
//! ([`merchant_settings`]) is the same on every machine. Anybody can make such a token: they are worth nothing outside a sandbox.
//! Tokens carry the machine's time, as real ones do, and not that of the sandbox's clock.

mod apple;
mod authority;
mod der;
mod google;
mod keys;
mod page;
mod request;

use std::sync::Arc;

use axum::Router;

use crate::frame::DueWork;
use crate::frame::{Alarm, Counterparty, Doing, Door, Frame, OpenError, Rows, WorkFailed};

pub use authority::merchant_settings;

const NAME: &str = "devices";

/// The device. It has no tables, no timers and no books: money is the acquirer's.
#[derive(Debug)]
struct Devices;

/// Opens it where the configuration has `[counterparties.devices]`, an empty table.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let settings = frame.settings::<toml::Table>(NAME)?;
    Ok(settings.map(|_empty| Arc::new(Devices) as Arc<dyn Counterparty>))
}

impl Counterparty for Devices {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        page::routes()
    }

    fn doors(&self) -> &'static [Door] {
        &[]
    }

    fn menu(&self) -> &'static [Rows] {
        &[]
    }

    fn due<'a>(
        &'a self,
        _work: &'a DueWork,
        _alarm: Alarm<'a>,
    ) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async { Err("the device sets no timers".into()) })
    }
}

#[cfg(test)]
mod tests;
