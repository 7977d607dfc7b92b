//! AlipayHK's words, to be held beside the result codes of its pages (`pay`, `inquiryPayment`, `cancel`, `refund`).

use epay_rail::Finding;

use crate::facts::{Row, both, closed, payment, refund, refused, unknown};

/// Every word that we act on: `paymentStatus` and `refundStatus`, and the `resultCode` of a result that is not `S`.
pub const CODES: &[Row] = &[
    both("SUCCESS", Finding::Settled, Finding::Refunded),
    both("PROCESSING", Finding::Waiting, Finding::RefundAccepted),
    both("FAIL", Finding::Declined, Finding::RefundRejected),
    payment("CANCELLED", Finding::Closed),
    // The payer acted and AlipayHK has not decided.
    payment("PENDING", Finding::Unclear),
    // Results `U`: still under way; only these two say with what.
    payment("PAYMENT_IN_PROCESS", Finding::Waiting),
    refund("REFUND_IN_PROCESS", Finding::RefundAccepted),
    payment("UNKNOWN_EXCEPTION", Finding::Unclear),
    // Results `F`: certainly not carried out.
    refused("PARAM_ILLEGAL"),
    refused("INVALID_SIGNATURE"),
    refused("ACCESS_DENIED"),
    refused("MERCHANT_NOT_REGISTERED"),
    refused("REFUND_AMOUNT_EXCEED"),
    payment("USER_BALANCE_NOT_ENOUGH", Finding::Declined),
    payment("RISK_REJECT", Finding::Declined),
    closed("ORDER_IS_CLOSED"),
    closed("ORDER_IS_CANCELLED"),
    unknown("ORDER_NOT_EXIST"),
    unknown("REFUND_NOT_EXIST"),
    // The same name with other words, or a payment that stands: it is asked for.
    payment("REPEAT_REQ_INCONSISTENT", Finding::Unclear),
    payment("ORDER_STATUS_INVALID", Finding::Unclear),
];
