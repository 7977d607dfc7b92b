//! The frame that every counterparty of the sandbox stands in.
//!
//! A counterparty ([`Counterparty`]) is one folder: its routes under `/<name>`, its tables, its timers, its messages. The
//! frame gives it everything that it shares with the others: [`Clock`], the one list of due work
//! ([`Timers`]), the fault menu ([`FaultMenu`]), the outbox of signed notices, the double-entry books ([`Writing`]). It is
//! registered by one line in `counterparties`.

mod alarm;
mod counterparty;
mod movement;
mod notice;
mod secrets;
mod settings;
mod timers;
mod writing;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

pub use alarm::Alarm;
pub use counterparty::{Counterparty, Doing, Door, OpenError, Opening, Rows, WorkFailed};
pub use movement::Movement;
pub(crate) use notice::HOLD_GROUP_DEFAULT;
pub use notice::{Attempt, Header, NewNotice, Start};
pub use secrets::Secrets;
pub use timers::{ClockError, DueWork, MoveClock, Target, TimerRow, Timers};
pub use writing::Writing;

use crate::books::{Books, BooksError};
use crate::channel::ChannelKey;
use crate::clock::Clock;
use crate::config::Config;
use crate::faults::FaultMenu;

/// What every counterparty is given; clones are the same frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What the sandbox was told at start.
    pub config: Arc<Config>,
    /// The books of the whole sandbox; each counterparty has its own accounts and tables in them.
    pub books: Books,
    /// What can go wrong, on request.
    pub faults: FaultMenu,
    /// Secrets and keys by name.
    pub secrets: Secrets,
    /// The bank channel's key, for notices that go by it.
    pub channel: ChannelKey,
    pub(crate) wake_sender: Arc<Notify>,
    pub(crate) wake_timers: Arc<Notify>,
}

impl Frame {
    /// The clock that everything asks.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.books.clock()
    }

    /// What time it is in the sandbox.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// A connection for [`Writing`] and for a counterparty's own queries. Whoever holds one waits for no second one: when all
    /// do, nobody goes on. The menu of faults may be asked meanwhile, it has connections of its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn client(&self) -> Result<deadpool_postgres::Client, BooksError> {
        self.books.client().await
    }

    /// Tells the sender and the timers that there is something new. Call it after the commit of a [`Writing`].
    pub fn wake(&self) {
        self.wake_sender.notify_one();
        self.wake_timers.notify_one();
    }
}
