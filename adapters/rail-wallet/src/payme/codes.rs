//! PayMe's words. Its status codes are not public: this table is ours, from the few that are known from use, and every
//! other code is unclear. To be held beside the developer site's list at onboarding.

use epay_rail::Finding;

use crate::facts::{Row, closed, payment, refund, refused, unknown};

/// Every word that we act on: `statusCode` of a payment request and of a refund, and `code` of an error.
pub const CODES: &[Row] = &[
    payment("PR001", Finding::Waiting),
    payment("PR004", Finding::Declined),
    payment("PR005", Finding::Settled),
    payment("PR007", Finding::Closed),
    payment("PR008", Finding::Closed),
    refund("RF001", Finding::RefundAccepted),
    refund("RF005", Finding::Refunded),
    refund("RF007", Finding::RefundRejected),
    refused("EB001"),
    refused("EB009"),
    unknown("EB002"),
    closed("EB010"),
    // Paid already: it is asked for.
    payment("EB011", Finding::Unclear),
];
