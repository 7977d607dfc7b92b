//! What can keep the books from answering, and whether money may have moved.

use thiserror::Error;

/// Why the books did not do as asked.
#[derive(Debug, Error)]
pub enum BooksError {
    /// The connection string or the pool's settings are not usable.
    #[error("the pool of database connections cannot be built")]
    Pool(#[source] deadpool_postgres::BuildError),
    /// No connection.
    #[error("the books are not reachable")]
    Unreachable(#[from] deadpool_postgres::PoolError),
    /// A statement failed; the database transaction was rolled back.
    #[error("the books refused a statement")]
    Statement(#[from] tokio_postgres::Error),
    /// The answer to COMMIT never came: the rows are there, or they are not.
    #[error("the answer to the commit was lost")]
    CommitUnknown(#[source] tokio_postgres::Error),
    /// The schema could not be brought up to date.
    #[error("the schema of the books could not be brought up to date")]
    Migration(#[source] refinery::Error),
    /// The payer has too little.
    #[error("account {account} holds too little")]
    TooLittle {
        /// The payer's account.
        account: String,
    },
    /// An account that is not in the books.
    #[error("account {account} is not in the books")]
    NoAccount {
        /// The number asked for.
        account: String,
    },
    /// The scan has already been paid.
    #[error("this scan has already been paid")]
    ScanUsed,
    /// A message or row could not be drawn up.
    #[error("a message could not be written")]
    Message(#[from] std::io::Error),
    /// A balance would leave the range of 64 bits.
    #[error("an amount is out of range")]
    Range,
    /// A stored row is not what this program wrote.
    #[error("a stored row is not readable")]
    Row(#[from] serde_json::Error),
}
