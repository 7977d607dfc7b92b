//! Payment orders of the bank's customers, and the requests to have a payment back.
//!
//! A customer sends an order over the bank channel ([`door`]), which is read ([`order`]), judged ([`rules`]) and kept under
//! its message id, so that a repeat is answered and never paid again. What was accepted is paid by due work ([`settle`]):
//! the books move, and the customer is told by a status report ([`status`]) and by a notice of the debit ([`notice`]).
//! What the payee's bank does not take comes back the next day. A payer may ask for a payment back, and a customer may
//! ask for what an order sent ([`recall`]).

mod door;
mod investigation;
mod notice;
mod order;
mod page;
mod recall;
mod rules;
pub(crate) mod sample;
mod settle;
mod status;
mod store;

use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::Deserialize;

use crate::faults::MenuItem;
use crate::faults::menu::{DECLINED, LATE, NEVER, OUT_OF_ORDER, RETURNED, TWICE, UNKNOWN};
use crate::frame::{Alarm, Counterparty, Doing, Door, DueWork, Frame, OpenError, Rows, WorkFailed};

const NAME: &str = "payouts";
const RAIL: &str = "fps-payout";
/// The gateway's door for what the bank tells of FPS.
const NOTICES_PATH: &str = crate::channel::signature::NOTICES_PATH;

/// The order is taken, and refused by a later report.
const REJECTED_LATER: MenuItem = MenuItem {
    word: "rejected-later",
    value: Some("AC04"),
    help: "it is taken, and a later report refuses it; the value is the reason",
};
/// The payee does not give the money back.
const RECALL_REFUSED: MenuItem = MenuItem {
    word: "recall-refused",
    value: Some("CUST"),
    help: "the payee keeps the money when it is asked back; the value is the reason",
};

const MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    DECLINED,
    REJECTED_LATER,
    RETURNED,
    UNKNOWN,
    RECALL_REFUSED,
];

/// `[counterparties.payouts]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Account numbers at any bank that were closed: what is paid to them is refused at once.
    closed_accounts: Vec<String>,
}

/// The counterparty; clones share everything.
#[derive(Clone)]
pub(crate) struct Payouts {
    frame: Frame,
    settings: Arc<Settings>,
}

/// Opens it when there is a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let settings = frame.settings::<Settings>(NAME)?;
    Ok(settings.map(|settings| -> Arc<dyn Counterparty> {
        Arc::new(Payouts {
            frame: frame.clone(),
            settings: Arc::new(settings),
        })
    }))
}

impl Counterparty for Payouts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        door::routes()
            .merge(investigation::routes())
            .merge(recall::routes())
            .merge(page::routes())
            .with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "Payment orders",
            href: "/payouts/book",
            text: "What the bank's customers ordered it to pay, and what is asked back.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[(RAIL, MENU)]
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move {
            match work.kind.as_str() {
                settle::RETURN => settle::give_back(work, alarm).await?,
                recall::ANSWER => recall::answer(work, alarm).await?,
                _ => settle::pay(work, alarm).await?,
            }
            Ok(())
        })
    }
}

/// A request with everything that the channel signs.
type Sealed = (Method, OriginalUri, HeaderMap);

impl Payouts {
    /// Whether a request came over the bank channel.
    fn believes(&self, (method, uri, headers): &Sealed, body: &[u8]) -> bool {
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        // The seal bears the machine's time, whatever the sandbox's clock shows.
        self.frame
            .channel
            .verifies(headers, method, target, body, Timestamp::now())
    }
}
