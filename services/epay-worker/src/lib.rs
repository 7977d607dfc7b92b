//! Behind the door: the outbox, orders to rails, timers, re-drives and the log of journals.
//!
//! The engine writes effects into the outbox, in the transaction that caused them. [`run`] has a [`Performer`] perform them (many
//! workers share them), sends orders to rails and tells payments that their time has run out. What a crash left behind is found on a beat:
//! batches that nobody performed, deadlines that nobody told, rail messages that were stored and never booked. Beside that,
//! [`seal_log`] appends journals to the log and signs its heads, [`close_days`] closes days, [`put_feed_file`] puts their
//! files down, a [`FeedPusher`] brings them to a department's server, a [`Deliverer`] tells departments' systems what happened, a
//! [`Relay`] tells a message broker, a [`Planner`] and [`Lane`]s tell people, and [`remove_old_news`] removes what was told long ago.
//! A process without a worker says to those with one, by [`announce_outbox`], that there is something to do.
#![deny(missing_docs)]

mod days;
mod delivery;
mod error;
mod news;
mod notices;
mod orders;
mod outbox;
mod push;
mod relay;
mod retention;
mod run;
mod seal;
mod statements;
mod sweep;
mod webhooks;

pub use days::close_days;
pub use delivery::{DeliveryError, FileSigner, NotAKey, put_feed_file};
pub use error::WorkerError;
pub use news::{NEWS_CHANNEL, announce_outbox, relay_news};
pub use notices::{AT_ONCE_MAX, LOST_AFTER, Lane, Planner, SenderOptions, send_notices};
pub use outbox::Performer;
pub use push::{FeedDestination, FeedPusher, Pushed};
pub use relay::{Relay, RelayError, RelayOptions, Relayed};
pub use retention::{remove_old_contacts, remove_old_forms, remove_old_news, remove_old_notices};
pub use run::run;
pub use seal::seal_log;
pub use statements::WatchedFolder;
pub use webhooks::{
    CALL_TIMEOUT, Deliverer, DelivererOptions, Lookup, LookupFuture, SystemLookup,
    tell as tell_webhooks,
};
