//! The bank's books in its own PostgreSQL database: accounts, transactions, lines, and the outbox of notices.
//!
//! [`Books::open`] migrates under an advisory lock and opens the configured accounts; [`post`](Books::post) writes transfers;
//! the outbox functions serve the channel; the query functions serve the API and pages. Every write that belongs
//! together is one database transaction.

mod accounts;
pub(crate) use accounts::interbank_account;
mod error;
mod migrate;
mod outbox;
mod post;
mod query;
mod scans;
mod summary;
mod timers;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::NoTls;

pub use error::BooksError;
pub use outbox::{DueNotice, NoticeRow, Outcome};
pub use query::{AccountRow, Filter, NoticeState, Page, TransactionRow};
pub use summary::{NoticeCounts, PayeeSum, Summary};

use crate::clock::Clock;
use crate::config::Config;

/// Connections to the database: pages and API share them with the sender.
const CONNECTIONS_MAX: usize = 12;

/// No statement takes long; one that does is stuck behind something that will not end.
const STATEMENT_LIMIT: &str = "-c statement_timeout=20s";

/// A handle on the books; cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Books {
    pool: Pool,
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
        let manager = Manager::from_config(
            database,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .build()
            .map_err(BooksError::Pool)?;
        let row = pool
            .get()
            .await?
            .query_one("SELECT ahead_us FROM clock", &[])
            .await?;
        let clock = Clock::ahead_by(row.try_get(0)?);
        let books = Self { pool, clock };
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

    /// Closes the connections.
    pub fn close(&self) {
        self.pool.close();
    }
}
