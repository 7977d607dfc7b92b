//! The rails of one configuration, opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use epay_money::RailId;
use epay_rail::{OpenError, Rail};

use crate::{Entry, rails};

/// The opened rails, by id. It does not change while the process runs.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    rails: BTreeMap<RailId, Arc<dyn Rail>>,
}

/// Why the rails of a configuration cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A table for a rail that does not exist.
    #[error("there is no rail {name:?}; the rails are: {known}")]
    UnknownRail {
        /// The table's key.
        name: String,
        /// Every rail's id, separated by commas.
        known: String,
    },
    /// A value where a table was expected, for instance `fps = true`.
    #[error("the setting rails.{name} must be a table, for instance [rails.{name}]")]
    NotATable {
        /// The key.
        name: String,
    },
    /// The table cannot be handed to the rail.
    #[error("the table [rails.{name}] cannot be written as text")]
    Table {
        /// The rail.
        name: String,
        /// Why.
        #[source]
        source: toml::ser::Error,
    },
    /// The rail does not open with its table.
    #[error("the rail {name} cannot be opened")]
    Open {
        /// The rail.
        name: String,
        /// What the rail says.
        #[source]
        source: OpenError,
    },
    /// A rail that calls itself something else than the list does. A fault of the program.
    #[error("the rail listed as {listed:?} calls itself {own:?}")]
    Misnamed {
        /// The id in the list.
        listed: String,
        /// The id in the rail's profile.
        own: String,
    },
}

impl Registry {
    /// Opens every rail that has a table; `tables` is the configuration's `rails` table.
    ///
    /// # Errors
    /// [`RegistryError`] for the first table, by name, that no rail opens with.
    pub fn from_tables(tables: &toml::Table) -> Result<Self, RegistryError> {
        Self::of(&rails(), tables)
    }

    /// Opens every rail with its defaults.
    ///
    /// # Errors
    /// As [`Registry::from_tables`].
    pub fn with_defaults() -> Result<Self, RegistryError> {
        let empty = |entry: &Entry| (entry.id.to_owned(), toml::Table::new().into());
        Self::from_tables(&rails().iter().map(empty).collect())
    }

    /// The opened rail of this id.
    #[must_use]
    pub fn get(&self, id: &RailId) -> Option<&Arc<dyn Rail>> {
        self.rails.get(id)
    }

    /// The opened rails, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&RailId, &Arc<dyn Rail>)> {
        self.rails.iter()
    }

    /// How many rails are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rails.len()
    }

    /// Whether no rail is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rails.is_empty()
    }

    fn of(entries: &[Entry], tables: &toml::Table) -> Result<Self, RegistryError> {
        let mut opened = BTreeMap::new();
        for (name, value) in tables {
            let name = name.clone();
            let Some(entry) = entries.iter().find(|entry| entry.id == name) else {
                let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
                let known = ids.join(", ");
                return Err(RegistryError::UnknownRail { name, known });
            };
            let Some(table) = value.as_table() else {
                return Err(RegistryError::NotATable { name });
            };
            let text = match toml::to_string(table) {
                Ok(text) => text,
                Err(source) => return Err(RegistryError::Table { name, source }),
            };
            let rail = match (entry.open)(&text) {
                Ok(rail) => rail,
                Err(source) => return Err(RegistryError::Open { name, source }),
            };
            let id = rail.profile().rail.clone();
            if id.as_str() != entry.id {
                let own = id.as_str().to_owned();
                return Err(RegistryError::Misnamed { listed: name, own });
            }
            opened.insert(id, Arc::from(rail));
        }
        Ok(Self { rails: opened })
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::{Registry, RegistryError};
    use crate::{Entry, rails};

    fn table(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    #[test]
    fn every_listed_rail_opens_with_its_defaults_under_its_own_id() {
        let registry = Registry::with_defaults().unwrap();
        assert_eq!(registry.len(), rails().len());
        for entry in rails() {
            let id = entry.id.parse().unwrap();
            let rail = registry.get(&id).expect("it is open");
            assert_eq!(rail.profile().rail, id);
        }
    }

    #[test]
    fn a_rail_without_a_table_is_not_open() {
        let registry = Registry::from_tables(&toml::Table::new()).unwrap();
        assert!(registry.is_empty());
        assert_eq!(registry.iter().count(), 0);
    }

    #[test]
    fn a_rail_gets_its_own_table() {
        let tables = table("[fps]\namount_max_cents = 500\nreceipt_cutoff = '16:00'");
        let registry = Registry::from_tables(&tables).unwrap();
        let (_, rail) = registry.iter().next().unwrap();
        assert_eq!(rail.profile().amount_max, 500);
    }

    #[test]
    fn a_wrong_configuration_is_refused_in_words_that_help() {
        let rows = [
            (
                "[cheque]",
                "there is no rail \"cheque\"; the rails are: fps",
            ),
            (
                "fps = true",
                "the setting rails.fps must be a table, for instance [rails.fps]",
            ),
            (
                "[fps]\ncolour = 'red'",
                "the rail fps cannot be opened: the rail's settings cannot be read",
            ),
            (
                "[fps]\nfee_per_item_cents = -1",
                "the rail fps cannot be opened: the setting fee_per_item_cents cannot be used: it must not be negative",
            ),
        ];
        for (text, expected) in rows {
            let error = Registry::from_tables(&table(text)).unwrap_err();
            let words = match error.source() {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn a_rail_listed_under_another_name_is_refused() {
        let entries = [Entry {
            id: "other",
            open: rails()[0].open,
        }];
        let error = Registry::of(&entries, &table("[other]")).unwrap_err();
        assert!(matches!(error, RegistryError::Misnamed { .. }), "{error}");
    }
}
