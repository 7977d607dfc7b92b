//! A database a test: copied from a migrated template, gone afterwards.
//!
//! The connection string of a server with the right to create databases comes in `EPAY_TEST_DATABASE_URL`. The first test that needs a
//! set of migrations makes the template (under an advisory lock, so that other processes wait for it); every test then
//! copies it, which takes a tenth of a second instead of the time of all migrations. Names start with `tpl_` and `t_`.

mod rows;

use deadpool_postgres::Pool;
use tokio_postgres::Config;
use uuid::Uuid;

use crate::fingerprint::fingerprint;
use crate::migrate::{MigrationSet, migrate};
use crate::pool::{PoolOptions, build_pool, parse_config, quote_identifier};
use crate::session::{Session, connect};

pub use rows::{Rows, holds};

/// Names the administrator's connection string.
pub const DATABASE_URL: &str = "EPAY_TEST_DATABASE_URL";

/// The advisory lock held while a template is made. One for all templates: they also create
/// roles, which belong to the whole cluster.
const TEMPLATE_LOCK: i64 = 0x6570_6179_7465_7374;

/// Connections in a test's own pool: enough to race against oneself.
const POOL_SIZE: usize = 6;

/// What a template's last step may fail with.
pub type SetupError = Box<dyn std::error::Error + Send + Sync>;

/// A database for one test. Dropping it drops the database, connections or not.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Config,
    config: Config,
    name: String,
}

impl TestDatabase {
    /// Makes a database with these migrations applied.
    ///
    /// # Panics
    /// Without a server, and when a migration fails: the test cannot go on either way.
    pub async fn create(sets: &[MigrationSet]) -> Self {
        Self::create_with("plain", sets, async |_: &Config| Ok(())).await
    }

    /// Makes a database with these migrations and one more step that refinery does not do, such as
    /// another library's tables. The step runs once a template; `name` tells templates with different steps
    /// apart and changes when the step does.
    ///
    /// # Panics
    /// As [`TestDatabase::create`], and when the step fails.
    pub async fn create_with<After>(name: &str, sets: &[MigrationSet], after: After) -> Self
    where
        After: AsyncFnOnce(&Config) -> Result<(), SetupError>,
    {
        let admin = admin_config();
        let session = connect(&admin)
            .await
            .unwrap_or_else(|error| stop("the test server cannot be reached", &error));
        let template = template_name(name, sets);
        let made = ensure_template(&admin, &session, &template, sets, after).await;
        made.unwrap_or_else(|error| stop("the template database cannot be made", error.as_ref()));
        let name = format!("t_{}", Uuid::now_v7().simple());
        let copy = format!(
            "CREATE DATABASE {} TEMPLATE {}",
            quote_identifier(&name),
            quote_identifier(&template)
        );
        if let Err(error) = session.client().batch_execute(&copy).await {
            stop("the test database cannot be made", &error);
        }
        session.close().await;
        Self {
            config: on_database(&admin, &name),
            admin,
            name,
        }
    }

    /// How to connect, as the owner.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same as [`TestDatabase::config`] as a connection string, for other processes.
    ///
    /// # Panics
    /// When `EPAY_TEST_DATABASE_URL` has gone or changed its form since.
    #[must_use]
    pub fn url(&self) -> String {
        with_database(&admin_url(), &self.name)
    }

    /// A small pool, as the owner.
    ///
    /// # Panics
    /// Never with the built-in options.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.pool_with(PoolOptions {
            size: POOL_SIZE,
            ..PoolOptions::named("epay test")
        })
    }

    /// A small pool on the service's role, which the migrations must have created.
    ///
    /// # Panics
    /// Never with the built-in options.
    #[must_use]
    pub fn service_pool(&self) -> Pool {
        self.pool_with(
            PoolOptions {
                size: POOL_SIZE,
                ..PoolOptions::named("epay test")
            }
            .as_service(),
        )
    }

    /// A pool with options of the test's own.
    ///
    /// # Panics
    /// When the options make no pool.
    #[must_use]
    pub fn pool_with(&self, options: PoolOptions) -> Pool {
        build_pool(&self.config, &options)
            .unwrap_or_else(|error| stop("the options make no pool", &error))
    }

    /// All that the database holds, as its owner sees it.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn rows(&self) -> Rows {
        let client = self.pool().get().await;
        let client = client.unwrap_or_else(|error| stop("no connection", &error));
        let read = Rows::read(&client).await;
        read.unwrap_or_else(|error| stop("the rows cannot be read", &error))
    }

    /// Drops the database now and waits for it.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn remove(self) {
        if let Err(error) = drop_database(&self.admin, &self.name).await {
            stop("the test database cannot be dropped", &error);
        }
    }
}

