//! News between nodes: a payment that changed on one node wakes its watchers on the others.
//!
//! PostgreSQL's NOTIFY carries the ids, outside any business transaction (its commit takes a lock over the
//! whole cluster). News may be lost or doubled: a watcher looks at the store, the news only tells it when.

use std::time::Duration;

use deadpool_postgres::Client;
use epay_engine::Engine;
use epay_money::PaymentId;
use epay_store::OutboxRow;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::WorkerError;

/// The channel.
pub const NEWS_CHANNEL: &str = "epay_payment";
/// Ids in one notice: a payload must stay below 8,000 bytes, and an id is 36 characters and a comma.
const IDS_IN_NOTICE_MAX: usize = 200;
/// Pause before a lost connection is made again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
/// Most notices that may wait to be passed on.
const NOTICES_MAX: usize = 1_024;

/// Tells the other nodes which payments changed.
pub(crate) async fn publish(client: &Client, rows: &[OutboxRow]) -> Result<(), WorkerError> {
    let changed: Vec<String> = rows
        .iter()
        .filter(|row| row.due_at.is_none())
        .filter_map(|row| row.payment)
        .map(|payment| payment.to_string())
        .collect();
    for part in changed.chunks(IDS_IN_NOTICE_MAX) {
        client
            .execute(
                "SELECT pg_notify($1, $2)",
                &[&NEWS_CHANNEL, &part.join(",")],
            )
            .await?;
    }
    Ok(())
}

/// Listens until `stop` and wakes the watchers of this node. A lost connection is made again.
pub async fn relay_news(config: Config, engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = listen(&config, &engine) => {
                debug!(?ended, "The news connection ended and is made again");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT_PAUSE) => {}
        }
    }
}

async fn listen(config: &Config, engine: &Engine) -> Result<(), tokio_postgres::Error> {
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
    let wake = async {
        client
            .batch_execute(&format!("LISTEN {NEWS_CHANNEL}"))
            .await?;
        while let Some(payload) = heard.recv().await {
            engine.wake(
                payload
                    .split(',')
                    .filter_map(|id| id.parse::<PaymentId>().ok()),
            );
        }
        Ok::<(), tokio_postgres::Error>(())
    };
    tokio::try_join!(driver, wake)?;
    Ok(())
}
