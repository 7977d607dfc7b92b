//! Why a command was not done, in words that a caller can act on.

use std::time::Duration;

use epay_domain::Refusal;
use epay_ledger_pg::LedgerPgError;
use epay_pg::{PgError, PgErrorKind};
use epay_store::StoreError;

/// Why a command was not done. Unless it says otherwise, nothing was written and no money moved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The domain refused it.
    #[error("the request was refused")]
    Refused(#[source] Refusal),
    /// There is no such thing.
    #[error("{what} was not found")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The idempotency key was used before for something else.
    #[error("this idempotency key was used before with another request; choose a new key")]
    KeyReused,
    /// The sender used a message id twice, with two bodies.
    #[error("a message with this id and another body was stored before")]
    MessageIdReused,
    /// Too much is waiting.
    #[error("too many requests are waiting; try again in {} ms", .retry_after.as_millis())]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The database could not be reached, or did not confirm. The request may have been recorded: repeat it
    /// with the same idempotency key and the first answer comes back.
    #[error("the outcome could not be confirmed; repeat the request with the same idempotency key")]
    Unavailable,
    /// The service is stopping.
    #[error("the service is stopping; nothing was started")]
    Stopping,
    /// A fault of ours.
    #[error("the request met a fault of the service: {0}")]
    Broken(String),
}

impl EngineError {
    /// A stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotFound { .. } => "NOT_FOUND",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::MessageIdReused => "MESSAGE_ID_REUSED",
            Self::Overloaded { .. } => "OVERLOADED",
            Self::Unavailable => "OUTCOME_UNCONFIRMED",
            Self::Stopping => "STOPPING",
            Self::Broken(_) => "INTERNAL",
        }
    }
}

/// What a failed batch should do next.
#[derive(Debug)]
pub(crate) enum BatchError {
    /// Somebody was in the way: decide it again.
    Again(String),
    /// The database is away: wait a little, then decide it again.
    Away(String),
    /// One of the commands cannot be written: halve the batch to find it.
    Spoiled(String),
}

impl From<&PgError> for BatchError {
    fn from(error: &PgError) -> Self {
        let text = chain(error);
        match error.kind() {
            PgErrorKind::Unavailable => Self::Away(text),
            // A unique key that another node filled first: the next decision sees it.
            PgErrorKind::Conflict | PgErrorKind::Refused(_) => Self::Again(text),
            PgErrorKind::Broken => Self::Spoiled(text),
        }
    }
}

impl From<StoreError> for BatchError {
    fn from(error: StoreError) -> Self {
        match error.database() {
            Some(database) => Self::from(database),
            None => Self::Spoiled(chain(&error)),
        }
    }
}

impl From<tokio_postgres::Error> for BatchError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::from(&PgError::from(error))
    }
}

impl From<deadpool_postgres::PoolError> for BatchError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::from(&PgError::from(error))
    }
}

impl From<LedgerPgError> for BatchError {
    fn from(error: LedgerPgError) -> Self {
        match error {
            LedgerPgError::Database(database) => Self::from(database),
            // Decided again, the batch is posted where the books are open.
            error @ LedgerPgError::PeriodClosed(_) => Self::Again(chain(&error)),
            other => Self::Spoiled(chain(&other)),
        }
    }
}

impl From<EngineError> for BatchError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Unavailable => Self::Away(chain(&error)),
            other => Self::Spoiled(chain(&other)),
        }
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error.database().map(PgError::kind) {
            Some(PgErrorKind::Unavailable | PgErrorKind::Conflict) => Self::Unavailable,
            _ => Self::Broken(chain(&error)),
        }
    }
}

impl From<deadpool_postgres::PoolError> for EngineError {
    fn from(_no_connection: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable
    }
}

/// An error with its causes, outermost first, for one log line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
