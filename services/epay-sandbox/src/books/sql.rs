//! How the books are read and written: by a statement's text, which the database plans once a connection.
//!
//! PostgreSQL's protocol has a statement parsed and described before it is run, and closed afterwards. Whoever holds the row of
//! an account that many pay into would hold it for that much longer, so the driver's cache keeps what it has seen. It grows by one
//! entry a text: texts are constants, or put together of a few constants, and never hold a value.

use deadpool_postgres::GenericClient;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

/// A connection, or a transaction on one.
pub(crate) trait Sql {
    /// Runs a statement. Returns how many rows it changed.
    ///
    /// # Errors
    /// When the database refuses it or does not answer, as all of these.
    fn execute(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// All rows.
    fn query(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;

    /// The only row; none or more than one is an error.
    fn query_one(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Row, Error>> + Send;

    /// The only row, where there is one.
    fn query_opt(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send;
}

impl<C: GenericClient> Sql for C {
    async fn execute(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        let statement = self.prepare_cached(sql).await?;
        GenericClient::execute(self, &statement, values).await
    }

    async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let statement = self.prepare_cached(sql).await?;
        GenericClient::query(self, &statement, values).await
    }

    async fn query_one(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        let statement = self.prepare_cached(sql).await?;
        GenericClient::query_one(self, &statement, values).await
    }

    async fn query_opt(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Error> {
        let statement = self.prepare_cached(sql).await?;
        GenericClient::query_opt(self, &statement, values).await
    }
}
