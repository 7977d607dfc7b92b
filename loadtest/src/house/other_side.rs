//! The sandbox of a house with every rail: a process that `epay dev` has started.

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::cpu::children_of;

/// The running sandbox. A run that fails kills `epay dev`, which then cannot stop it any more; so whoever drops this does.
#[derive(Debug)]
pub(super) struct OtherSide {
    pub(super) pid: u32,
    pub(super) url: String,
    stopped: bool,
}

impl OtherSide {
    /// Finds it: the only child of its parent.
    pub(super) fn of(parent: u32, url: &str) -> Result<Self> {
        let children = children_of(parent)?;
        ensure!(children.len() == 1, "epay dev has started {children:?}");
        Ok(Self {
            pid: *children.first().context("no child")?,
            url: url.to_owned(),
            stopped: false,
        })
    }

    /// Its parent has stopped it.
    pub(super) const fn note_stopped(&mut self) {
        self.stopped = true;
    }
}

impl Drop for OtherSide {
    fn drop(&mut self) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let (false, Some(pid)) = (self.stopped, pid) {
            // It may be gone by itself.
            let _gone = kill_process(pid, Signal::TERM);
        }
    }
}
