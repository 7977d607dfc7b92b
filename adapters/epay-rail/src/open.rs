//! Why a rail could not be opened with its configuration table.

use core::error::Error;

/// A fault in a rail's own settings. The process that reads the configuration does not start with one.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The table cannot be read: a word that no setting has, or a value of the wrong kind.
    #[error("the rail's settings cannot be read")]
    Settings(#[source] Box<dyn Error + Send + Sync>),
    /// A setting has a value that the rail cannot work with.
    #[error("the setting {name} cannot be used: {problem}")]
    BadSetting {
        /// The setting's name in the rail's table.
        name: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

impl OpenError {
    /// A setting that cannot be used.
    #[must_use]
    pub fn bad_setting(name: &'static str, problem: impl Into<String>) -> Self {
        Self::BadSetting {
            name,
            problem: problem.into(),
        }
    }
}
