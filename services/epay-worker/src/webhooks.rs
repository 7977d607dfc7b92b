//! Webhooks: news becomes events for the receivers that want them, and events are delivered.
//!
//! 1. [`tell`], a part of performing the outbox: one pure mapping makes events, which are kept, and queued for every
//!    receiver that wants them, in one statement. Again, it changes nothing.
//! 2. [`Deliverer::run`], a loop of its own: write what became of attempts, take up what is due, send it.
//!
//! Every receiver has a lane: at most [`AT_ONCE_MAX`](epay_webhook::AT_ONCE_MAX) calls at once from this process, one when
//! it keeps failing, none while it is paused. A dead receiver so holds its own lane's places and nobody else's. A call that
//! died with its process is due again after [`LOST_AFTER`]: at least once.

mod client;
mod deliver;
mod keys;
mod record;
mod send;
mod tell;

pub use client::{Lookup, LookupFuture, SystemLookup};
pub use deliver::{Deliverer, DelivererOptions};
pub use tell::tell;

use std::time::Duration;

use jiff::SignedDuration;

/// A call that takes longer has failed.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A delivery whose process gave no sign for so long is taken up by another: longer than a call and its recording.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(25);
/// Calls under way from this process. Forty receivers that all hang fill a third of it, once, before they are paused.
const FLYING_MAX: usize = 1_024;
/// Between two looks when nothing is under way.
const BEAT: Duration = Duration::from_millis(200);
/// Receivers that one look serves; the longest waiting come first.
const LANES_MAX: i64 = 1_000;
/// Outcomes that one transaction writes.
const OUTCOMES_MAX: usize = 512;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 4_096;
/// Characters of it that are kept.
const ANSWER_CHARACTERS_MAX: usize = 500;
