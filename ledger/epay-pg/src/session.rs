//! A single connection outside any pool, for migrations and administration.
//!
//! tokio-postgres splits a connection into a client and a task that moves bytes. Both live and end together here, so
//! that "the session is closed" is something a caller can wait for.

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

use crate::error::PgError;

/// One open connection. Dropping it closes the connection; [`Session::close`] also waits for that.
#[derive(Debug)]
pub struct Session {
    client: Client,
    driver: JoinHandle<()>,
}

/// Opens one connection.
///
/// # Errors
/// [`PgError`], mostly of the kind `Unavailable`.
pub async fn connect(config: &Config) -> Result<Session, PgError> {
    let (client, connection) = config.connect(NoTls).await?;
    let driver = tokio::spawn(async move {
        // The statement that was under way gets the same error: here it is only worth a trace.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a PostgreSQL session ended");
        }
    });
    Ok(Session { client, driver })
}

impl Session {
    /// The client, to run statements on.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The client, for what needs it exclusively: transactions, migrations.
    #[must_use]
    pub fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Says goodbye to the server and waits until the socket is closed.
    pub async fn close(self) {
        let Self { client, driver } = self;
        drop(client);
        if driver.await.is_err() {
            tracing::debug!("the task of a PostgreSQL session was cancelled");
        }
    }
}
