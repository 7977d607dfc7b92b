//! One error for everything PostgreSQL says, sorted by what a caller can do about it.
//!
//! The kind comes from the SQLSTATE alone (PostgreSQL manual, appendix A), never from message text, which is translated
//! and changes between versions.

use std::fmt;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

/// What a caller can do about an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PgErrorKind {
    /// The server cannot be reached, is full, is shutting down, or has become read-only after a fail-over:
    /// the same work may succeed later. Whether an interrupted COMMIT happened is unknown.
    Unavailable,
    /// Another transaction was in the way (40001, 40P01): nothing was written, try the whole transaction again.
    Conflict,
    /// A constraint refused the row. The name is empty where the server did not say which one.
    Refused(String),
    /// Anything else: a statement or a row this code did not expect. Trying again will not help.
    Broken,
}

impl fmt::Display for PgErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("PostgreSQL is unavailable"),
            Self::Conflict => f.write_str("PostgreSQL reports a conflict with another transaction"),
            Self::Refused(constraint) if constraint.is_empty() => {
                f.write_str("PostgreSQL refused the row")
            }
            Self::Refused(constraint) => write!(f, "PostgreSQL refused the row by {constraint}"),
            Self::Broken => f.write_str("PostgreSQL could not do what was asked"),
        }
    }
}

/// An error of the pool, the connection or a statement.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct PgError {
    kind: PgErrorKind,
    sqlstate: Option<SqlState>,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl PgError {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> &PgErrorKind {
        &self.kind
    }

    /// The five-character code of the server, when the server was the one to speak.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&SqlState> {
        self.sqlstate.as_ref()
    }

    /// The constraint that refused the row, when that is what happened and the server named it.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match &self.kind {
            PgErrorKind::Refused(name) if !name.is_empty() => Some(name),
            PgErrorKind::Refused(_)
            | PgErrorKind::Unavailable
            | PgErrorKind::Conflict
            | PgErrorKind::Broken => None,
        }
    }

    pub(crate) fn new(
        kind: PgErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            sqlstate: None,
            source: source.into(),
        }
    }
}

impl From<tokio_postgres::Error> for PgError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self {
            kind: kind_of(&error),
            sqlstate: error.code().cloned(),
            source: Box::new(error),
        }
    }
}

impl From<PoolError> for PgError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                error.into()
            }
            PoolError::Timeout(_) | PoolError::Closed => Self::new(PgErrorKind::Unavailable, error),
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(HookError::Message(_)) => {
                Self::new(PgErrorKind::Broken, error)
            }
        }
    }
}

fn kind_of(error: &tokio_postgres::Error) -> PgErrorKind {
    let Some(db) = error.as_db_error() else {
        return if error.is_closed() || has_io_cause(error) {
            PgErrorKind::Unavailable
        } else {
            PgErrorKind::Broken
        };
    };
    kind_of_state(db.code().code(), db.constraint())
}

/// Sorts a SQLSTATE: exact codes first, then classes (the first two characters).
fn kind_of_state(code: &str, constraint: Option<&str>) -> PgErrorKind {
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => PgErrorKind::Conflict,
        // read_only_sql_transaction: after a fail-over this session sits on a standby.
        // admin_shutdown, crash_shutdown, cannot_connect_now, and the statement or lock time-outs.
        "25006" | "57P01" | "57P02" | "57P03" | "57P05" | "57014" | "55P03" => {
            PgErrorKind::Unavailable
        }
        _ => match code.get(..2) {
            // connection exception; insufficient resources (disk, memory, connections)
            Some("08" | "53") => PgErrorKind::Unavailable,
            // integrity constraint violation, raised by hand in a trigger too
            Some("23") => PgErrorKind::Refused(constraint.unwrap_or_default().to_owned()),
            _ => PgErrorKind::Broken,
        },
    }
}

/// Connecting fails with an `io::Error` somewhere in the chain; `is_closed` does not cover that case.
fn has_io_cause(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    // Running into `connect_timeout` and finding no host of the wanted kind carry no typed cause.
    matches!(
        error.to_string().split(':').next(),
        Some("error connecting to server" | "timeout waiting for server")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_sorted_by_what_a_caller_can_do() {
        let refused = |name: &str| PgErrorKind::Refused(name.to_owned());
        for (code, constraint, expected) in [
            ("40001", None, PgErrorKind::Conflict),
            ("40P01", None, PgErrorKind::Conflict),
            ("23505", Some("journal_pkey"), refused("journal_pkey")),
            (
                "23514",
                Some("journal_balances"),
                refused("journal_balances"),
            ),
            ("23503", None, refused("")),
            ("08006", None, PgErrorKind::Unavailable),
            ("53300", None, PgErrorKind::Unavailable),
            ("53100", None, PgErrorKind::Unavailable),
            ("57P01", None, PgErrorKind::Unavailable),
            ("25006", None, PgErrorKind::Unavailable),
            ("57014", None, PgErrorKind::Unavailable),
            ("42501", None, PgErrorKind::Broken),
            ("42P01", None, PgErrorKind::Broken),
            ("40002", None, PgErrorKind::Broken),
            ("", None, PgErrorKind::Broken),
        ] {
            assert_eq!(kind_of_state(code, constraint), expected, "{code}");
        }
    }
}
