//! A counterparty's own table in the configuration.

use serde::de::DeserializeOwned;

use super::{Frame, OpenError};

impl Frame {
    /// Reads `[counterparties.<name>]`; nothing when there is no such table.
    ///
    /// # Errors
    /// When the table does not have the fields that `T` has.
    pub fn settings<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, OpenError> {
        let table = self.config.counterparties.get(name).cloned();
        table
            .map(T::deserialize)
            .transpose()
            .map_err(|cause| OpenError::Settings { name, cause })
    }
}
