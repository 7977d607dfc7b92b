//! The beats that remove what departments' systems were told long ago, and what was kept of people for its time.
//!
//! Many workers may run it: they skip what another one removes. Removing waits for the slow hours of nobody, because each piece
//! is small and found by an index.

use std::time::Duration;

use epay_contact::{ContactError, Contacts};
use epay_engine::{Engine, Ids, Removed};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks: what is a day older than it must be does no harm.
const BEAT: Duration = Duration::from_secs(3_600);

/// Removes until `stop` what is older than `keep`.
pub async fn remove_old_news(engine: Engine, keep: SignedDuration, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match engine.remove_old_news(keep).await {
            Ok(removed) if removed != Removed::default() => {
                info!(?removed, "What was told long ago is removed");
            }
            Ok(_) => {}
            Err(error) => {
                warn!(%error, "What was told long ago is not all removed; the next beat goes on");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

/// Most pieces of a kind in one beat; the next beat goes on.
const PIECES_MAX: usize = 1_000;

/// What is kept of people for its time.
#[derive(Debug, Clone, Copy)]
enum Kept {
    /// Who looked at contacts ([`epay_contact::READS_KEPT`]).
    Reads,
    /// People who hear of no account ([`epay_contact::IDLE_KEPT`]).
    Idle,
    /// That people were forgotten ([`epay_contact::FORGOTTEN_KEPT`]).
    Forgotten,
}

/// Removes until `stop` what is kept of people longer than it is to be. What of it cannot be removed holds up nothing else.
pub async fn remove_old_contacts(contacts: Contacts, ids: Box<dyn Ids>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for kept in [Kept::Reads, Kept::Idle, Kept::Forgotten] {
            match kept.remove(&contacts, ids.as_ref(), &stop).await {
                Ok(0) => {}
                Ok(removed) => info!(
                    ?kept,
                    removed, "What was kept of people for its time is removed"
                ),
                Err(error) => {
                    warn!(?kept, %error, "What was kept of people is not all removed; the next beat goes on");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

impl Kept {
    async fn remove(
        self,
        contacts: &Contacts,
        ids: &dyn Ids,
        stop: &CancellationToken,
    ) -> Result<u64, ContactError> {
        let mut removed = 0_u64;
        for _piece in 0..PIECES_MAX {
            let now = Timestamp::now();
            let piece = match self {
                Self::Reads => contacts.remove_reads(now).await?,
                Self::Idle => contacts.forget_idle(now, || ids.next()).await?,
                Self::Forgotten => contacts.remove_forgotten(now).await?,
            };
            removed = removed.saturating_add(piece);
            // A piece that is not whole may be one of which another worker has the rest.
            if piece == 0 || stop.is_cancelled() {
                break;
            }
        }
        Ok(removed)
    }
}

/// Between two looks for forms that are over: what somebody gave and did not keep lies there for minutes, not for hours.
const FORM_BEAT: Duration = Duration::from_secs(60);

/// Removes until `stop` forms that are over ([`epay_contact::FORM_SECONDS`]).
pub async fn remove_old_forms(contacts: Contacts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match contacts.remove_forms(Timestamp::now()).await {
            Ok(0) => {}
            Ok(removed) => info!(removed, "Forms that are over are removed"),
            Err(error) => {
                warn!(%error, "Forms that are over are not all removed; the next beat goes on");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(FORM_BEAT) => {}
        }
    }
}

/// Removes until `stop` notices to people that ended longer ago than `keep`, with what was said in them.
pub async fn remove_old_notices(engine: Engine, keep: SignedDuration, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match engine.remove_old_notices(keep).await {
            Ok(0) => {}
            Ok(removed) => info!(removed, "Notices that ended long ago are removed"),
            Err(error) => {
                warn!(%error, "Notices that ended long ago are not all removed; the next beat goes on");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}
