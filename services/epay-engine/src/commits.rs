//! How commands and messages share commits.

use crate::committer::BATCH_COMMANDS_MAX;
use crate::inbox::{BATCH_MESSAGES_MAX, STORERS};

/// How commands and messages share commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// Whatever waits goes into one commit.
    Shared {
        /// How many committers share a queue; two hide the fsync.
        committers: usize,
    },
    /// Every command and every message has a commit of its own: only to measure what sharing is worth.
    OneEach {
        /// How many are on their way to the disk at once.
        at_once: usize,
    },
}

impl Commits {
    /// How many committers each of the two queues has.
    pub(crate) fn committers(self) -> usize {
        match self {
            Self::Shared { committers } => committers.max(1),
            Self::OneEach { at_once } => at_once.div_ceil(2).max(1),
        }
    }

    pub(crate) fn storers(self) -> usize {
        match self {
            Self::Shared { .. } => STORERS,
            Self::OneEach { at_once } => at_once.max(1),
        }
    }

    /// Most commands in one commit.
    pub(crate) const fn commands_max(self) -> usize {
        match self {
            Self::Shared { .. } => BATCH_COMMANDS_MAX,
            Self::OneEach { .. } => 1,
        }
    }

    /// Most messages in one commit.
    pub(crate) const fn messages_max(self) -> usize {
        match self {
            Self::Shared { .. } => BATCH_MESSAGES_MAX,
            Self::OneEach { .. } => 1,
        }
    }
}
