//! The beats that remove what departments' systems were told long ago, and who looked at contacts long ago.
//!
//! Many workers may run it: they skip what another one removes. Removing waits for the slow hours of nobody, because each piece
//! is small and found by an index.

use std::time::Duration;

use epay_contact::{Contacts, READS_REMOVED_MAX};
use epay_engine::{Engine, Removed};
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

/// Most pieces of one beat; the next beat goes on.
const PIECES_MAX: usize = 1_000;

/// Removes until `stop` who looked at contacts longer ago than it is to be known ([`epay_contact::READS_KEPT`]).
pub async fn remove_old_reads(contacts: Contacts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match remove_reads(&contacts, &stop).await {
            Ok(0) => {}
            Ok(removed) => info!(removed, "Old lines of the log of reads are removed"),
            Err(error) => {
                warn!(%error, "Old lines of the log of reads are not all removed; the next beat goes on");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn remove_reads(
    contacts: &Contacts,
    stop: &CancellationToken,
) -> Result<u64, epay_contact::ContactError> {
    let whole = u64::try_from(READS_REMOVED_MAX).unwrap_or(u64::MAX);
    let mut removed = 0_u64;
    for _piece in 0..PIECES_MAX {
        let piece = contacts.remove_reads(Timestamp::now()).await?;
        removed = removed.saturating_add(piece);
        if piece < whole || stop.is_cancelled() {
            break;
        }
    }
    Ok(removed)
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
