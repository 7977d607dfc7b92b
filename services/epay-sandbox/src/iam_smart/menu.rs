//! What can go wrong at iAM Smart, on request.

use crate::faults::MenuItem;

/// What the menu is called.
pub(super) const RAIL: &str = "iam_smart";

/// The content key is over.
pub(super) const KEY_EXPIRED: MenuItem = MenuItem {
    word: "key-expired",
    value: None,
    help: "the content key of the next sealed request has expired",
};
/// The answer is lost.
pub(super) const LOST_ANSWER: MenuItem = MenuItem {
    word: "lost-answer",
    value: None,
    help: "the next push message is taken and its answer breaks off",
};
/// Too busy.
pub(super) const BUSY: MenuItem = MenuItem {
    word: "busy",
    value: None,
    help: "the next push message is answered with 503",
};

/// The menu.
pub(super) const MENU: &[MenuItem] = &[KEY_EXPIRED, LOST_ANSWER, BUSY];
