//! The only list of rails: one line each.
//!
//! A new rail is one folder, one dependency line and one line in [`rails`]. [`Registry`] opens the rails
//! that the configuration names, each with its own table (`[rails.fps]`), and hands them out by id. Nothing
//! here knows what a table holds, but for one word: `kind` says which line of the list opens the table when it is not
//! the one of the table's own name, so that one kind of rail can be open twice, with two counterparties.
#![deny(missing_docs, clippy::arithmetic_side_effects)]

mod registry;

pub use registry::{Registry, RegistryError};

use epay_money::RailId;
use epay_rail::{OpenError, Rail};

/// How a kind of rail is opened: under this id, with this table as TOML text.
pub type Open = fn(&RailId, &str) -> Result<Box<dyn Rail>, OpenError>;

/// A kind of rail.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name: the key of its table in the configuration, or the table's `kind`.
    pub id: &'static str,
    /// Opens it. The rail calls itself by the id that it is given.
    pub open: Open,
    /// Whether it signs with keys of its own, and so opens with no empty table.
    pub keyed: bool,
}

/// Every kind of rail there is.
#[must_use]
pub fn rails() -> Vec<Entry> {
    vec![
        keyed("alipay", rail_wallet::open_alipay),
        entry("card", rail_card::open),
        entry("echeque", rail_echeque::open),
        entry("fps", rail_fps::open),
        keyed("octopus", rail_wallet::open_octopus),
        keyed("payme", rail_wallet::open_payme),
        entry("pps", rail_pps::bill::open),
        entry("pps-checkout", rail_pps::checkout::open),
        keyed("wechat", rail_wallet::open_wechat),
    ]
}

const fn entry(id: &'static str, open: Open) -> Entry {
    let keyed = false;
    Entry { id, open, keyed }
}

const fn keyed(id: &'static str, open: Open) -> Entry {
    let keyed = true;
    Entry { id, open, keyed }
}
