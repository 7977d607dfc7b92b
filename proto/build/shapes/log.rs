//! Rules for the requests of the log.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    (
        "GetConsistencyProofRequest",
        "first_head",
        "custom(crate::shape::name)",
    ),
    (
        "GetConsistencyProofRequest",
        "head",
        "custom(crate::shape::name)",
    ),
    (
        "GetInclusionProofRequest",
        "head",
        "custom(crate::shape::up_to(crate::shape::MAX_NAME))",
    ),
    (
        "GetInclusionProofRequest",
        "journal",
        "custom(crate::shape::name)",
    ),
    ("GetLogHeadRequest", "name", "custom(crate::shape::name)"),
    (
        "ListLogHeadsRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListLogHeadsRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "ListReceiptProofsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
];
