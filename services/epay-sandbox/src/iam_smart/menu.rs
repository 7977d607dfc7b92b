//! What can go wrong at iAM Smart, on request.

use crate::arrivals::rules::{BUSY, GONE, LOST_ANSWER, NETWORK, PHONE_OFF};
use crate::faults::MenuItem;
use crate::faults::menu::{LATE, NEVER, OUT_OF_ORDER, TWICE};

/// What the menu is called.
pub(super) const RAIL: &str = "iam_smart";

/// The content key is over.
pub(super) const KEY_EXPIRED: MenuItem = MenuItem {
    word: "key-expired",
    value: None,
    help: "the content key of the next sealed request has expired",
};
/// No messages are wanted.
pub(super) const SWITCHED_OFF: MenuItem = MenuItem {
    word: "switched-off",
    value: None,
    help: "the person of the next push message wants none of this service",
};

/// The callback of a form says another state.
pub(super) const WRONG_STATE: MenuItem = MenuItem {
    word: "wrong-state",
    value: None,
    help: "the callback of the next form has another state",
};

/// What may go wrong with the callback of a form.
pub(super) const FORM_MENU: &[MenuItem] = &[WRONG_STATE, LATE, TWICE, NEVER, OUT_OF_ORDER];

/// What may go wrong with a push message and its receipt.
pub(super) const PUSH_MENU: &[MenuItem] = &[
    BUSY,
    LOST_ANSWER,
    SWITCHED_OFF,
    PHONE_OFF,
    GONE,
    NETWORK,
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
];

/// The menu.
pub(super) const MENU: &[MenuItem] = &[
    KEY_EXPIRED,
    WRONG_STATE,
    BUSY,
    LOST_ANSWER,
    SWITCHED_OFF,
    PHONE_OFF,
    GONE,
    NETWORK,
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
];
