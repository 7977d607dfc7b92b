//! What can go wrong behind the door. What fails is tried again.

use epay_engine::EngineError;
use epay_store::StoreError;

/// Why a piece of work was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Something that should not happen: the words say what.
    #[error("a part of the worker did not do what was asked: {0}")]
    Broken(String),
    /// The store.
    #[error("the store did not do what was asked")]
    Store(#[from] StoreError),
    /// The store of contacts.
    #[error("the store of contacts did not do what was asked")]
    Contacts(#[from] epay_contact::ContactError),
    /// The engine.
    #[error("the engine did not do what was asked")]
    Engine(#[from] EngineError),
}

impl WorkerError {
    pub(crate) fn broken(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<tokio_postgres::Error> for WorkerError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Store(StoreError::from(error))
    }
}

impl From<deadpool_postgres::PoolError> for WorkerError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Broken(error.to_string())
    }
}
