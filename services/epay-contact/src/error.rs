//! What can go wrong with contacts. No money moves here, so no error leaves a doubt about any.

use deadpool_postgres::PoolError;
use epay_money::PersonId;
use epay_pg::PgError;

/// Why something was not read or written. Nothing was, where an error comes back.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// PostgreSQL said no, or did not answer.
    #[error("the database did not do what was asked")]
    Database(#[source] PgError),
    /// A row holds something that this version does not know: a fault of a migration or of a hand.
    #[error("column {column} of {table} holds a value that this version does not know")]
    Unknown {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Something sealed does not open: the key that wrapped it is gone from the configuration, or the row was altered.
    #[error(
        "{what} of {person:?} does not open: its key is not configured, or the row was altered"
    )]
    Sealed {
        /// What.
        what: &'static str,
        /// Whose; the others of a batch open without this person.
        person: PersonId,
    },
    /// Nothing could be sealed: the library refused, or drew no random bytes.
    #[error("nothing could be sealed")]
    NotSealed,
    /// There is no such person, or the person is forgotten.
    #[error("there is no such person")]
    NoPerson,
    /// The id, or who the person is at the sign-in service, is there already.
    #[error("the person is there already")]
    PersonIsThere,
    /// The ways that a person agreed to are not each named once, with an address there.
    #[error("each way that a person agreed to is named once, and has an address")]
    Ways,
    /// Who the person is at the sign-in service was to be changed.
    #[error("who a person is at the sign-in service is said once")]
    IdentityStays,
    /// The person was changed since the caller looked.
    #[error("the person was changed meanwhile")]
    VersionDiffers,
    /// The person is told of as many accounts as one may be.
    #[error("a person subscribes to at most {most} accounts")]
    TooManyAccounts {
        /// How many.
        most: usize,
    },
    /// As many people are told of the account as may be.
    #[error("at most {most} people subscribe to an account")]
    TooManySubscribers {
        /// How many.
        most: usize,
    },
}

impl ContactError {
    /// The database error, where there is one.
    #[must_use]
    pub const fn database(&self) -> Option<&PgError> {
        match self {
            Self::Database(error) => Some(error),
            Self::Unknown { .. }
            | Self::Sealed { .. }
            | Self::NotSealed
            | Self::NoPerson
            | Self::PersonIsThere
            | Self::Ways
            | Self::IdentityStays
            | Self::VersionDiffers
            | Self::TooManyAccounts { .. }
            | Self::TooManySubscribers { .. } => None,
        }
    }
}

impl From<tokio_postgres::Error> for ContactError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(PgError::from(error))
    }
}

impl From<PgError> for ContactError {
    fn from(error: PgError) -> Self {
        Self::Database(error)
    }
}

impl From<PoolError> for ContactError {
    fn from(error: PoolError) -> Self {
        Self::Database(PgError::from(error))
    }
}
