//! Applying the migrations of several crates to one database.
//!
//! Each crate embeds its own files and keeps its own history table, `migrations_<set>`. The sets run in the order
//! given, which is the order of the tiers: a later set may refer to tables of an earlier one. refinery takes no lock of its
//! own, so two nodes that start together are put in line here by a session-level advisory lock; the
//! second finds nothing left to do. Every file is one transaction.

use std::time::Duration;

use tokio_postgres::Config;

use crate::error::PgError;
use crate::session::{Session, connect};

/// The advisory lock that migrations hold: the letters "epay migr" as a number.
const MIGRATION_LOCK: i64 = 0x6570_6179_6d69_6772;

/// How long a node waits for another one to finish migrating. A migration that rewrites a large table can
/// take minutes; past this, something is stuck and a person should look.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// The migrations of one crate.
#[derive(Debug, Clone, Copy)]
pub struct MigrationSet {
    /// Names the history table, `migrations_<name>`: lower-case letters, digits and `_`.
    pub name: &'static str,
    /// The crate's `embed_migrations!` runner.
    pub runner: fn() -> refinery::Runner,
}

/// One migration that a run has applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The set it belongs to.
    pub set: &'static str,
    /// The number at the front of its file name.
    pub version: i64,
    /// The rest of its file name.
    pub name: String,
}

/// What a run has done; empty when the database was up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// In the order of application.
    pub applied: Vec<AppliedMigration>,
}

/// Why migrations did not run to their end. Files that were applied before stay applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The name of a set cannot name a table.
    #[error("migration set {0:?} is not named with lower-case letters, digits and underscores")]
    Name(&'static str),
    /// The database could not be reached, or another node kept the lock for longer than the bound.
    #[error("the migration lock could not be taken")]
    Lock(#[source] PgError),
    /// A file failed, or the history in the database differs from the files.
    #[error("migration set {set} could not be applied")]
    Apply {
        /// The set that stopped the run.
        set: &'static str,
        /// What refinery says, with the file's name.
        #[source]
        source: Box<refinery::Error>,
    },
}

/// Brings a database up to date.
///
/// # Errors
/// See [`MigrateError`]. Running again after the cause is gone continues where it stopped.
pub async fn migrate(
    config: &Config,
    sets: &[MigrationSet],
) -> Result<MigrationReport, MigrateError> {
    for set in sets {
        check_name(set.name)?;
    }
    let mut config = config.clone();
    config.application_name("epay migrate");
    let mut session = connect(&config).await.map_err(MigrateError::Lock)?;
    lock(&session).await.map_err(MigrateError::Lock)?;
    let done = apply(&mut session, sets).await;
    // Closing the session gives the lock back, whatever happened.
    session.close().await;
    done
}

async fn lock(session: &Session) -> Result<(), PgError> {
    let client = session.client();
    let wait_ms = LOCK_WAIT_MAX.as_millis();
    client
        .batch_execute(&format!("SET lock_timeout = '{wait_ms}ms'"))
        .await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])
        .await?;
    // The files themselves decide how long they may wait for a table.
    client.batch_execute("RESET lock_timeout").await?;
    Ok(())
}

async fn apply(
    session: &mut Session,
    sets: &[MigrationSet],
) -> Result<MigrationReport, MigrateError> {
    let mut report = MigrationReport::default();
    for set in sets {
        let mut runner = (set.runner)();
        runner.set_migration_table_name(format!("migrations_{}", set.name));
        let done = runner
            .run_async(session.client_mut())
            .await
            .map_err(|source| MigrateError::Apply {
                set: set.name,
                source: Box::new(source),
            })?;
        for migration in done.applied_migrations() {
            tracing::info!(set = set.name, migration = %migration, "a migration was applied");
            report.applied.push(AppliedMigration {
                set: set.name,
                version: i64::from(migration.version()),
                name: migration.name().to_owned(),
            });
        }
    }
    Ok(report)
}

fn check_name(name: &'static str) -> Result<(), MigrateError> {
    let fits = !name.is_empty()
        && name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        Ok(())
    } else {
        Err(MigrateError::Name(name))
    }
}
