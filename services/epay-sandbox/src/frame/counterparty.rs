//! What a counterparty is.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use thiserror::Error as ThisError;

use super::notice::{Attempt, Header};
use super::timers::DueWork;
use super::{Alarm, Frame, Writing};
use crate::books::BooksError;
use crate::faults::MenuItem;

/// A future that a counterparty returns from behind `dyn`.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why due work was not done; it is tried again.
pub type WorkFailed = Box<dyn Error + Send + Sync>;

/// The menu of faults of one rail.
pub type Rows = (&'static str, &'static [MenuItem]);

/// Why a counterparty cannot be opened.
#[derive(Debug, ThisError)]
pub enum OpenError {
    /// Its table in the configuration will not do.
    #[error("[counterparties.{name}] is not readable")]
    Settings {
        /// The counterparty.
        name: &'static str,
        /// What is wrong.
        #[source]
        cause: toml::de::Error,
    },
    /// A secret or key that it needs is not there, or not one.
    #[error("the secret {name} {problem}")]
    Secret {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something else that it was told will not do.
    #[error("{0}")]
    Other(String),
}

/// Opens a counterparty; nothing when the configuration has no table for it.
pub type Opening = fn(&Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError>;

/// A link on the menu page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// What it is called.
    pub title: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// One sentence about it.
    pub text: &'static str,
}

/// One of those who stand on the other side of a payment.
pub trait Counterparty: Send + Sync {
    /// Its name: lower-case letters and hyphens, unlike `api`, `app`, `books`, `static` and any other's.
    fn name(&self) -> &'static str;

    /// Its routes, without the `/<name>` that the frame puts before each.
    fn routes(&self) -> Router;

    /// Its links on the menu page.
    fn doors(&self) -> &'static [Door] {
        &[]
    }

    /// The faults that it plays, for each rail that it stands behind.
    fn menu(&self) -> &'static [Rows];

    /// Opens its accounts and sets its first timers. Called once at every start, before any door is open.
    fn start<'a>(&'a self, _writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async { Ok(()) })
    }

    /// Does work that fell due. It is called at least once for each timer, so it must do the same thing twice without harm:
    /// [`Writing::finish`] takes the timer away in the same commit as the work. What fails is tried again later.
    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>>;

    /// The headers of an attempt to deliver one of its notices, made anew for each attempt. `None` when it does not sign:
    /// then the bank channel does.
    fn sign(&self, _attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        None
    }

    /// Whether an answer counts as delivered.
    fn delivered(&self, status: u16, _body: &[u8]) -> bool {
        (200..300).contains(&status)
    }

    /// How long to wait after a number of failed attempts, in milliseconds of the sandbox's clock. `None` leaves it to the
    /// sender, whose pause doubles up to five seconds.
    fn pause_ms(&self, _attempts: u32) -> Option<i64> {
        None
    }
}

impl std::fmt::Debug for dyn Counterparty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counterparty")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
