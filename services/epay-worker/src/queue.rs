//! The job queue's own schema, and what the service role may do in it.

use graphile_worker::WorkerOptions;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use tokio_postgres::Config;

use crate::WorkerError;

/// The engine puts jobs in as the service role, inside its own transactions.
const GRANTS: &str = "GRANT USAGE ON SCHEMA graphile_worker TO epay_service;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO epay_service;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO epay_service;";

/// Makes or upgrades the queue's schema. Part of `epay migrate`, after the other migrations.
///
/// # Errors
/// [`WorkerError::Queue`].
pub async fn install_queue(config: &Config) -> Result<(), WorkerError> {
    let database =
        TokioPostgresDatabase::from_config(config.clone(), 2).map_err(WorkerError::queue)?;
    let pool = database.pool().clone();
    // Making a worker brings the schema up to date; it is dropped without having run.
    WorkerOptions::default()
        .database(database)
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .map_err(WorkerError::queue)?;
    pool.get().await?.batch_execute(GRANTS).await?;
    pool.close();
    Ok(())
}
