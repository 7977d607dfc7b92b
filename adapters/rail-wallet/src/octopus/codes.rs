//! The adapter's words: our own, as `docs/octopus-redirect.md` lists them.

use epay_rail::Finding;

use crate::facts::{Row, both, closed, payment, refund, refused, unknown};

/// Every word that we act on: `status` of a payment and of a refund, and `code` of an error.
pub const CODES: &[Row] = &[
    payment("created", Finding::Waiting),
    both("pending", Finding::Waiting, Finding::RefundAccepted),
    payment("paid", Finding::Settled),
    payment("failed", Finding::Declined),
    payment("expired", Finding::Closed),
    payment("closed", Finding::Closed),
    refund("completed", Finding::Refunded),
    refund("rejected", Finding::RefundRejected),
    // The payer had to claim it and did not: the money is the merchant's again.
    refund("unclaimed", Finding::RefundRejected),
    refused("invalid_request"),
    refused("unauthorised"),
    refused("amount_too_large"),
    unknown("not_found"),
    closed("already_closed"),
    payment("already_paid", Finding::Unclear),
];
