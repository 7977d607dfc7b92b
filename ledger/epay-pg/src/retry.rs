//! Doing a transaction again after another one was in its way.
//!
//! PostgreSQL answers 40001 or 40P01 when it had to sacrifice a transaction. Nothing of it was written, so the whole
//! transaction, reads included, may run again. It must be the whole: a caller passes the work, not a statement.

use std::time::Duration;

use crate::error::{PgError, PgErrorKind};

/// How often a transaction is tried. Lock order is fixed by the statements, so conflicts come from the odd
/// neighbour; ten in a row mean a hot spot that waiting will not cure.
pub const CONFLICT_ATTEMPTS_MAX: u32 = 10;

/// Pause after the first conflict; doubles each time.
const PAUSE_FIRST: Duration = Duration::from_millis(1);
/// Longest pause: a caller with a deadline of a second still gets its answer.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// An error that can tell whether running the same transaction again may help.
pub trait Conflicting {
    /// True for serialization failures and deadlocks, false for everything else.
    fn is_conflict(&self) -> bool;
}

impl Conflicting for PgError {
    fn is_conflict(&self) -> bool {
        *self.kind() == PgErrorKind::Conflict
    }
}

impl Conflicting for tokio_postgres::Error {
    fn is_conflict(&self) -> bool {
        self.code()
            .is_some_and(|state| matches!(state.code(), "40001" | "40P01"))
    }
}

/// Runs `work` until it ends in something other than a conflict, at most [`CONFLICT_ATTEMPTS_MAX`] times.
/// `work` receives the number of the attempt, starting at 1.
///
/// # Errors
/// Whatever `work` returned last.
pub async fn retry_serialization<T, E, Work, Doing>(mut work: Work) -> Result<T, E>
where
    E: Conflicting,
    Work: FnMut(u32) -> Doing,
    Doing: Future<Output = Result<T, E>>,
{
    let mut pause = PAUSE_FIRST;
    for attempt in 1..CONFLICT_ATTEMPTS_MAX {
        match work(attempt).await {
            Err(error) if error.is_conflict() => {
                tracing::debug!(attempt, "a transaction met a conflict and runs again");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(PAUSE_MAX);
            }
            done => return done,
        }
    }
    work(CONFLICT_ATTEMPTS_MAX).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Trouble {
        Conflict,
        Other,
    }

    impl Conflicting for Trouble {
        fn is_conflict(&self) -> bool {
            *self == Self::Conflict
        }
    }

    async fn run(script: &[Result<u32, Trouble>]) -> (Result<u32, Trouble>, u32) {
        let attempts = std::cell::Cell::new(0);
        let answer = retry_serialization(|attempt| {
            attempts.set(attempt);
            let step = match script.get(attempt as usize - 1) {
                Some(Ok(value)) => Ok(*value),
                Some(Err(Trouble::Other)) => Err(Trouble::Other),
                Some(Err(Trouble::Conflict)) | None => Err(Trouble::Conflict),
            };
            std::future::ready(step)
        })
        .await;
        (answer, attempts.get())
    }

    #[tokio::test]
    async fn only_conflicts_are_tried_again_and_only_so_often() {
        let conflict = || Err(Trouble::Conflict);
        assert_eq!(run(&[Ok(7)]).await, (Ok(7), 1));
        assert_eq!(run(&[conflict(), conflict(), Ok(7)]).await, (Ok(7), 3));
        assert_eq!(
            run(&[conflict(), Err(Trouble::Other), Ok(7)]).await,
            (Err(Trouble::Other), 2)
        );
        assert_eq!(run(&[]).await, (conflict(), CONFLICT_ATTEMPTS_MAX));
    }
}
