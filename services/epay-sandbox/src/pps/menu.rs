//! The faults that PPS plays.

use crate::faults::MenuItem;
use crate::faults::menu::{
    DECLINED, LATE, LATE_SETTLEMENT, NEVER, OUT_OF_ORDER, ROTATED_KEY, SHORT_SETTLEMENT, TWICE,
    UNKNOWN, WRONG_AMOUNT,
};

/// The rail of bill payments.
pub(super) const BILL_RAIL: &str = "pps";
/// The rail of checkout.
pub(super) const CHECKOUT_RAIL: &str = "pps-checkout";

/// The day's file ends in totals that do not agree.
pub(super) const WRONG_TRAILER: MenuItem = MenuItem {
    word: "wrong-trailer",
    value: None,
    help: "the totals at the end of the file are one off",
};
/// The payer types a number that no bill has.
pub(super) const UNKNOWN_BILL: MenuItem = MenuItem {
    word: "unknown-bill",
    value: Some("9999999999999"),
    help: "the payment is for this bill number",
};
/// The payer pays three times on one day.
pub(super) const THREE_TIMES: MenuItem = MenuItem {
    word: "three-times",
    value: None,
    help: "the bill is paid three times",
};

/// Faults of one bill payment.
pub(super) const PAYMENT_MENU: &[MenuItem] = &[WRONG_AMOUNT, UNKNOWN_BILL, THREE_TIMES];
/// Faults of one file; its text is the file's id.
pub(super) const FILE_MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_TRAILER,
    SHORT_SETTLEMENT,
    LATE_SETTLEMENT,
];
/// Both.
pub(super) const BILL_MENU: &[MenuItem] = &[
    WRONG_AMOUNT,
    UNKNOWN_BILL,
    THREE_TIMES,
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_TRAILER,
    SHORT_SETTLEMENT,
    LATE_SETTLEMENT,
];
/// Faults of one attempt on the checkout page.
pub(super) const CHECKOUT_MENU: &[MenuItem] = &[
    LATE,
    TWICE,
    NEVER,
    OUT_OF_ORDER,
    WRONG_AMOUNT,
    ROTATED_KEY,
    DECLINED,
    UNKNOWN,
];
