//! Bringing a database up to this version: the crates' own migrations.

use anyhow::Context;
use tokio_postgres::Config;

/// Runs all migrations. Two nodes that start together do not race.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let sets = [
        epay_ledger_pg::MIGRATIONS,
        epay_store::MIGRATIONS,
        epay_contact::MIGRATIONS,
    ];
    let report = epay_pg::migrate(config, &sets)
        .await
        .context("migrations")?;
    tracing::info!(
        applied = report.applied.len(),
        "The database is up to date: {} migrations were applied",
        report.applied.len()
    );
    Ok(())
}
