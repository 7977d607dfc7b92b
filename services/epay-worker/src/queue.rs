//! The job queue's own schema. The service role has no rights in it: it puts jobs in through `epay.put_job`.

use graphile_worker::WorkerOptions;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use tokio_postgres::Config;

use crate::WorkerError;

/// Makes or upgrades the queue's schema. Part of `epay migrate`, after the other migrations.
///
/// # Errors
/// [`WorkerError::Queue`].
pub async fn install_queue(config: &Config) -> Result<(), WorkerError> {
    let database =
        TokioPostgresDatabase::from_config(config.clone(), 2).map_err(WorkerError::queue)?;
    // Making a worker brings the schema up to date; it is dropped without having run.
    WorkerOptions::default()
        .database(database)
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .map_err(WorkerError::queue)?;
    Ok(())
}
