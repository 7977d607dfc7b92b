//! The shape rules of requests about recalls.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    ("DeclineRecallRequest", "name", "custom(crate::shape::name)"),
    (
        "DeclineRecallRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_RECALL_REASON))",
    ),
    ("ListRecallsRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListRecallsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListRecallsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    ("RecallRefundRequest", "name", "custom(crate::shape::name)"),
    (
        "RecallRefundRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_RECALL_REASON))",
    ),
    ("ReturnRecallRequest", "name", "custom(crate::shape::name)"),
    (
        "ReturnRecallRequest",
        "receipt",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ReturnRecallRequest",
        "consent",
        "custom(crate::shape::up_to(crate::shape::MAX_REASON))",
    ),
    (
        "ReturnRecallRequest",
        "payout_account",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ReturnRecallRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
];
