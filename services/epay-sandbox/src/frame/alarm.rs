//! What due work is given beside itself.

use jiff::Timestamp;

use super::Frame;

/// The moment at which due work runs: the clock stands at the work's own time, or later when it is overdue.
#[derive(Debug, Clone, Copy)]
pub struct Alarm<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What time it is in the sandbox.
    pub now: Timestamp,
}
