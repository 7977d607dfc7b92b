//! e-Cheques: a paying bank that issues them, the collecting bank's drop box, and the clearing between the two.
//!
//! A person makes a cheque at the issuer's page; the bank draws a PDF ([`pdf`]), signs it for the payer and for itself
//! ([`signature`]) under an authority of its own ([`authority`]), and hands it out. Whoever is paid with it puts it into the
//! [`drop_box`]. On the next business day of the sandbox's clock the [`clearing`] honours or returns it, books, and
//! tells the payee by a [`notice`] over the bank channel. What both sides must agree on is in `docs/echeque-data.md`.

mod authority;
mod clearing;
mod drop_box;
mod issuer;
mod notice;
mod pdf;
mod signature;
mod store;

use std::sync::Arc;

use axum::Router;
use serde::Deserialize;

use self::authority::Authority;
use crate::faults::MenuItem;
use crate::faults::menu::{
    DECLINED, LATE, NEVER, OUT_OF_ORDER, RETURNED, TWICE, UNKNOWN, WRONG_AMOUNT,
};
use crate::frame::{Alarm, Counterparty, Doing, Door, DueWork, Frame, OpenError, Rows, WorkFailed};

const NAME: &str = "echeque";
const RAIL: &str = "echeque";

const MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_AMOUNT,
    DECLINED,
    UNKNOWN,
    RETURNED,
];

/// `[counterparties.echeque]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Clearing code of the paying bank; people of the configuration with this bank can make cheques.
    bank_code: String,
    /// Its branch.
    branch: String,
    /// The organisation in the bank's certificate.
    bank_name: String,
    /// The payee's name on a cheque, unless another is typed.
    payee_name: String,
    /// The certificate policy of payers, an object identifier.
    payer_policy: String,
    /// The certificate policy of banks.
    bank_policy: String,
}

/// The counterparty; clones share everything.
#[derive(Clone)]
pub(crate) struct ECheque {
    frame: Frame,
    settings: Arc<Settings>,
    authority: Arc<Authority>,
}

/// Opens it when there is a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    let authority = Authority::open(&frame.secrets, &settings)?;
    Ok(Some(Arc::new(ECheque {
        frame: frame.clone(),
        settings: Arc::new(settings),
        authority: Arc::new(authority),
    })))
}

impl Counterparty for ECheque {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        issuer::routes()
            .merge(drop_box::routes())
            .with_state(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "e-Cheques",
            href: "/echeque/issue",
            text: "Make and sign an e-Cheque, and download it.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        &[(RAIL, MENU)]
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move { Ok(clearing::clear(work, alarm).await?) })
    }
}

/// What can go wrong while a cheque is made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// No certificate could be made.
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    /// A structure could not be written. The cause is told here, because it is no error type of its own without `std`.
    #[error("a signature could not be written: {0}")]
    Der(der::Error),
    /// The signature is larger than the room for it.
    #[error("a signature is larger than the room for it")]
    TooLarge,
}

impl From<der::Error> for MakeError {
    fn from(error: der::Error) -> Self {
        Self::Der(error)
    }
}

impl From<MakeError> for OpenError {
    fn from(error: MakeError) -> Self {
        Self::Other(format!("e-Cheques: {error}"))
    }
}