impl Drop for TestDatabase {
    /// Best effort: a database that stays behind goes with its cluster.
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // A runtime cannot be entered from within a runtime, hence a thread; joined, because the process may end next.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map(|runtime| runtime.block_on(drop_database(&admin, &name)))
        });
        match dropping.join() {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::debug!(%error, "a test database stays behind"),
            Ok(Err(error)) => tracing::debug!(%error, "a test database stays behind"),
            Err(_) => tracing::debug!("a test database stays behind"),
        }
    }
}

async fn drop_database(admin: &Config, name: &str) -> Result<(), crate::PgError> {
    let session = connect(admin).await?;
    let statement = format!(
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
        quote_identifier(name)
    );
    let done = session.client().batch_execute(&statement).await;
    session.close().await;
    Ok(done?)
}

/// Makes the template unless it is there. It is marked as a template last, so a half-made one is recognised and replaced.
async fn ensure_template<After>(
    admin: &Config,
    session: &Session,
    template: &str,
    sets: &[MigrationSet],
    after: After,
) -> Result<(), SetupError>
where
    After: AsyncFnOnce(&Config) -> Result<(), SetupError>,
{
    if is_complete(session, template).await? {
        return Ok(());
    }
    let client = session.client();
    client
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await?;
    // Another process may have made it while this one waited. The lock ends with the session if this fails.
    if !is_complete(session, template).await? {
        let quoted = quote_identifier(template);
        client
            .batch_execute(&format!("DROP DATABASE IF EXISTS {quoted} WITH (FORCE)"))
            .await?;
        client
            .batch_execute(&format!("CREATE DATABASE {quoted}"))
            .await?;
        let config = on_database(admin, template);
        migrate(&config, sets).await?;
        after(&config).await?;
        client
            .batch_execute(&format!(
                "ALTER DATABASE {quoted} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
            ))
            .await?;
    }
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&TEMPLATE_LOCK])
        .await?;
    Ok(())
}

async fn is_complete(session: &Session, template: &str) -> Result<bool, tokio_postgres::Error> {
    let row = session
        .client()
        .query_opt(
            "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate",
            &[&template],
        )
        .await?;
    Ok(row.is_some())
}

fn template_name(name: &str, sets: &[MigrationSet]) -> String {
    let mut parts: Vec<Vec<u8>> = vec![name.as_bytes().to_vec()];
    for set in sets {
        parts.push(set.name.as_bytes().to_vec());
        for migration in (set.runner)().get_migrations() {
            parts.push(migration.to_string().into_bytes());
            parts.push(migration.checksum().to_le_bytes().to_vec());
        }
    }
    format!("tpl_{}", fingerprint(parts.iter().map(Vec::as_slice)))
}

fn on_database(admin: &Config, name: &str) -> Config {
    let mut config = admin.clone();
    config.dbname(name);
    config
}

/// Puts a database's name into a connection string: after the host in a URL, as one more pair otherwise, where the last one wins.
fn with_database(connection: &str, name: &str) -> String {
    let Some((scheme, rest)) = connection.split_once("://") else {
        return format!("{connection} dbname={name}");
    };
    let (before, query) = match rest.split_once('?') {
        Some((before, query)) => (before, format!("?{query}")),
        None => (rest, String::new()),
    };
    let hosts = before.split_once('/').map_or(before, |(hosts, _)| hosts);
    format!("{scheme}://{hosts}/{name}{query}")
}

#[expect(
    clippy::panic,
    reason = "the first thing a developer without a server should read"
)]
fn admin_url() -> String {
    std::env::var(DATABASE_URL)
        .unwrap_or_else(|_| panic!("these tests need PostgreSQL: run `cargo xtask test`"))
}

fn admin_config() -> Config {
    parse_config(&admin_url())
        .unwrap_or_else(|error| stop("EPAY_TEST_DATABASE_URL cannot be read", &error))
}

#[expect(
    clippy::panic,
    reason = "a test without its database has nothing to return an error to"
)]
fn stop(what: &str, error: &(dyn std::error::Error + 'static)) -> ! {
    let mut text = format!("{what}: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    panic!("{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_put_into_every_shape_of_connection_string() {
        for (connection, expected) in [
            (
                "postgresql:///postgres?user=postgres&host=%2Ftmp",
                "postgresql:///t_1?user=postgres&host=%2Ftmp",
            ),
            (
                "postgres://u:p@a:1,b:2/postgres",
                "postgres://u:p@a:1,b:2/t_1",
            ),
            ("postgres://localhost", "postgres://localhost/t_1"),
            (
                "host=/tmp user=postgres",
                "host=/tmp user=postgres dbname=t_1",
            ),
        ] {
            assert_eq!(with_database(connection, "t_1"), expected);
            let read: Config = expected.parse().expect("reads");
            assert_eq!(read.get_dbname(), Some("t_1"));
        }
    }
}
