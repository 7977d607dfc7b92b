//! The rails of one configuration, opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use epay_money::{IdError, RailId};
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
    /// A table for a kind of rail that does not exist.
    #[error("there is no rail {name:?}; the rails are: {known}")]
    UnknownRail {
        /// The table's key, or its `kind`.
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
    /// A `kind` that is not a text.
    #[error("the setting rails.{name}.kind must be the name of a rail")]
    BadKind {
        /// The table's key.
        name: String,
    },
    /// The table's key is no identifier.
    #[error("the table [rails.{name:?}] has not the name of a rail")]
    BadName {
        /// The table's key.
        name: String,
        /// What an identifier looks like.
        #[source]
        source: IdError,
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
    /// A rail that calls itself something else than it was told to. A fault of the program.
    #[error("the rail opened as {opened:?} calls itself {own:?}")]
    Misnamed {
        /// The id that it was opened under.
        opened: String,
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

    /// Opens every rail that needs no keys of its own, with its defaults.
    ///
    /// # Errors
    /// As [`Registry::from_tables`].
    pub fn with_defaults() -> Result<Self, RegistryError> {
        let empty = |entry: &Entry| (entry.id.to_owned(), toml::Table::new().into());
        let rails = rails();
        Self::from_tables(
            &rails
                .iter()
                .filter(|entry| !entry.keyed)
                .map(empty)
                .collect(),
        )
    }

    /// Adds a rail that no list names, in place of one with the same id: a simulated one, a test's own.
    pub fn add(&mut self, rail: Arc<dyn Rail>) {
        self.rails.insert(rail.profile().rail.clone(), rail);
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
            let rail = open(entries, name, value)?;
            opened.insert(rail.profile().rail.clone(), Arc::from(rail));
        }
        Ok(Self { rails: opened })
    }
}

/// The word of a table that is not the rail's own.
const KIND: &str = "kind";

fn open(
    entries: &[Entry],
    name: &str,
    value: &toml::Value,
) -> Result<Box<dyn Rail>, RegistryError> {
    let named = || name.to_owned();
    let Some(mut table) = value.as_table().cloned() else {
        return Err(RegistryError::NotATable { name: named() });
    };
    let kind = match table.remove(KIND) {
        None => named(),
        Some(toml::Value::String(kind)) => kind,
        Some(_) => return Err(RegistryError::BadKind { name: named() }),
    };
    let Some(entry) = entries.iter().find(|entry| entry.id == kind) else {
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
        let known = ids.join(", ");
        return Err(RegistryError::UnknownRail { name: kind, known });
    };
    let id = RailId::new(name).map_err(|source| RegistryError::BadName {
        name: named(),
        source,
    })?;
    let text = toml::to_string(&table).map_err(|source| RegistryError::Table {
        name: named(),
        source,
    })?;
    let rail = (entry.open)(&id, &text).map_err(|source| RegistryError::Open {
        name: named(),
        source,
    })?;
    let own = &rail.profile().rail;
    if *own != id {
        return Err(RegistryError::Misnamed {
            opened: named(),
            own: own.as_str().to_owned(),
        });
    }
    Ok(rail)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use epay_rail::OpenError;

    use super::{Registry, RegistryError};
    use crate::{Entry, rails};

    fn table(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    #[test]
    fn every_listed_rail_opens_with_its_defaults_under_its_own_id() {
        let registry = Registry::with_defaults().unwrap();
        for entry in rails() {
            let id = entry.id.parse().unwrap();
            if entry.keyed {
                let refused = (entry.open)(&id, "");
                let wants = matches!(refused, Err(OpenError::BadSetting { .. }));
                assert!(wants, "{id} opens without its keys");
                continue;
            }
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
                "there is no rail \"cheque\"; the rails are: {known}",
            ),
            (
                "fps = true",
                "the setting rails.fps must be a table, for instance [rails.fps]",
            ),
            (
                "[fps-b]\nkind = 'fpss'",
                "there is no rail \"fpss\"; the rails are: {known}",
            ),
            (
                "[fps-b]\nkind = 7",
                "the setting rails.fps-b.kind must be the name of a rail",
            ),
            (
                "['FPS B']\nkind = 'fps'",
                "the table [rails.\"FPS B\"] has not the name of a rail: rail must be 1 to 32 characters a-z, 0-9 or '-', beginning with a letter",
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
        let known: Vec<&str> = rails().iter().map(|entry| entry.id).collect();
        for (text, expected) in rows {
            let error = Registry::from_tables(&table(text)).unwrap_err();
            let words = match error.source() {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            assert_eq!(words, expected.replace("{known}", &known.join(", ")));
        }
    }

    #[test]
    fn one_kind_of_rail_can_be_open_twice_under_two_names() {
        let tables = table("[fps]\n[fps-b]\nkind = 'fps'\namount_max_cents = 500");
        let registry = Registry::from_tables(&tables).unwrap();
        let limits: Vec<_> = registry
            .iter()
            .map(|(id, rail)| (id.as_str(), rail.profile().amount_max))
            .collect();
        assert_eq!(limits, [("fps", 1_000_000_000), ("fps-b", 500)]);
    }

    #[test]
    fn a_rail_that_calls_itself_something_else_is_refused() {
        let entries = [Entry {
            keyed: false,
            id: "other",
            open: |_id, table| rail_fps::open(&"fps".parse().unwrap(), table),
        }];
        let error = Registry::of(&entries, &table("[other]")).unwrap_err();
        assert!(matches!(error, RegistryError::Misnamed { .. }), "{error}");
    }
}
