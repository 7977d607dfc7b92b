//! News between nodes: a payment that changed on one node wakes its watchers on the others, and a batch of the outbox that a
//! process without a worker wrote wakes those that have one.
//!
//! PostgreSQL's NOTIFY carries the ids, outside any business transaction (its commit takes a lock over the
//! whole cluster). News may be lost or doubled: a watcher looks at the store, the news only tells it when.

use std::collections::BTreeSet;
use std::time::Duration;

use deadpool_postgres::GenericClient;
use epay_engine::Engine;
use epay_money::PaymentId;
use epay_store::OutboxRow;
use tokio::sync::{mpsc, watch};
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::WorkerError;

/// The channel on which nodes hear which payments changed.
pub const NEWS_CHANNEL: &str = "epay_payment";
/// The channel on which workers hear that there is something in the outbox.
const OUTBOX_CHANNEL: &str = "epay_outbox";
/// Ids in one notice: a payload must stay below 8,000 bytes, and an id is 36 characters and a comma.
const IDS_IN_NOTICE_MAX: usize = 200;
/// Pause before a lost connection is made again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
/// Most notices that may wait to be passed on.
const NOTICES_MAX: usize = 1_024;

/// Tells the other nodes which payments changed, when the transaction commits.
pub(crate) async fn publish(
    client: &impl GenericClient,
    rows: impl Iterator<Item = &OutboxRow>,
) -> Result<(), WorkerError> {
    let changed: BTreeSet<PaymentId> = rows
        .filter(|row| row.due_at.is_none())
        .filter_map(|row| row.payment)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = changed.iter().map(PaymentId::to_string).collect();
    let notices: Vec<String> = ids
        .chunks(IDS_IN_NOTICE_MAX)
        .map(|part| part.join(","))
        .collect();
    let statement = client
        .prepare_cached("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS n (payload)")
        .await?;
    client.query(&statement, &[&NEWS_CHANNEL, &notices]).await?;
    Ok(())
}

/// Tells workers, until `stop`, that this process has written to the outbox: for a process that has no worker. Those that hear
/// nothing look on a beat.
pub async fn announce_outbox(config: Config, engine: Engine, stop: CancellationToken) {
    let mut written = engine.outbox_written();
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = announce(&config, &mut written) => {
                debug!(?ended, "The connection that announces the outbox ended and is made again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT_PAUSE) => {}
        }
    }
}

async fn announce(
    config: &Config,
    written: &mut watch::Receiver<()>,
) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // Said once at the beginning: something may have been written while there was no connection.
    written.mark_changed();
    let tell = async {
        while written.changed().await.is_ok() {
            client
                .batch_execute(&format!("NOTIFY {OUTBOX_CHANNEL}"))
                .await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = connection => ended,
        ended = tell => ended,
    }
}

/// Listens until `stop` and wakes the watchers of this node. A lost connection is made again.
pub async fn relay_news(config: Config, engine: Engine, stop: CancellationToken) {
    let wake = |payload: &str| {
        let ids = payload.split(',').filter_map(|id| id.parse().ok());
        engine.wake(ids);
    };
    keep_listening(&config, NEWS_CHANNEL, wake, stop).await;
}

/// Listens until `stop` and passes on that another process wrote to the outbox.
pub(crate) async fn hear_of_outbox(
    config: Config,
    wake: watch::Sender<()>,
    stop: CancellationToken,
) {
    let wake = |_payload: &str| {
        wake.send_replace(());
    };
    keep_listening(&config, OUTBOX_CHANNEL, wake, stop).await;
}

async fn keep_listening(
    config: &Config,
    channel: &str,
    hear: impl Fn(&str),
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = listen(config, channel, &hear) => {
                debug!(?ended, channel, "A connection that listens ended and is made again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT_PAUSE) => {}
        }
    }
}

async fn listen(
    config: &Config,
    channel: &str,
    hear: impl Fn(&str),
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let (notices, mut heard) = mpsc::channel(NOTICES_MAX);
    let driver = async move {
        while let Some(message) =
            std::future::poll_fn(|context| connection.poll_message(context)).await
        {
            if let AsyncMessage::Notification(notice) = message? {
                // Full means that thousands wait: dropping one only makes a watcher look a second later.
                let _lost = notices.try_send(notice.payload().to_owned());
            }
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    let passed_on = async {
        client.batch_execute(&format!("LISTEN {channel}")).await?;
        while let Some(payload) = heard.recv().await {
            hear(&payload);
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    tokio::try_join!(driver, passed_on)?;
    Ok(())
}
