//! The shape rules of requests about days, feeds and periods.

/// `(message, field, rule)`.
pub(super) const RULES: &[(&str, &str, &str)] = &[
    ("CloseDayRequest", "name", "custom(crate::shape::name)"),
    (
        "GetBusinessDayRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    ("ListFeedsRequest", "parent", "custom(crate::shape::name)"),
    ("GetFeedFileRequest", "name", "custom(crate::shape::name)"),
    (
        "ListFeedFilesRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListFeedAlertsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListFeedDeliveriesRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "ListFeedDeliveriesRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListFeedDeliveriesRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "RedeliverFeedFileRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "StreamEventsRequest",
        "parent",
        "custom(crate::shape::name)",
    ),
    (
        "StreamEventsRequest",
        "cursor",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    ("StreamFeedRequest", "parent", "custom(crate::shape::name)"),
    (
        "DownloadFeedFileRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "AcknowledgeFeedFileRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "CloseDayRequest",
        "late_rails",
        "custom(crate::shape::at_most(crate::shape::MAX_RAILS))",
    ),
    (
        "CloseDayRequest",
        "reason",
        "custom(crate::shape::up_to(crate::shape::MAX_REASON))",
    ),
    (
        "ListFeedFilesRequest",
        "page_size",
        "custom(crate::shape::page_size)",
    ),
    (
        "ListFeedFilesRequest",
        "page_token",
        "custom(crate::shape::page_token)",
    ),
    (
        "StreamFeedRequest",
        "cursor",
        "custom(crate::shape::up_to(crate::shape::MAX_CODE))",
    ),
    (
        "FeedFileRefused",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    ("ListPeriodsRequest", "parent", "custom(crate::shape::name)"),
    (
        "ProposePeriodCloseRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ProposePeriodCloseRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ProposePeriodCloseRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
    (
        "ProposePeriodReopenRequest",
        "name",
        "custom(crate::shape::name)",
    ),
    (
        "ProposePeriodReopenRequest",
        "reason",
        "custom(crate::shape::between(1, crate::shape::MAX_REASON))",
    ),
    (
        "ProposePeriodReopenRequest",
        "idempotency_key",
        "custom(crate::shape::key)",
    ),
];
