//! The bank's books in its own PostgreSQL database: accounts, transactions, lines, and the outbox of notices.
//!
//! [`Books::open`] migrates under an advisory lock and opens the configured accounts; [`post`](Books::post) writes transfers;
//! the outbox functions serve the channel; the query functions serve the API and pages. Every write that belongs
//! together is one database transaction.

mod accounts;
pub(crate) use accounts::interbank_account;
mod error;
pub(crate) mod locked;
mod migrate;
mod outbox;
mod post;
mod query;
mod scans;
mod sql;
mod summary;
mod timers;

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

pub use error::BooksError;
pub use outbox::{DueNotice, NoticeRow, Outcome};
pub use query::{AccountRow, Filter, NoticeState, Page, TransactionRow};
pub(crate) use sql::Sql;
pub use summary::{NoticeCounts, PayeeSum, Summary};

use crate::clock::Clock;
use crate::config::Config;

/// Connections to the database: pages and API share them with the sender.
const CONNECTIONS_MAX: usize = 12;
/// Connections for what is asked on the side while one of the others is held, as the menu of faults is in the middle of a payment.
/// They are a pool of their own: where everybody held a connection of one pool and waited for a second one, nobody would go on.
const ASIDE_CONNECTIONS_MAX: usize = 4;
/// How long a connection is waited for; by then whoever holds them will not give them back.
const CONNECTION_WAIT: Duration = Duration::from_secs(20);

/// No statement takes long; one that does is stuck behind something that will not end.
const STATEMENT_LIMIT: &str = "-c statement_timeout=20s";

/// A handle on the books; cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Books {
    pool: Pool,
    aside: Pool,
    clock: Clock,
}

impl Books {
    /// Brings the schema up to date and opens the configured accounts that are not open yet.
    ///
    /// # Errors
    /// When the database is not reachable, or holds another schema.
    pub async fn open(config: &Config) -> Result<Self, BooksError> {
        let mut database: tokio_postgres::Config = config.database_url.parse()?;
        migrate::run(&database).await?;
        if database.get_options().is_none() {
            database.options(STATEMENT_LIMIT);
        }
        let pool = pool_of(&database, CONNECTIONS_MAX)?;
        let aside = pool_of(&database, ASIDE_CONNECTIONS_MAX)?;
        let row = pool
            .get()
            .await?
            .query_one("SELECT ahead_us FROM clock", &[])
            .await?;
        let clock = Clock::ahead_by(row.try_get(0)?);
        let books = Self { pool, aside, clock };
        books.open_accounts(config, books.clock.now()).await?;
        Ok(books)
    }

    /// The clock that is stored in these books.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) async fn client(&self) -> Result<deadpool_postgres::Client, BooksError> {
        Ok(self.pool.get().await?)
    }

    /// A connection of the other pool. Whoever holds one waits for no other.
    pub(crate) async fn client_aside(&self) -> Result<deadpool_postgres::Client, BooksError> {
        Ok(self.aside.get().await?)
    }

    /// Closes the connections.
    pub fn close(&self) {
        self.pool.close();
        self.aside.close();
    }
}

fn pool_of(database: &tokio_postgres::Config, connections: usize) -> Result<Pool, BooksError> {
    let config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(database.clone(), NoTls, config);
    Pool::builder(manager)
        .max_size(connections)
        .wait_timeout(Some(CONNECTION_WAIT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(BooksError::Pool)
}
