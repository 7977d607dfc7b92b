//! The bank channel: signed notices to the payee's gateway, at least once.
//!
//! [`signature`] makes the headers; [`sender`] posts what the outbox holds until each notice is acknowledged.

pub mod sender;
pub mod signature;
mod verify;

pub use sender::Sender;
pub use signature::{ChannelKey, NOTICES_PATH, SignedHeaders};
