//! iAM Smart: people sign in to a service by their telephone, and have its messages there.
//!
//! A service's requests are signed in their headers and sealed with a content key that it fetches, sealed for it, under `security/getKey`
//! ([`keys`]). [`sign_in`] is the page to which a browser comes, with the telephone on it, and the exchange of its code for a token.
//! [`form`] asks people to fill in forms. [`push`] takes messages, which are seen among what arrived, and says later what became of them. [`envelope`] is the frame of all of it: signature, seal, and answers with a code.
//!
//! The full specification is not public: what is played here is what its public pages and the clients of services agree on. How a content
//! key is sealed for a service (RSA-OAEP with SHA-256) and the whole of push are ours, and written down in the README.

mod envelope;
mod form;
mod keys;
mod menu;
mod push;
mod settings;
mod sign_in;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tracing::warn;

use self::menu::{MENU, RAIL};
use self::settings::Settings;
use crate::frame::{
    Alarm, Attempt, Counterparty, Doing, DueWork, Frame, Header, OpenError, Rows, WorkFailed,
};

/// Its name: the first part of its addresses.
const NAME: &str = "iam-smart";
/// What a service signs with.
const SECRET: &str = "iam-smart-secret";
/// The public key to which content keys are sealed for a service, PEM.
const PUBLIC_KEY: &str = "iam-smart-service.pub.pem";
/// Most bytes of a request.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// iAM Smart; clones are the same one.
#[derive(Clone)]
pub(crate) struct IamSmart {
    frame: Frame,
    settings: Arc<Settings>,
}

/// Opens it when the configuration has a table for it.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    for name in [SECRET, PUBLIC_KEY] {
        if frame.secrets.read(name).is_none() {
            // One configuration serves set-ups with and without it: who gives no secrets wants none.
            warn!("iAM Smart stays closed: the secret {name} is not there");
            return Ok(None);
        }
    }
    settings.check().map_err(OpenError::Other)?;
    Ok(Some(Arc::new(IamSmart {
        frame: frame.clone(),
        settings: Arc::new(settings),
    })))
}

impl Counterparty for IamSmart {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        keys::routes()
            .merge(sign_in::routes())
            .merge(form::routes())
            .merge(push::routes())
            .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
            .with_state(self.clone())
    }

    fn menu(&self) -> &'static [Rows] {
        &[(RAIL, MENU)]
    }

    fn due<'a>(
        &'a self,
        _work: &'a DueWork,
        _alarm: Alarm<'a>,
    ) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async { Err("iAM Smart sets no timers".into()) })
    }

    /// What a service is told is signed as its own requests are.
    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        let body = core::str::from_utf8(attempt.body).ok()?;
        self.signed(attempt.machine_now.as_millisecond(), body)
    }
}
