//! Waiting until what was begun is done: between two parts everything in the background comes to rest.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use epay_pg::Session;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How long something may lag behind before the run is given up.
const LAG_MAX: Duration = Duration::from_secs(120);

/// Waits until every notice is booked, that is until its journal and its outbox lines are durable.
pub(crate) async fn booked(session: &Session) -> Result<()> {
    until_none(session, "SELECT count(*) FROM epay.rail_message_pending")
        .await
        .context("not all notices were booked")
}

/// Waits until the outbox is performed.
pub(crate) async fn performed(session: &Session) -> Result<()> {
    until_none(
        session,
        "SELECT count(*) FROM epay.outbox_batch WHERE performed_at IS NULL",
    )
    .await
    .context("the outbox did not come to rest")
}

/// Waits until the file system has written what was written to it. Without this it writes the preparation of a part half a minute
/// later, and a commit in the middle of the part waits a second for it.
pub(crate) async fn on_disk(folder: &Path) -> Result<()> {
    let mut sync = tokio::process::Command::new("sync");
    let ended = sync.arg("--file-system").arg(folder).status().await;
    let ended = ended.context("`sync` of the GNU core utilities is needed")?;
    ensure!(ended.success(), "the file system was not written: {ended}");
    Ok(())
}

/// Waits until no order waits for a rail, or is on its way to one.
pub(crate) async fn ordered(session: &Session) -> Result<()> {
    until_none(
        session,
        "SELECT count(*) FROM epay.rail_order WHERE state IN ('queued', 'sent')",
    )
    .await
    .context("not all orders were sent")
}

async fn until_none(session: &Session, count: &str) -> Result<()> {
    let started = Instant::now();
    let statement = session.client().prepare(count).await?;
    loop {
        let row = session.client().query_one(&statement, &[]).await?;
        let left: i64 = row.try_get(0)?;
        if left == 0 {
            return Ok(());
        }
        ensure!(started.elapsed() < LAG_MAX, "{left} are left");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
