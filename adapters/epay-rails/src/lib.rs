//! The only list of rails: one line each.
//!
//! A new rail is one folder, one dependency line and one line in [`rails`]. [`Registry`] opens the rails
//! that the configuration names, each with its own table (`[rails.fps]`), and hands them out by id. Nothing
//! here knows what a table holds: the rail parses it.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod registry;

pub use registry::{Registry, RegistryError};

use epay_rail::{OpenError, Rail};

/// A rail that can be opened.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The rail's id: the key of its table in the configuration.
    pub id: &'static str,
    /// Opens it with its own table as TOML text.
    pub open: fn(&str) -> Result<Box<dyn Rail>, OpenError>,
}

/// Every rail there is.
#[must_use]
pub fn rails() -> Vec<Entry> {
    vec![entry("fps", rail_fps::open)]
}

const fn entry(id: &'static str, open: fn(&str) -> Result<Box<dyn Rail>, OpenError>) -> Entry {
    Entry { id, open }
}
