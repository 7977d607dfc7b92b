//! The faults of statements.

use crate::faults::MenuItem;
use crate::faults::menu::OUT_OF_ORDER;

/// What stands for a rail here.
pub(super) const RAIL: &str = "statement";

/// A number is left out.
pub(super) const GAP: MenuItem = MenuItem {
    word: "gap",
    value: Some("1"),
    help: "so many numbers are left out before it",
};
/// Two statements have one id.
pub(super) const TWO_WITH_ONE_ID: MenuItem = MenuItem {
    word: "two-with-one-id",
    value: None,
    help: "a second file under the same id says something else",
};
/// It closes with another balance than the account.
pub(super) const WRONG_CLOSING: MenuItem = MenuItem {
    word: "wrong-closing",
    value: Some("100"),
    help: "it closes with so many cents more than the account",
};
/// Its last entry is not told.
pub(super) const MISSING_ENTRY: MenuItem = MenuItem {
    word: "missing-entry",
    value: None,
    help: "its last entry is left out",
};
/// Its first entry is told twice.
pub(super) const DUPLICATE_ENTRY: MenuItem = MenuItem {
    word: "duplicate-entry",
    value: None,
    help: "its first entry is told twice",
};
/// One of its rows cannot be read.
pub(super) const GARBLED_ENTRY: MenuItem = MenuItem {
    word: "garbled-entry",
    value: None,
    help: "the amount of its first entry is no amount",
};

/// Faults of one statement; its text is the account's number.
pub(super) const MENU: &[MenuItem] = &[
    GAP,
    OUT_OF_ORDER,
    TWO_WITH_ONE_ID,
    WRONG_CLOSING,
    MISSING_ENTRY,
    DUPLICATE_ENTRY,
    GARBLED_ENTRY,
];
