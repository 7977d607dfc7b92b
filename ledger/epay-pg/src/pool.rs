//! A connection pool with a bound on everything that can wait.
//!
//! A connection is made (time-out `create`), takes its role, is lent (time-out `wait`), and is looked at again before it
//! is lent the next time: one that is old is replaced, so that a fail-over or a changed address is noticed; one that
//! has been idle is asked for an empty statement, so that a dead TCP connection is met here and not in a payment.
//!
//! Statements should go through `prepare_cached`: the cache belongs to the connection and dies with it.

use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Pool, RecyclingMethod, Runtime,
};
use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, SslMode};

use crate::error::{PgError, PgErrorKind};

/// The group role that services run as: it may read and insert, and has no UPDATE or DELETE on journals.
/// The ledger's migrations create it.
pub const SERVICE_ROLE: &str = "epay_service";

/// A connection older than this is replaced when it comes back, so that hosts behind a name are looked up again.
const AGE_MAX: Duration = Duration::from_secs(30 * 60);
/// A connection idle for longer than this proves that it is alive before it is lent.
const IDLE_UNCHECKED_MAX: Duration = Duration::from_secs(5);
/// How long a TCP connect to one host may take before the next host of the list is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long sent bytes may stay unacknowledged before the kernel gives the connection up.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a TCP connection may be silent before the kernel probes the other side.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);

/// How a pool behaves. Every field is a bound or a name; the defaults suit one service on one node.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Most connections open at once. PostgreSQL works best with few: about twice its cores.
    pub size: usize,
    /// How long a caller may wait for a free connection.
    pub wait: Duration,
    /// How long making a connection may take, all hosts together.
    pub create: Duration,
    /// How long the check of a returned connection may take.
    pub recycle: Duration,
    /// Shown in `pg_stat_activity`. A name inside the connection string wins.
    pub application_name: String,
    /// The role every connection takes on, by `SET ROLE`; `None` keeps the login role.
    pub role: Option<String>,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 8,
            wait: Duration::from_secs(5),
            create: Duration::from_secs(10),
            recycle: Duration::from_secs(2),
            application_name: "epay".to_owned(),
            role: None,
        }
    }
}

impl PoolOptions {
    /// Options with this name in `pg_stat_activity`.
    #[must_use]
    pub fn named(application_name: impl Into<String>) -> Self {
        Self {
            application_name: application_name.into(),
            ..Self::default()
        }
    }

    /// The same, on connections that took on [`SERVICE_ROLE`].
    #[must_use]
    pub fn as_service(mut self) -> Self {
        self.role = Some(SERVICE_ROLE.to_owned());
        self
    }
}

/// Reads a connection string: a URL or `key=value` pairs; Unix sockets, several hosts and
/// `target_session_attrs=read-write` included.
///
/// # Errors
/// Kind `Broken` when the string cannot be read or demands TLS, for which no connector is built in.
pub fn parse_config(connection: &str) -> Result<Config, PgError> {
    let config: Config = connection
        .parse()
        .map_err(|error: tokio_postgres::Error| PgError::new(PgErrorKind::Broken, error))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(PgError::new(
            PgErrorKind::Broken,
            "the connection string demands TLS (sslmode=require), and this build has no TLS for PostgreSQL",
        ));
    }
    Ok(config)
}

/// Builds a pool. No connection is made yet.
///
/// # Errors
/// Kind `Broken` when the options make no pool (size zero).
pub fn build_pool(config: &Config, options: &PoolOptions) -> Result<Pool, PgError> {
    if options.size == 0 {
        return Err(PgError::new(
            PgErrorKind::Broken,
            "a pool needs at least one connection",
        ));
    }
    let manager = Manager::from_config(
        with_bounds(config, options),
        NoTls,
        ManagerConfig {
            // The hook below does what `Verified` does, but not on every single loan.
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let mut builder = Pool::builder(manager)
        .max_size(options.size)
        .wait_timeout(Some(options.wait))
        .create_timeout(Some(options.create))
        .recycle_timeout(Some(options.recycle))
        .runtime(Runtime::Tokio1)
        .pre_recycle(Hook::async_fn(|client, metrics| {
            Box::pin(check_returned(client, metrics))
        }));
    if let Some(role) = &options.role {
        let statement = format!("SET ROLE {}", quote_identifier(role));
        builder = builder.post_create(Hook::async_fn(move |client: &mut ClientWrapper, _| {
            let statement = statement.clone();
            Box::pin(async move {
                client
                    .batch_execute(&statement)
                    .await
                    .map_err(HookError::Backend)
            })
        }));
    }
    builder
        .build()
        .map_err(|error| PgError::new(PgErrorKind::Broken, error))
}

/// Refuses a returned connection that is too old or does not answer; the pool then makes a new one.
async fn check_returned(client: &mut ClientWrapper, metrics: &Metrics) -> Result<(), HookError> {
    if metrics.age() > AGE_MAX {
        return Err(HookError::message("older than the age bound"));
    }
    if metrics.last_used() > IDLE_UNCHECKED_MAX {
        client.batch_execute("").await.map_err(HookError::Backend)?;
    }
    Ok(())
}

/// Adds what the connection string leaves open: a name and time-outs. What it says itself is kept.
fn with_bounds(config: &Config, options: &PoolOptions) -> Config {
    let mut config = config.clone();
    if config.get_application_name().is_none() {
        config.application_name(options.application_name.as_str());
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if config.get_keepalives() && config.get_keepalives_idle() > KEEPALIVES_IDLE {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    config
}

/// Quotes a name for use inside a statement: PostgreSQL doubles the quote within.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_connection_string_is_read() {
        for (text, hosts) in [
            ("postgresql://postgres@localhost/epay", 1),
            ("postgresql:///epay?user=postgres&host=%2Frun%2Fpg", 1),
            ("host=/run/pg user=postgres dbname=epay", 1),
            (
                "postgresql://u:p@a:5432,b:5433/epay?target_session_attrs=read-write",
                2,
            ),
        ] {
            let config = parse_config(text).expect(text);
            assert_eq!(config.get_hosts().len(), hosts, "{text}");
            assert_eq!(config.get_dbname(), Some("epay"), "{text}");
        }
    }

    #[test]
    fn a_string_that_demands_tls_is_refused_and_not_downgraded() {
        let error = parse_config("postgresql://db/epay?sslmode=require").expect_err("refused");
        assert_eq!(*error.kind(), PgErrorKind::Broken);
    }

    #[test]
    fn a_name_and_time_outs_of_the_string_win() {
        let given = parse_config("host=db application_name=mine connect_timeout=1").expect("reads");
        let bounded = with_bounds(&given, &PoolOptions::named("other"));
        assert_eq!(bounded.get_application_name(), Some("mine"));
        assert_eq!(bounded.get_connect_timeout(), Some(&Duration::from_secs(1)));
        assert_eq!(bounded.get_tcp_user_timeout(), Some(&TCP_USER_TIMEOUT));
    }

    #[test]
    fn a_quote_in_a_name_cannot_end_it() {
        assert_eq!(quote_identifier("epay_service"), "\"epay_service\"");
        assert_eq!(quote_identifier("a\" b"), "\"a\"\" b\"");
    }

    #[test]
    fn a_pool_of_nothing_is_refused() {
        let options = PoolOptions {
            size: 0,
            ..PoolOptions::default()
        };
        assert!(build_pool(&Config::new(), &options).is_err());
    }
}
