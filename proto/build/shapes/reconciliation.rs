//! The shape rules of requests about reconciliation.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    ("AssignBreakRequest", "name", "custom(crate::shape::name)"),
    (
        "AssignBreakRequest",
        "owner",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    ("GetBreakRequest", "name", "custom(crate::shape::name)"),
    (
        "GetReconciliationSummaryRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    ("GetReconciliationSummaryRequest", "from_day", "dive"),
    ("GetReconciliationSummaryRequest", "until_day", "dive"),
    ("ListBreaksRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListBreaksRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListBreaksRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListBreaksRequest",
        "class",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    (
        "ListBreaksRequest",
        "owner",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "ListBreaksRequest",
        "rail",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    ("ListMatchesRequest", "parent", "custom(crate::shape::name)"),
    (
        "ListMatchesRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListMatchesRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListMatchesRequest",
        "level",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    (
        "ListMatchesRequest",
        "rail",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    ("ListMatchesRequest", "day", "dive"),
    (
        "ProposeBreakResolutionRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ProposeBreakResolutionRequest",
        "resolution",
        "custom(crate::shape::present)",
    ),
    (
        "ProposeBreakResolutionRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ProposeBreakResolutionRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "Remittance",
        "lines",
        "custom(crate::shape::at_most(crate::shape::MAX_REVENUE_LINES)), dive",
    ),
    (
        "Remittance",
        "clawback_lines",
        "custom(crate::shape::at_most(crate::shape::MAX_REVENUE_LINES)), dive",
    ),
    ("ReopenBreakRequest", "name", "custom(crate::shape::name)"),
    (
        "ReopenBreakRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ReopenBreakRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
];
