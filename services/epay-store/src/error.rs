//! What can go wrong between a row and the domain.

use epay_pg::PgError;

/// Why a read or a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL said no, or did not answer.
    #[error("the database did not do what was asked")]
    Database(#[source] PgError),
    /// A row holds something that the domain does not know: a fault of a migration or of a hand.
    #[error("column {column} of {table} holds a value that this version does not know")]
    Unknown {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}

impl StoreError {
    /// The database error, where there is one.
    #[must_use]
    pub const fn database(&self) -> Option<&PgError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Unknown { .. } => None,
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(PgError::from(error))
    }
}

impl From<PgError> for StoreError {
    fn from(error: PgError) -> Self {
        Self::Database(error)
    }
}
