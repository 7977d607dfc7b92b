//! WeChat Pay's words, to be held beside its pages "Query Order", "Query Single Refund" and "Error codes" (API v3).

use epay_rail::Finding;

use crate::facts::{Row, both, closed, payment, refund, refused, unknown};

/// Every word that we act on: `trade_state`, a refund's `status`, and the `code` of an error.
pub const CODES: &[Row] = &[
    both("SUCCESS", Finding::Settled, Finding::Refunded),
    // Paid, and given back in part or whole later: each refund is told by its own number.
    payment("REFUND", Finding::Settled),
    payment("NOTPAY", Finding::Waiting),
    payment("USERPAYING", Finding::Waiting),
    payment("CLOSED", Finding::Closed),
    payment("REVOKED", Finding::Closed),
    payment("PAYERROR", Finding::Declined),
    refund("PROCESSING", Finding::RefundAccepted),
    refund("REFUNDCLOSE", Finding::RefundRejected),
    // The payee's card takes no money any more: where it is, only the merchant platform says.
    refund("ABNORMAL", Finding::Unclear),
    refused("PARAM_ERROR"),
    refused("INVALID_REQUEST"),
    refused("SIGN_ERROR"),
    refused("NO_AUTH"),
    refused("MCH_NOT_EXISTS"),
    refused("NOT_ENOUGH"),
    closed("ORDER_CLOSED"),
    unknown("ORDER_NOT_EXIST"),
    unknown("RESOURCE_NOT_EXISTS"),
    // Money came: the order is asked for.
    payment("ORDER_PAID", Finding::Unclear),
    payment("OUT_TRADE_NO_USED", Finding::Unclear),
    payment("SYSTEM_ERROR", Finding::Unclear),
];
