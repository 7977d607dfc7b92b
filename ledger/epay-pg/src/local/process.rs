//! The running server: starting, waiting, signalling.
//!
//! The parent-death signal is bound to the *thread* that started the child, so the server gets a thread of its own that
//! starts it, waits for it and lives exactly as long; a thread of some pool might end while the server is needed.

use std::io;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::sync::{oneshot, watch};

use super::error::ClusterError;

/// How long a fast shutdown may take: it rolls back, writes a checkpoint and ends.
const FAST_WAIT: Duration = Duration::from_secs(60);
/// How long an immediate shutdown may take: it only ends.
const IMMEDIATE_WAIT: Duration = Duration::from_secs(10);
/// How long killed processes may linger in the kernel.
const KILLED_WAIT: Duration = Duration::from_secs(10);
/// Between two looks at processes that are not our children.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A postmaster that this process has started.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    ended: watch::Receiver<bool>,
}

impl Postmaster {
    pub(super) async fn spawn(command: Command) -> io::Result<Self> {
        let (started, start) = oneshot::channel();
        let (end, ended) = watch::channel(false);
        std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || run(command, started, &end))?;
        let id = start.await.map_err(io::Error::other)??;
        let pid = i32::try_from(id)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("a process id out of range"))?;
        Ok(Self { pid, ended })
    }

    pub(super) fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    pub(super) async fn ends_within(&mut self, bound: Duration) -> bool {
        let ended = self.ended.wait_for(|ended| *ended);
        // A dropped sender means that the thread is gone, and the child with it.
        tokio::time::timeout(bound, ended).await.is_ok()
    }

    /// SIGINT: PostgreSQL's fast shutdown. Does not wait.
    pub(super) fn interrupt(&self) {
        if !self.has_ended() {
            signal(self.pid, Signal::INT);
        }
    }

    /// Fast shutdown, then immediate, then by force.
    pub(super) async fn stop(&mut self) -> Result<(), ClusterError> {
        for (how, bound) in [(Signal::INT, FAST_WAIT), (Signal::QUIT, IMMEDIATE_WAIT)] {
            if self.has_ended() {
                return Ok(());
            }
            signal(self.pid, how);
            if self.ends_within(bound).await {
                return Ok(());
            }
        }
        self.kill().await
    }

    /// SIGKILL for the postmaster and every child, as a crash of all of it at once. Returns when all are gone,
    /// so that their shared memory is free for the next start.
    pub(super) async fn kill(&mut self) -> Result<(), ClusterError> {
        if self.has_ended() {
            return Ok(());
        }
        // Stopped first, so that it starts no child between the look and the kill.
        signal(self.pid, Signal::STOP);
        let children = children_of(self.pid);
        signal(self.pid, Signal::KILL);
        for child in &children {
            signal(*child, Signal::KILL);
        }
        let mut gone = self.ends_within(KILLED_WAIT).await;
        for child in children {
            gone &= ends_within(child, KILLED_WAIT).await;
        }
        if gone {
            Ok(())
        } else {
            Err(ClusterError::NotStopped {
                pid: self.pid.as_raw_nonzero().get(),
            })
        }
    }
}

fn run(mut command: Command, started: oneshot::Sender<io::Result<u32>>, end: &watch::Sender<bool>) {
    match command.spawn() {
        Ok(mut child) => {
            // If nobody waits for the answer any more the cluster is being dropped; the child is still ours to reap.
            if started.send(Ok(child.id())).is_err() {
                tracing::debug!("nobody waited for a PostgreSQL server to start");
            }
            report(child.wait());
        }
        Err(error) => {
            if let Err(unsent) = started.send(Err(error)) {
                tracing::debug!(?unsent, "nobody waited for a PostgreSQL server to start");
            }
        }
    }
    end.send_replace(true);
}

fn report(ended: io::Result<ExitStatus>) {
    match ended {
        Ok(status) => tracing::debug!(%status, "a private PostgreSQL server ended"),
        Err(error) => tracing::warn!(%error, "a private PostgreSQL server was lost from sight"),
    }
}

/// Stops a server that an earlier, killed process left behind.
pub(super) async fn stop_orphan(pid: Pid) -> Result<(), ClusterError> {
    for (how, bound) in [
        (Signal::INT, FAST_WAIT),
        (Signal::QUIT, IMMEDIATE_WAIT),
        (Signal::KILL, KILLED_WAIT),
    ] {
        signal(pid, how);
        if ends_within(pid, bound).await {
            return Ok(());
        }
    }
    Err(ClusterError::NotStopped {
        pid: pid.as_raw_nonzero().get(),
    })
}

/// Waits for a process that is not our child, for whose end nobody tells us.
async fn ends_within(pid: Pid, bound: Duration) -> bool {
    let gone = async {
        while is_alive(pid) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(bound, gone).await.is_ok()
}

/// A process that has ended and waits for its parent to notice (state Z) holds nothing any more.
pub(super) fn is_alive(pid: Pid) -> bool {
    match stat_of(pid.as_raw_nonzero().get()) {
        Some((state, _)) => !matches!(state, 'Z' | 'X'),
        None => !has_proc() && test_kill_process(pid).is_ok(),
    }
}

/// Whether this system shows processes as files; without that, an orphan is PostgreSQL's own to detect.
pub(super) fn has_proc() -> bool {
    std::path::Path::new("/proc/self/stat").exists()
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero().get();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| stat_of(*pid).is_some_and(|(_, of)| of == parent))
        .filter_map(Pid::from_raw)
        .collect()
}

/// State and parent of a process: the two fields after the name, which is in brackets and may hold anything.
fn stat_of(pid: i32) -> Option<(char, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

fn signal(pid: Pid, signal: Signal) {
    if let Err(error) = kill_process(pid, signal) {
        tracing::debug!(%error, "a signal found no process");
    }
}
