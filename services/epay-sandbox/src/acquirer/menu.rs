//! The faults that the acquirer plays, by the frame's words and some of its own.

use crate::faults::MenuItem;
use crate::faults::menu::{
    CHARGEBACK, DECLINED, LATE, LATE_SETTLEMENT, LOST_CAPTURE, NEVER, OUT_OF_ORDER, ROTATED_KEY,
    SHORT_SETTLEMENT, TWICE, UNKNOWN, WRONG_AMOUNT,
};

/// The rail that the acquirer stands behind.
pub(super) const RAIL: &str = "card";

/// The capture is answered late.
pub(super) const LATE_ANSWER: MenuItem = MenuItem {
    word: "late-answer",
    value: Some("25"),
    help: "the capture is done and answered this many seconds of real time later",
};
/// The capture is done and its answer lost.
pub(super) const LOST_ANSWER: MenuItem = MenuItem {
    word: "lost-answer",
    value: None,
    help: "the capture is done and its answer breaks off",
};
/// Captures are slow while this is ordered.
pub(super) const SLOW_CAPTURES: MenuItem = MenuItem {
    word: "slow-captures",
    value: Some("25"),
    help: "whatever capture comes while this is ordered is done and answered this many seconds of real time later",
};
/// Captures are cut off while this is ordered.
pub(super) const CUT_CAPTURES: MenuItem = MenuItem {
    word: "cut-captures",
    value: None,
    help: "whatever capture comes while this is ordered is done and its answer breaks off",
};
/// A dispute is won.
pub(super) const CHARGEBACK_WON: MenuItem = MenuItem {
    word: "chargeback-won",
    value: Some("10"),
    help: "the money of a chargeback comes back this many days after it",
};
/// Refunds are refused.
pub(super) const REFUND_REFUSED: MenuItem = MenuItem {
    word: "refund-refused",
    value: None,
    help: "every refund is refused",
};

/// How many words at the menu's end bend captures as they come. The others stay with an order from its first step on, so that what was
/// bent then is bent whenever it is captured; a rail that is ill for a while is well for everybody afterwards.
const OF_CAPTURES: usize = 2;

/// The menu.
pub(super) const MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_AMOUNT,
    ROTATED_KEY,
    DECLINED,
    UNKNOWN,
    LOST_CAPTURE,
    LATE_ANSWER,
    LOST_ANSWER,
    SHORT_SETTLEMENT,
    LATE_SETTLEMENT,
    CHARGEBACK,
    CHARGEBACK_WON,
    REFUND_REFUSED,
    SLOW_CAPTURES,
    CUT_CAPTURES,
];

const PARTS: (&[MenuItem], &[MenuItem]) = MENU.split_at(MENU.len() - OF_CAPTURES);

/// What stays with an order.
pub(super) const ORDER_MENU: &[MenuItem] = PARTS.0;

/// What bends captures as they come.
pub(super) const CAPTURE_MENU: &[MenuItem] = PARTS.1;
