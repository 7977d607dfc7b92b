//! Notices to people: planned from news, decided again when they are due, sent by a lane a channel.
//!
//! 1. Performing the outbox notes which batches have news for people; [`Planner::run`] reads who subscribes to their bills and writes plans,
//!    each under a name that makes it one however often it is planned.
//! 2. A [`Lane`] a channel, and one for notices that have none yet, takes up what is due, reads bills and wishes anew, decides, and writes
//!    what it decided, all in one transaction. Only then are addresses opened, and messages sent.
//! 3. What came of it is written in one transaction a batch. A try of which nothing was written, because its process died, is taken up again
//!    after [`LOST_AFTER`], as the same message under the same id, which its channel delivers once.
//!
//! A channel that hangs fills its own lane's [`AT_ONCE_MAX`] places and delays no other.

mod judge;
mod lane;
mod planner;
mod record;
mod wishes;

pub use lane::{Lane, SenderOptions, send_notices};
pub use planner::Planner;

use std::time::Duration;

use epay_domain::PublicEventKind;
use epay_store::OutboxRow;
use jiff::SignedDuration;

/// Batches of news that one look of the planner takes: each has a few hundred lines.
const NEWS_MAX: i64 = 8;
/// Bills that one look of the planner plans anew when the holidays are others.
const AGAIN_MAX: i64 = 512;
/// Messages under way by one channel from this process.
pub const AT_ONCE_MAX: usize = 128;
/// Notices that one look of a lane takes up.
const TAKEN_MAX: i64 = 512;
/// Outcomes that one transaction writes.
const OUTCOMES_MAX: usize = 512;
/// A try whose process gave no sign for so long is taken up by another: longer than a call and its recording.
pub const LOST_AFTER: SignedDuration = SignedDuration::from_secs(90);
/// Between two looks when there is nothing to do.
const BEAT: Duration = Duration::from_millis(500);
/// Pause after something failed.
const BACK_OFF: Duration = Duration::from_secs(2);
/// How those who read the log of opened addresses know us.
const READER: &str = "worker/notices";

/// Whether a line of the outbox may be news for people.
pub(crate) fn is_news(row: &OutboxRow) -> bool {
    row.bill.is_some() && PublicEventKind::read(&row.kind).is_some_and(wishes::is_told)
}
