//! What reaches people: the SMS gateway and the mail server of the other side, and one page where a person sees what arrived.
//!
//! Each kind has its own door ([`sms`] over HTTP, [`smtp`] on a port of its own) and they share one table ([`store`]) and one page. A
//! message that is handed over again under its name is the same message: it is counted, and the person has it once. An SMS has a
//! receipt, posted to the gateway until it is acknowledged; a mail has none. Push messages of iAM Smart are kept in the same table.

mod letter;
mod page;
pub(crate) mod receipt;
pub(crate) mod rules;
mod sms;
mod smtp;
pub(crate) mod store;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use serde::Deserialize;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

use crate::books::BooksError;
use crate::channel::ChannelKey;
use crate::frame::{
    Alarm, Attempt, Counterparty, Doing, Door, DueWork, Frame, Header, OpenError, Rows, WorkFailed,
    Writing,
};

const NAME: &str = "arrivals";
/// The secret that the SMS gateway and its customer share, for both directions.
const SMS_SECRET: &str = "sms-gateway";

/// `[counterparties.arrivals]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Where the mail server listens; port 0 takes a free one.
    smtp_listen: SocketAddr,
    /// The name of the key that the SMS gateway and its customer share.
    sms_key_id: String,
}

/// The counterparty; clones share everything.
#[derive(Clone)]
struct Arrivals {
    frame: Frame,
    settings: Arc<Settings>,
    /// Where the mail server listens.
    smtp: SocketAddr,
    /// The mail server's socket, until it is started.
    listener: Arc<Mutex<Option<std::net::TcpListener>>>,
    stop: CancellationToken,
    /// Ends the mail server with the last of the clones that the doors hold.
    _running: Arc<DropGuard>,
}

/// Opens it when there is a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    if frame.secrets.read(SMS_SECRET).is_none() {
        warn!("The SMS gateway takes no message: its secret is not there");
    }
    let no_port =
        |error| OpenError::Other(format!("the mail server {}: {error}", settings.smtp_listen));
    let listener = std::net::TcpListener::bind(settings.smtp_listen).map_err(no_port)?;
    listener.set_nonblocking(true).map_err(no_port)?;
    let smtp = listener.local_addr().map_err(no_port)?;
    let stop = CancellationToken::new();
    Ok(Some(Arc::new(Arrivals {
        frame: frame.clone(),
        settings: Arc::new(settings),
        smtp,
        listener: Arc::new(Mutex::new(Some(listener))),
        _running: Arc::new(stop.clone().drop_guard()),
        stop,
    })))
}

impl Arrivals {
    /// What the SMS gateway and its customer sign with; nothing where they have agreed on nothing.
    fn sms_key(&self) -> Option<ChannelKey> {
        Some(ChannelKey {
            id: self.settings.sms_key_id.clone(),
            secret: self.frame.secrets.read(SMS_SECRET)?,
        })
    }
}

impl Counterparty for Arrivals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        sms::routes().merge(page::routes()).with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "What arrived",
            href: "/arrivals/all",
            text: "The messages, push messages and mails that people were sent.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[
            (rules::SMS_RAIL, rules::SMS_MENU),
            (rules::MAIL_RAIL, rules::MAIL_MENU),
        ]
    }

    fn start<'a>(&'a self, _writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listener) = listener.take() {
            tokio::spawn(smtp::serve(listener, self.frame.clone(), self.stop.clone()));
        }
        Box::pin(async { Ok(()) })
    }

    fn due<'a>(
        &'a self,
        _work: &'a DueWork,
        _alarm: Alarm<'a>,
    ) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async { Err("what arrived sets no timers".into()) })
    }

    /// Receipts are signed with the SMS gateway's own key.
    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        let signed = self.sms_key()?.sign(
            attempt.machine_now.as_second(),
            attempt.message_id,
            attempt.path,
            attempt.body,
        );
        Some(signed.pairs())
    }
}
